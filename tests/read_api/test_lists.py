"""The lists by address: rows, parts, filters, moments, errors, and that nothing is sent twice."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from plans.actions import record_update
from plans.api.description import describe
from plans.api.lists import LISTS, key_of
from plans.models import Activity, Agency, Plan, User
from plans.spreadsheets.columns import COLUMNS
from plans.views import api
from tests.fast.test_conditional_pages import forget_transaction

HERE = "/api/v1/plans/year-two/"


@pytest.fixture
def client(plan, opened):
    return Client()


def get(client, address, status=200, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content
    return json.loads(response.content)


def problem(client, address, status):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    found = json.loads(response.content)
    assert (found["status"], found["type"]) == (status, "about:blank")
    return found


def read_csv(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_activities_are_flat_with_the_columns_of_the_files(client):
    found = get(client, f"{HERE}activities.json")

    assert (found["plan"], found["at"], found["next"]) == ("year-two", None, None)
    assert [row["number"] for row in found["data"]] == [str(number) for number in range(1, 16)]
    assert list(found["data"][0]) == [key_of(column) for column in COLUMNS]
    assert found["data"][0]["strategic_focus_area"].startswith("SUPPLY")


def test_csv_is_that_of_the_page(client):
    ours = client.get(f"{HERE}activities.csv?status=at_risk")
    page = client.get("/plans/year-two/activities.csv?status=at_risk")

    assert b"".join(ours.streaming_content) == b"".join(page.streaming_content)
    assert ours["Content-Type"] == "text/csv; charset=utf-8"


def test_parts_follow_each_other_to_the_end(client):
    seen, address = [], f"{HERE}activities.json?limit=6&focus=supply&focus=demand"
    while address:
        found = get(client, address)
        seen.append([row["number"] for row in found["data"]])
        address = found["next"]

    everything = [row["number"] for row in get(client, f"{HERE}activities.json?focus=supply&focus=demand")["data"]]
    assert [number for part in seen for number in part] == everything
    assert [len(part) for part in seen[:-1]] == [6] * (len(seen) - 1)


@pytest.mark.parametrize("name", LISTS)
def test_parts_of_each_list_are_the_whole(client, name):
    whole = get(client, f"{HERE}{name}.json?limit=1000")["data"]
    first = get(client, f"{HERE}{name}.json?limit=1")

    assert first["data"] == whole[:1]
    assert (first["next"] is None) == (len(whole) <= 1)
    if first["next"]:
        assert get(client, first["next"])["data"] == whole[1:2]


def test_updates_say_what_was_reported(client):
    [row] = get(client, f"{HERE}updates.json?status=at_risk")["data"]

    assert (row["status"], row["what_happened"], row["by_link"]) == ("At risk", "Māori wardens, =1+1", "No")
    assert isinstance(row["update"], int)
    assert get(client, f"{HERE}updates.json?status=complete")["data"] == []
    [line] = read_csv(client.get(f"{HERE}updates.csv"))
    assert line["Made At"] == row["made_at"]


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("status=late", "status", "late"),
        ("stauts=at_risk", "", "Did you mean status?"),
        ("page=2", "page", "There is no"),
        ("limit=0", "limit", "Choose from 1"),
        ("limit=5&limit=6", "limit", "only once"),
        ("after=--", "after", "next"),
        ("at=tomorrow", "at", "is not a day"),
        ("at=2999-01-01", "at", "in the future"),
    ],
)
def test_what_is_unknown_is_refused(client, query, parameter, words):
    found = problem(client, f"{HERE}activities.json?{query}", 400)

    [error] = found["errors"]
    assert error["parameter"] == parameter
    assert words in error["detail"]


def test_changes_have_days_of_their_own(client):
    assert problem(client, f"{HERE}changes.json?from=2026-01-01", 400)["errors"][0]["parameter"] == "from"
    assert problem(client, f"{HERE}changes.json?since=never", 400)["errors"][0]["parameter"] == "since"
    assert problem(client, f"{HERE}changes.json?at=2026-01-01", 400)["errors"][0]["parameter"] == "at"


def test_csv_has_no_parts(client):
    assert problem(client, f"{HERE}activities.csv?limit=5", 400)["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize(
    "address", ["", "a%0Ab", "plans/none/activities.json", "plans/year-two/none.json", "plans/year-two/activities/"]
)
def test_nothing_stands_elsewhere(client, address):
    assert problem(client, f"/api/v1/{address}", 404)["detail"]


def test_plans_are_listed(client):
    [row] = get(client, "/api/v1/plans.json")["data"]

    assert (row["plan"], row["published"]) == ("year-two", "Yes")
    assert [line["Plan"] for line in read_csv(client.get("/api/v1/plans.csv"))] == ["year-two"]
    assert problem(client, "/api/v1/plans.json?x=1", 400)


def test_drafts_are_for_admins(client, programme_admin, person):
    Plan.objects.update(is_published=False, is_current=False)

    assert get(client, "/api/v1/plans.json")["data"] == []
    problem(client, f"{HERE}activities.json", 404)
    assert len(get(programme_admin, f"{HERE}activities.json")["data"]) == 15


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written(client, method):
    response = getattr(client, method)(f"{HERE}activities.json")

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_head_and_options(client):
    assert client.head(f"{HERE}activities.json").content == b""
    assert client.options(f"{HERE}activities.json")["Allow"] == "GET, HEAD, OPTIONS"


def test_no_other_site_may_read_by_script(client):
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/plans.json", headers={"Origin": "https://x.test"})


@pytest.mark.usefixtures("tricks_on")
def test_what_has_not_changed_is_not_sent_again(client):
    forget_transaction()
    tag = client.get(f"{HERE}activities.json")["ETag"]
    assert client.get(f"{HERE}activities.json", headers={"If-None-Match": tag}).status_code == 304

    Activity.objects.filter(number=1).update(title="Another")
    forget_transaction()

    assert client.get(f"{HERE}activities.json", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.usefixtures("plan")
def test_a_plan_is_as_at_an_earlier_moment(client):
    problem(client, f"{HERE}activities.json?at=2001-01-01", 404)
    problem(client, f"{HERE}activities.csv?at=2001-01-01", 404)


def test_csv_of_an_earlier_moment_is_sent_of_a_file(client, plan, monkeypatch):
    monkeypatch.setattr(api, "IN_MEMORY", 1)
    moment = timezone.now()
    before = client.get(f"{HERE}activities.csv")
    whole = b"".join(before.streaming_content)
    activity = Activity.objects.get(number=2)
    activity.title = "Another"
    activity.save()

    response = client.get(f"{HERE}activities.csv", {"at": moment.isoformat()})

    assert b"".join(response.streaming_content) == whole


def more_rows(activities, person, agency):
    """Have each activity updated, with a barrier, and its due date moved."""
    for one in activities:
        record_update(
            activity=one, by=person, agency=agency, status="at_risk", what_happened="Late", barrier="No funding"
        )
        for days in (30, 60):
            one.refresh_from_db()
            one.due_on = timezone.localdate() + timedelta(days=days)
            one.save()


@pytest.mark.parametrize("name", LISTS)
def test_queries_are_as_many_for_any_number_of_rows(client, plan, name, time_machine):
    police = Agency.objects.get(code="police")
    person = User.objects.get(email="reporter@police.example")
    led = list(Activity.objects.filter(agency_links__agency=police, agency_links__role="lead").order_by("pk"))
    # An hour between what there is, the moment since when, and what changes: moments are of whole seconds.
    moment = timezone.now() + timedelta(hours=1)
    time_machine.move_to(moment + timedelta(hours=1))
    since = {"since": moment.isoformat()} if name == "changes" else {}
    found = {}
    for some in (led[:1], led[1:]):
        more_rows(some, person, police)
        for kind in ("json", "csv"):
            client.get(f"{HERE}{name}.{kind}", since).getvalue()
            with CaptureQueriesContext(connection) as captured:
                content = client.get(f"{HERE}{name}.{kind}", since).getvalue()
            found.setdefault(kind, []).append((len(captured), len(content)))

    for few, many in found.values():
        assert many[0] == few[0]
        assert many[1] > few[1]


# The description.


@pytest.fixture(scope="module")
def described():
    return json.loads(json.dumps(describe("https://plan.example.govt.nz")))


def test_description_is_valid_and_served(described, client):
    validate(described)
    assert get(client, "/api/v1/openapi.json")["paths"] == described["paths"]


@pytest.mark.parametrize("name", LISTS)
def test_answers_are_as_described(described, client, name):
    schema = {"$ref": f"#/components/schemas/{name.capitalize()}Rows", "components": described["components"]}

    for found in (get(client, f"{HERE}{name}.json"), get(client, f"{HERE}{name}.json?limit=1")):
        Draft202012Validator(schema).validate(found)


@pytest.mark.parametrize("name", LISTS)
def test_each_parameter_that_is_described_is_taken(described, plan, reader, name):
    got = described["paths"][f"/api/v1/plans/{{plan}}/{name}.json"]["get"]["parameters"]
    for one in got:
        schema = one["schema"].get("items", one["schema"])
        for value in schema.get("enum", [])[:2]:
            get(reader, f"{HERE}{name}.json?{one['name']}={value}")
