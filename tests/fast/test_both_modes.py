"""Every page and every file is the same, byte for byte, with the tricks for speed and without them."""

import io
import re
import zipfile

import pytest
from django.urls import reverse

from plans.choices import Group, Sort, View
from tests.test_addresses import ROLES, as_role, plans  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.walking import addresses_of_the_admin, addresses_of_the_site

LIST = "/plans/year-two/activities"
ARRANGED = [
    *(f"?sort={one}" for one in Sort),
    *(f"?group={one}" for one in Group),
    *(f"?view={one}" for one in View),
    "?page=2",
]
FILTERED = [
    "?q=gang",
    "?q=5",
    "?q=zzz",
    "?q=gang+harm&agency=police&role=lead",
    "?agency=police&agency=swa&agency=none",
    "?role=support&status=at_risk&status=no_update",
    "?focus=supply&priority=p4&freshness=never&description=finalised",
    "?agency=nobody",
    "?colour=red",
]
PAGES = [f"{LIST}/{query}" for query in [*ARRANGED, *FILTERED]]
BARRIERS = [f"/plans/year-two/barriers{kind}?agency=police" for kind in ("/", ".csv", ".xlsx")]
DATES = [f"/plans/year-two/dates{kind}?sort=-days" for kind in ("/", ".csv", ".xlsx")]
CHECKS = [f"/plans/year-two/checks{kind}?agency=police" for kind in ("/", ".csv", ".xlsx")]
COMPARED = [f"/plans/year-two/compare{kind}?agency=police" for kind in ("/", ".csv", ".xlsx")]
SINCE = [f"/plans/year-two/?since={day}" for day in ("2024-07-01", "soon")]
FILES = [f"{LIST}.{kind}{query}" for kind in ("csv", "xlsx") for query in ["?sort=-updated", *FILTERED]]
# A query is prepared for an engine, whoever asks it: as the other roles, tests walk on one engine.
ON_BOTH_ENGINES = ("open visitor", "police_updater", "programme_admin")
WALKED_BY = [role if role in ON_BOTH_ENGINES else pytest.param(role, marks=pytest.mark.sqlite_only) for role in ROLES]
# What is drawn by lot each time.
DRAWN = re.compile(rb'(name="(?:csrfmiddlewaretoken|form_key)" value=")[^"]*"')
DRAWN_ALL_OVER = {reverse("mfa_activate_totp"), reverse("mfa_add_webauthn")}
"""Addresses of pages that draw a secret or a challenge each time, and a picture of it."""


@pytest.fixture(autouse=True)
def clock_stands_still(time_machine):
    """Files say when they were made, and pages how long ago something was."""
    time_machine.move_to("2026-11-30T12:00:00+13:00", tick=False)


def answer(client, address, **headers):
    """What a client is told at an address, without what is drawn by lot."""
    response = client.get(address, headers=headers)
    # What a redirect leaves for the next page to say is shown once, so that the second answer would lack it.
    client.cookies.pop("messages", None)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    told = {name: response.get(name) for name in ("Content-Type", "Content-Disposition", "Location", "Cache-Control")}
    return response.status_code, told, DRAWN.sub(rb"\1", content)


def differing(client, addresses, settings, **headers):
    """The addresses whose answer without the tricks is another than with them, the first time or the second."""
    found = []
    for address in addresses:
        told = []
        for is_on in (True, False, True):
            settings.ROCC_FAST = is_on
            told.append(answer(client, address, **headers))
        if not told[0] == told[1] == told[2]:
            found.append(address)
    return found


@pytest.mark.parametrize("role", WALKED_BY)
def test_every_address_of_the_site_answers_the_same(plans, as_role, settings, role):  # noqa: F811
    addresses = [one for one in addresses_of_the_site() if one not in DRAWN_ALL_OVER]

    assert differing(as_role(role), addresses, settings) == []


def test_every_list_and_export_is_the_same(plans, as_role, settings):  # noqa: F811
    client = as_role("police_updater")

    assert differing(client, PAGES + FILES + BARRIERS + DATES + CHECKS + COMPARED + SINCE, settings) == []
    assert differing(client, PAGES, settings, **{"HX-Request": "true"}) == []


@pytest.mark.sqlite_only
def test_every_address_of_the_administration_answers_the_same(plans, as_role, settings):  # noqa: F811
    assert differing(as_role("superuser"), addresses_of_the_admin(), settings) == []


def test_answers_are_compared_to_the_byte(plans, as_role, settings):  # noqa: F811
    client = as_role("open visitor")
    told = {address: answer(client, address) for address in PAGES + FILES}

    assert len({content for _, _, content in told.values()}) > len(told) / 2
    assert {status for status, _, _ in told.values()} == {200, 400}
    workbook = told[f"{LIST}.xlsx?q=gang"][2]
    assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(workbook)).namelist()
