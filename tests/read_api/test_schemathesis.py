"""The API, tried by what its own description says, with values that nobody thought of. Bounded: a few of each.

That a value which fits the description is refused is no fault here: which agencies and days there are is the plan's.
"""

import pytest
import schemathesis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from plans.api import readers
from plans.api.description import describe

EXAMPLES = 8
NO_ANSWER = 500

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def schema():
    return schemathesis.openapi.from_dict(describe("http://testserver"))


@pytest.fixture
def site(plan, opened, monkeypatch):
    """The site, which counts no requests, with Year Two in it."""
    monkeypatch.setattr(readers, "MOST_REQUESTS", 1_000_000)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
    return get_wsgi_application()


OPERATIONS = sorted(describe("")["paths"])


@pytest.mark.parametrize("path", OPERATIONS)
def test_what_the_description_allows_is_answered_as_it_says(schema, site, path):
    schema.app = site
    operation = schema[path]["GET"]

    @effort(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(), is_ours=st.booleans())
    def ask(case, is_ours):
        if is_ours and case.path_parameters:
            case.path_parameters["plan"] = "year-two"
        response = case.call(headers={"Accept-Encoding": "identity"})
        assert response.status_code < NO_ANSWER
        case.validate_response(response, excluded_checks=[positive_data_acceptance])

    ask()
