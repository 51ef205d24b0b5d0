"""No address and no parameter is too absurd to be answered: a page, a refusal, a redirect; never a fault of ours."""

import re
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.db import connection
from django.http import QueryDict

from tests.test_addresses import as_role, plans  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.walking import addresses_of_the_admin, addresses_of_the_site, routes_without

TOO_LARGE = "99999999999999999999"
# What numbers, days and texts of a database may stumble over; what only reading an address may is tried on one engine.
TO_AN_ENGINE = [
    TOO_LARGE,
    "9999-12-31",
    "0001-01-01",
    "-1",
    f"-{TOO_LARGE}",
    "9" * 400 + ".5e999",
    "a" * 10_000,
    "'\"%_\\",
]
TO_PYTHON = ["²", "1" * 5_000, "nan", "0000-00-00", "["]
VALUES = TO_AN_ENGINE + (TO_PYTHON if connection.vendor == "sqlite" else [])
IN_THE_ADMIN = [TOO_LARGE, "²", "1" * 5_000, "9999-12-31", "0001-01-01"]
# What is no text at all: refused before anything looks at it.
MALFORMED = ["%00", "%ED%A0%80", "%FF"]
IN_A_PATH = [TOO_LARGE, "0", "-1", "٣", "1" * 5_000, "a" * 1_000, "x%00y", "%ED%A0%80", "..", "_3F", "1_2F..", "'"]
# What the administration reads of an address as a whole, rather than by name.
OF_ANY_LIST = ("q", "p", "o", "all", "e", "_popup", "_to_field", "_facets", "_changelist_filters")


@pytest.fixture
def client(as_role):  # noqa: F811
    """A superuser, to whom every address is open."""
    return as_role("superuser")


@pytest.fixture
def read_names(monkeypatch):
    """The names of the parameters that were asked for since the last look, in a set that is emptied by looking."""
    names = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, _recorded(getattr(QueryDict, method), names))

    def look():
        found = sorted(names)
        names.clear()
        return found

    return look


def _recorded(method, names):
    def record(self, key, *args, **kwargs):
        names.add(key)
        return method(self, key, *args, **kwargs)

    return record


def status(client, address):
    """The status of an answer, or in words what was raised instead."""
    try:
        response = client.get(address)
        # What is made while it is sent.
        if response.streaming:
            list(response)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the fault that is looked for
        return f"{type(error).__name__}: {error}"[:100]
    return response.status_code


def faults(client, addresses):
    """{address: what went wrong} of those that end in a fault."""
    found = {address[:100]: status(client, address) for address in addresses}
    return {address: one for address, one in found.items() if isinstance(one, str) or one >= 500}


def with_names(client, read_names, addresses):
    """Yield (address without its query, the names that it reads) for those that read any."""
    for address in dict.fromkeys(one.partition("?")[0] for one in addresses):
        read_names()
        client.get(address)
        if names := [name for name in read_names() if name != "csrfmiddlewaretoken"]:
            yield address, names


def test_every_parameter_of_the_site_may_be_absurd(plans, client, read_names):  # noqa: F811
    read = dict(with_names(client, read_names, addresses_of_the_site()))
    asked = [
        f"{address}?{urlencode({name: value})}" for address, names in read.items() for name in names for value in VALUES
    ]
    asked += [f"{address}?{names[0]}={value}" for address, names in read.items() for value in MALFORMED]

    assert faults(client, asked) == {}
    # What is listed and what pages are made of is asked for by name.
    assert {"q", "sort", "page", "agency", "person", "kind", "receipt", "next", "link", "back"} <= {
        name for names in read.values() for name in names
    }


def lists_of_the_admin():
    """{address: the names that a list of the administration takes}."""
    found = {}
    for model, model_admin in admin.site._registry.items():
        names = {*OF_ANY_LIST, "pk__exact", "id__in", "no_such__field"}
        for one in model_admin.list_filter:
            field = one if isinstance(one, str) else getattr(one, "parameter_name", None) or one[0]
            names |= {field, f"{field}__exact", f"{field}__id__exact", f"{field}__gte", f"{field}__isnull"}
        if day := model_admin.date_hierarchy:
            names |= {f"{day}__{part}" for part in ("year", "month", "day", "gte", "lt")}
        found[f"/admin/{model._meta.app_label}/{model._meta.model_name}/"] = sorted(names)
    return found


def test_every_parameter_of_a_list_in_the_admin_may_be_absurd(plans, client):  # noqa: F811
    asked = [
        f"{address}?{urlencode({name: value})}"
        for address, names in lists_of_the_admin().items()
        for name in names
        for value in IN_THE_ADMIN
    ]

    assert faults(client, asked) == {}


def test_every_parameter_of_another_page_in_the_admin_may_be_absurd(plans, client, read_names):  # noqa: F811
    addresses = set(addresses_of_the_admin()) - set(lists_of_the_admin())
    read = dict(with_names(client, read_names, sorted(addresses)))
    read["/admin/autocomplete/"] = ["app_label", "model_name", "field_name", "term", "page"]
    known = {"app_label": "plans", "model_name": "activityagency", "field_name": "agency"}
    asked = [
        f"{address}?{urlencode({**(known if 'autocomplete' in address else {}), name: value})}"
        for address, names in read.items()
        for name in names
        for value in (VALUES if "autocomplete" in address else IN_THE_ADMIN[:2])
    ]

    assert faults(client, asked) == {}


def absurd_paths(address):
    """Yield `address` with each of its parts that differs from row to row made absurd in turn."""
    path = address.partition("?")[0]
    parts = path.split("/")
    for place, part in enumerate(parts):
        if re.search(r"\d|year-two|police|supply|p4", part):
            for value in IN_A_PATH:
                yield "/".join([*parts[:place], value if "%" in value else quote(value), *parts[place + 1 :]])


def test_every_part_of_a_path_may_be_absurd(plans, client):  # noqa: F811
    addresses = [*addresses_of_the_site(), *addresses_of_the_admin()]
    asked = {path for address in addresses for path in absurd_paths(address)}

    assert faults(client, sorted(asked)) == {}
    assert routes_without(addresses) == set()
