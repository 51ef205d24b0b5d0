"""Links that leave the site carry its own address, whatever the request says the site is called."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.test import override_settings

from plans.accounts import post_room
from plans.models import ReportingRound
from tests.mailing import mail_settings
from tests.views.conftest import open_reading, year_two  # noqa: F401

SITE = "https://tracker.example.govt.nz"
ODD = {"headers": {"host": "127.0.0.1:6666"}}
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(params=[SITE, ""])
def begins_with(request, settings):
    """What links begin with: the site's address where it is set, otherwise what the request says."""
    settings.SITE_URL = request.param
    return request.param or "http://127.0.0.1:6666"


@pytest.fixture
def december(year_two):  # noqa: F811
    days = {"opened_on": "2026-10-01", "due_on": "2026-11-30"}
    return ReportingRound.objects.create(plan=year_two, name="December quarter", **days)


def texts_in(content):
    """All text in a workbook, or in each workbook of an archive."""
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            inner = archive.read(name)
            yield from texts_in(inner) if name.endswith(".xlsx") else [inner.decode("utf-8", "replace")]


def addresses(text):
    return set(re.findall(r"https?://(?:127|tracker)[^/\"<\s]*", text))


def test_invitation_leads_to_the_site_itself(programme_admin, begins_with):
    programme_admin.post("/people/invite/", {"email": "new@police.example", "name": "New updater"}, **ODD)

    assert addresses(mail.outbox[0].body) == {begins_with}


def test_password_link_leads_to_the_site_itself(visitor, make_user, begins_with):
    person = make_user("updater@police.example", password="correct horse battery")
    visitor.post("/accounts/password/reset/", {"email": person.email}, **ODD)
    post_room.submit(int).result()

    assert addresses(mail.outbox[0].body) == {begins_with}
    path = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    assert visitor.get(path).status_code == 302


def test_reminder_leads_to_the_site_itself(programme_admin, police_updater, december, begins_with):
    address = f"/plans/year-two/rounds/{december.pk}/chase/"
    page = programme_admin.get(address, **ODD)
    programme_admin.post(address, {"agency": "police"}, **ODD)

    assert [addresses(one.text) for one in page.context["previews"]] == [{begins_with}]
    assert [addresses(one.body) for one in mail.outbox] == [{begins_with}]


@pytest.mark.parametrize(
    "address",
    [
        "activities.xlsx?status=no_update",
        "activities/5/record.xlsx",
        "agencies/police/fill-in.xlsx",
        "fill-in.zip",
    ],
)
def test_workbook_leads_to_the_site_itself(programme_admin, year_two, begins_with, address):  # noqa: F811
    answer = programme_admin.get(f"/plans/year-two/{address}", **ODD)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content

    assert {found for text in texts_in(content) for found in addresses(text)} == {begins_with}


def test_no_code_asks_the_request_what_the_site_is_called(settings):
    asked = re.compile(r"build_absolute_uri|get_current_site|request\.get_host")
    found = {
        f"{path.relative_to(settings.BASE_DIR)}: {hit}"
        for folder in ("plans", "rocc")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        for hit in asked.findall(path.read_text())
    }

    # The second asks whether a form was sent from here, the third keeps copies of a page apart by how it was asked for.
    assert found == {
        "plans/outgoing.py: build_absolute_uri",
        "plans/views/form_recovery.py: request.get_host",
        "plans/fast/conditional_page.py: request.get_host",
    }


@pytest.mark.parametrize(
    ("site", "backend", "ids"),
    [
        ("", SMTP, ["plans.W001"]),
        ("", "django.core.mail.backends.console.EmailBackend", []),
        (SITE, SMTP, []),
        ("https://other.example.govt.nz:8443", SMTP, ["plans.W002"]),
        ("http://[::1]:8000", SMTP, []),
    ],
)
def test_deployment_check_says_when_mail_would_lead_astray(site, backend, ids):
    hosts = ["tracker.example.govt.nz", "[::1]"]
    sender = "Tracker <tracker@example.govt.nz>"
    with override_settings(SITE_URL=site, ALLOWED_HOSTS=hosts, DEFAULT_FROM_EMAIL=sender, **mail_settings(backend)):
        found = [one for one in run_checks(include_deployment_checks=True) if one.id.startswith("plans.")]

    assert [one.id for one in found] == ids
    assert all("ROCC_SITE_URL" in one.msg and one.hint for one in found)
