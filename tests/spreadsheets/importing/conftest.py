import os
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from plans.choices import ImportScope
from plans.models import Plan
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.outcome import Options
from tests.kept_database import copy_of_migrated, create_migrated


@pytest.fixture
def plan(year_two_of_module, db):
    return Plan.objects.get()


@pytest.fixture
def admin(make_user):
    return make_user("admin@programme.example", is_superuser=True)


@pytest.fixture
def bring(plan, admin):
    """Keeps a file of these lines and checks it, taking off what it leaves out; answers the import."""

    def run(*lines, **options):
        options.setdefault("answers", {"items": "theirs", "agencies": "theirs"})
        content = "\n".join(lines).encode()
        source = workflow.keep_file(
            plan, content, "plan.csv", by=admin, scope=ImportScope.PLAN, options=Options(**options)
        )
        workflow.run_check(source)
        return source

    return run


@pytest.fixture
def imported(bring, admin):
    """Keeps, checks and applies a file of these lines; answers the import."""

    def run(*lines, **options):
        source = bring(*lines, **options)
        workflow.run_apply(source, admin)
        assert (source.state, source.problem) == ("applied", "")
        return source

    return run


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_setup, django_db_blocker):
    """The address of a database of its own, on the engine that the tests are for, migrated where that costs nothing."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "plan.sqlite3"
        copy_of_migrated(path)
        yield f"sqlite:///{path}"
        return
    address, name = os.environ["TEST_DATABASE_URL"], f"rocc_processes_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        create_migrated(server, name)
        yield urlsplit(address)._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
