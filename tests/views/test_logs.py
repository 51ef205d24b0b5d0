"""What the log tells of a request, and what it never tells of a person."""

import io
import json
import logging
import logging.config
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.db import Error
from django.test import Client

from plans.views import browse
from rocc import logs
from tests.test_environment import KEY
from tests.views.page import Page


def _handler(kind):
    configured = logs.configuration(SimpleNamespace(log_level="INFO", log_format=kind))
    stream = io.StringIO()
    configurator = logging.config.DictConfigurator(configured)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(configurator.configure_formatter(configured["formatters"][kind]))
    handler.addFilter(logs.Discretion())
    return handler, stream


@pytest.fixture
def log():
    """Answers the lines logged so far, each a dict, as a site writes them: `log()`, `log("rocc.access")`."""
    handler, stream = _handler("json")
    logging.getLogger().addHandler(handler)
    yield lambda name=None: [
        line for line in map(json.loads, stream.getvalue().splitlines()) if name in (None, line["logger"])
    ]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def careless():
    """A client that gets the page that a broken view gives, not the exception."""
    return Client(raise_request_exception=False)


def test_request_is_one_line_without_its_query(db, open_reading, client, log):
    response = client.get("/plans/?q=a+name")

    (line,) = log("rocc.access")
    size = len(response.content)
    told = {name: line[name] for name in ("level", "method", "path", "status", "bytes", "user")}
    assert told == {
        "level": "INFO",
        "method": "GET",
        "path": "/plans/",
        "status": 200,
        "bytes": size,
        "user": None,
    }
    assert line["message"] == f"GET /plans/ 200 {line['ms']}ms {size}B user=None"
    assert line["request_id"] == response["X-Request-ID"]


def test_line_names_a_person_by_number(reader, log):
    reader.get("/plans/")

    assert log("rocc.access")[0]["user"] == reader.user.pk
    assert reader.user.email not in json.dumps(log())


def test_file_that_is_made_while_it_is_sent_is_counted(year_two, client, log):
    response = client.get("/plans/year-two/activities.csv")
    before = log("rocc.access")
    size = len(b"".join(response.streaming_content))

    assert (before, [line["bytes"] for line in log("rocc.access")]) == ([], [size])
    assert size > 5000


@pytest.mark.parametrize("number", ["a", "Edge-1.2_3", "x" * 64])
def test_number_of_the_web_server_before_is_kept(db, client, log, number):
    response = client.get("/healthz", headers={"x-request-id": number})

    assert response["X-Request-ID"] == log("rocc.access")[0]["request_id"] == number


@pytest.mark.parametrize("number", ["", "x" * 65, "two words", "line\nbreak", "ā", '"', "a\n"])
def test_number_that_is_no_number_is_replaced(db, client, log, number):
    response = client.get("/healthz", headers={"x-request-id": number})

    assert response["X-Request-ID"] == log("rocc.access")[0]["request_id"] != number
    assert len(response["X-Request-ID"]) == 16


def test_every_line_of_a_request_has_its_number_and_none_after_it(db, careless, open_reading, log, monkeypatch):
    monkeypatch.setattr(browse, "plan_list", None)
    response = careless.get("/nowhere/?q=a+name")
    logging.getLogger("elsewhere").warning("Later")

    assert [(line["logger"], line["request_id"]) for line in log()] == [
        ("rocc.access", response["X-Request-ID"]),
        ("django.request", response["X-Request-ID"]),
        ("elsewhere", "-"),
    ]
    assert "name" not in json.dumps([line["message"] for line in log()] + [sorted(log()[1])])


def test_page_for_what_broke_says_the_number_of_the_log(year_two, careless, log, monkeypatch):
    def broken(plan, on):
        raise RuntimeError("inner workings")

    monkeypatch.setattr(browse, "summarise_plan", broken)

    page = Page(careless.get("/plans/year-two/"), 500)

    (line,) = [line for line in log() if "exc_info" in line]
    assert f"Reference number: {line['request_id']}" in page.text
    assert "inner workings" in line["exc_info"]


def test_key_of_a_link_that_sets_a_password_is_in_no_line(db, client, log):
    address = "/accounts/password/reset/key/1-secret/"
    client.get(address)
    Client(enforce_csrf_checks=True).post(address)

    assert {line["path"] for line in log("rocc.access")} == {"/accounts/password/reset/key/-/"}
    assert len(log()) > 2
    assert "secret" not in json.dumps(log())


@pytest.mark.parametrize(
    "address",
    [
        "/u/secret.sign/",
        "/u/secret.sign",
        "/not-me/secret.sign/",
        "/feeds/secret.sign.ics",
        "/feeds/secret.sign/activities/7/due.ics",
        "/unsubscribe/secret.sign/",
    ],
)
def test_link_that_asks_nobody_to_sign_in_is_in_no_line(db, careless, log, address):
    careless.get(address)
    careless.get(f"{address}?secret=1")
    Client(enforce_csrf_checks=True).post(address)
    logging.getLogger("gunicorn.error").error("Error handling request %s", address)
    logging.getLogger("elsewhere").error("Could not open %s", f"https://site.example{address}")
    logging.getLogger("elsewhere").error("Broken", exc_info=RuntimeError(f'no "{address}"'))

    assert len(log()) > 5
    assert "secret" not in json.dumps(log())


def test_line_break_in_an_address_begins_no_line(db, client):
    handler, stream = _handler("text")
    logging.getLogger().addHandler(handler)
    client.get("/nowhere%0A2026-01-01T00:00:00 INFO forged")
    logging.getLogger().removeHandler(handler)

    assert [line.split()[2] for line in stream.getvalue().splitlines()] == ["rocc.access", "django.request"]


def test_query_in_the_lines_of_the_web_server_is_left_out(log):
    logging.getLogger("gunicorn.error").error("Error handling request %s %s", "GET", "/plans/?q=a+name")

    assert log()[0]["message"] == "Error handling request GET /plans/?-"


@pytest.mark.postgresql_only
def test_row_that_the_database_quotes_is_left_out(make_user, log):
    # Made by itself: a traceback shows the code that failed.
    address = make_user("somebody@agency.example").email
    again = get_user_model()(email=address, password=KEY)
    try:
        get_user_model().objects.bulk_create([again])
    except Error:
        logging.getLogger("elsewhere").exception("Refused")

    assert "somebody@agency.example" not in json.dumps(log())
    assert "DETAIL: left out" in log()[0]["exc_info"]
    assert log()[0]["exc_info"].rstrip().splitlines()[-1].startswith("DETAIL")
