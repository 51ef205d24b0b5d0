"""A provider that asked for a second step is believed where its setting says so, and nowhere else."""

from dataclasses import replace

import pytest

from plans.actions.sign_in_links import link
from plans.ways_to_sign_in import provider_called
from tests.second_steps import App
from tests.single_sign_on.conftest import Browser

CHECK = "/accounts/second-step/check/"


@pytest.fixture
def linked(provider, person):
    """The person, linked to subject 1 of Police."""
    link(person=person, provider=provider_called("police"), subject="subject-1", by=person)
    return person


@pytest.fixture
def trusted(provider, settings):
    settings.ROCC_SSO = [replace(one, second_step=("mfa", "urn:two")) for one in settings.ROCC_SSO]
    return provider.police


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acr": "urn:two"}])
def test_step_of_a_provider_that_is_trusted_is_enough(browser, linked, trusted, claims):
    App(linked)
    trusted.claims = claims

    assert browser.sign_in()["Location"] != CHECK
    assert browser.person_id == str(linked.pk)


@pytest.mark.parametrize("claims", [{}, {"amr": ["pwd"]}, {"amr": "mfa"}, {"acr": ["mfa"]}, {"amr": [{}, None]}])
def test_provider_that_does_not_say_so_is_not_enough(browser, linked, trusted, claims):
    App(linked)
    trusted.claims = claims

    assert browser.sign_in()["Location"] == CHECK
    assert browser.person_id is None


def test_provider_that_is_not_trusted_is_not_enough(browser, linked, provider):
    App(linked)
    provider.police.claims = {"amr": ["mfa"]}

    assert browser.sign_in()["Location"] == CHECK


def test_admin_whose_provider_asked_needs_no_step_of_ours(linked, trusted, settings):
    settings.ROCC_MFA = "required"
    linked.is_superuser = linked.is_staff = True
    linked.save()

    without, within = Browser(), Browser()
    without.sign_in()
    trusted.claims = {"amr": ["mfa"]}
    within.sign_in()

    assert without.get("/manage/")["Location"] == "/accounts/second-step/"
    assert within.get("/manage/").status_code == 200
