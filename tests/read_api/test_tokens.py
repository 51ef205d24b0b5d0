"""Who may read by address: access tokens, how programs send them, what ends them, and what they never open."""

import base64
import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from plans.actions.access_tokens import MOST_TOKENS, end_own_token, end_tokens, make_token, open_token
from plans.actions.outbox import send_due
from plans.actions.people import close_account
from plans.api import limits, readers
from plans.api.lists import LISTS
from plans.choices import AuditKind
from plans.models import AccessToken, AuditEvent, OutgoingMessage, Plan
from tests.fast.test_conditional_pages import forget_transaction
from tests.read_api.conftest import basic, bearer

ACTIVITIES = "/api/v1/plans/year-two/activities.csv"
PLANS = "/api/v1/plans.json"
TOKENS = "/account/tokens/"


def status(client, address=PLANS, **headers):
    return client.get(address, headers=headers).status_code


def slugs(client):
    return [row["plan"] for row in json.loads(client.get(PLANS).content)["data"]]


def test_a_token_reads_as_its_person(make):
    assert slugs(bearer(make())) == ["year-two"]


@pytest.mark.parametrize("way", ["whole token, any name", "two parts"])
def test_excel_asks_first_without_and_then_with_the_token(make, way):
    new = make()
    public, _, secret = new.token.partition(".")

    first = Client().get(ACTIVITIES)
    header = basic("anyone", new.token) if way.startswith("whole") else basic(public, secret)
    second = Client().get(ACTIVITIES, headers=header)

    assert (first.status_code, first["WWW-Authenticate"]) == (401, readers.ASK_BASIC)
    assert first["Content-Type"] == "application/problem+json"
    assert second.status_code == 200
    assert b"".join(second.streaming_content).startswith("\ufeffNumber,".encode())


@pytest.mark.parametrize(
    "header",
    [
        "Bearer wrong",
        "Bearer ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"a:\0.b").decode(),
        "Digest x",
        "Bearer " + "x." * 5_000,
    ],
)
@pytest.mark.usefixtures("plan", "opened")
def test_what_is_no_token_is_refused_also_where_reading_is_open(header):
    response = Client().get(PLANS, headers={"Authorization": header})

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer" if header.startswith("Bearer") else "Basic")


def test_passwords_of_accounts_open_nothing(plan, make_user):
    make_user("own@agency.example", password="Correct-horse-7-battery")

    assert status(Client(), **basic("own@agency.example", "Correct-horse-7-battery")) == 401


def test_a_secret_of_another_token_opens_nothing(make):
    one, other = make("One").token.partition("."), make("Other").token.partition(".")

    assert open_token(f"{one[0]}.{other[2]}") is None


def test_a_token_of_one_plan_opens_no_other(make, plan):
    Plan.objects.create(slug="other", name="Other plan", short_name="Other", is_published=True)
    client = bearer(make(plan=plan))

    assert slugs(client) == ["year-two"]
    assert status(client, "/api/v1/plans/other/activities.json") == 404
    assert status(bearer(make("All")), "/api/v1/plans/other/activities.json") == 200


@pytest.mark.usefixtures("tricks_on")
def test_a_token_of_one_plan_is_not_told_that_the_list_of_all_is_unchanged(make, plan):
    Plan.objects.create(slug="other", name="Other plan", short_name="Other", is_published=True)
    forget_transaction()
    wide, narrow = bearer(make("All")), bearer(make(plan=plan))
    forget_transaction()
    tag = wide.get(PLANS)["ETag"]

    assert status(wide, **{"If-None-Match": tag}) == 304
    assert status(narrow, **{"If-None-Match": tag}) == 200


def test_a_token_sees_what_its_person_sees_now(make, programme_admin, person):
    Plan.objects.update(is_published=False, is_current=False)

    assert slugs(bearer(make(by=programme_admin.user))) == ["year-two"]
    assert slugs(bearer(make())) == []
    programme_admin.user.groups.clear()
    programme_admin.user.user_permissions.clear()
    assert slugs(bearer(AsToken(programme_admin.user))) == []


class AsToken:
    """A new token of a person."""

    def __init__(self, person):
        today = timezone.localdate()
        self.token = make_token(person=person, name="Later", plan=None, ends_on=today).token


@pytest.mark.parametrize("way", ["revoked", "ended by an admin", "closed account", "last day over"])
def test_what_ends_a_token(make, person, programme_admin, way):
    new = make(days=0)
    client = bearer(new)
    assert status(client) == 200

    if way == "revoked":
        assert end_own_token(person=person, pk=new.row.pk)
    elif way == "ended by an admin":
        assert end_tokens(person=person, by=programme_admin.user) == 1
    elif way == "closed account":
        close_account(person=person, by=programme_admin.user)
    else:
        AccessToken.objects.update(ends_on=timezone.localdate() - timedelta(days=1))

    assert status(client) == 401
    assert not end_own_token(person=person, pk=new.row.pk) or way == "last day over"


def test_no_one_ends_tokens_of_others(make, person, make_user, programme_admin):
    new = make()

    assert not end_own_token(person=make_user("other@agency.example"), pk=new.row.pk)
    with pytest.raises(PermissionDenied):
        end_tokens(person=person, by=make_user("reader@agency.example"))


def test_each_token_is_noted(make, person):
    new = make(name="Power BI")
    end_own_token(person=person, pk=new.row.pk)

    kinds = AuditEvent.objects.filter(about=person).order_by("pk").values_list("kind", "by__email")
    assert [*kinds] == [(AuditKind.TOKEN_MADE, person.email), (AuditKind.TOKEN_ENDED, person.email)]
    assert new.token not in " ".join(AuditEvent.objects.values_list("detail", flat=True))


def test_nothing_that_is_kept_is_the_token(make):
    new = make()
    row = AccessToken.objects.values().get()

    assert new.token.partition(".")[2] not in map(str, row.values())
    assert open_token(f"{row['public_id']}.{row['secret_hash']}") is None


def test_use_is_noted_once_an_hour(make, django_assert_num_queries):
    token = make().token
    open_token(token)
    first = AccessToken.objects.get().last_used_at
    with django_assert_num_queries(1):
        open_token(token)

    assert first
    assert AccessToken.objects.get().last_used_at == first


@pytest.mark.parametrize(
    ("values", "words"),
    [({"days": -1}, "from today to a year"), ({"days": 400}, "from today to a year"), ({"name": ""}, "blank")],
)
def test_what_no_token_can_be(make, values, words):
    with pytest.raises(ValidationError, match=words):
        make(**values)


def test_nobody_has_more_tokens_than_they_need(make):
    for number in range(MOST_TOKENS):
        make(f"Token {number}")

    with pytest.raises(ValidationError, match="End one"):
        make("One more")


def test_a_draft_is_no_plan_of_a_readers_token(make, plan):
    Plan.objects.update(is_published=False, is_current=False)

    with pytest.raises(ValidationError, match="that you can see"):
        make(plan=plan)


# Limits.


def test_more_requests_than_anybody_needs_wait(make, monkeypatch):
    monkeypatch.setattr(readers, "MOST_REQUESTS", 2)
    client, other = bearer(make()), bearer(make("Other"))

    assert [status(client) for _ in range(3)] == [200, 200, 429]
    assert 1 <= int(client.get(PLANS)["Retry-After"]) <= limits.WINDOW
    assert status(other) == 200


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(make, monkeypatch):
    monkeypatch.setattr(readers, "MOST_WRONG", 2)
    wrong = {"Authorization": "Bearer a.b"}

    assert [status(Client(), **wrong) for _ in range(3)] == [401, 401, 429]
    assert status(bearer(make())) == 200


RATE = re.compile(r'"([a-z-]+)";r=(\d+);t=([1-9]\d?)')


def rate(response):
    """The name of a limit and what remains of it, of its headers, and its policy."""
    name, remaining, seconds = RATE.fullmatch(response["RateLimit"]).groups()
    assert int(seconds) <= limits.WINDOW
    return name, int(remaining), response["RateLimit-Policy"]


def test_each_answer_says_what_remains_of_its_limit(make, monkeypatch, time_machine):
    time_machine.move_to("2026-11-30T00:00:10+00:00", tick=False)
    monkeypatch.setattr(readers, "MOST_REQUESTS", 3)
    monkeypatch.setattr(readers, "MOST_WRONG", 20)
    client, policy = bearer(make()), '"requests";q=3;w=60'
    answers = [client.get(address) for address in (PLANS, "/api/v1/none", ACTIVITIES + "?x=1", PLANS)]
    wrong = Client().get(PLANS, headers={"Authorization": "Bearer a.b"})

    assert [answer.status_code for answer in answers] == [200, 404, 400, 429]
    assert [rate(answer) for answer in answers] == [("requests", left, policy) for left in (2, 1, 0, 0)]
    assert answers[-1]["RateLimit"].endswith(f";t={answers[-1]['Retry-After']}")
    assert (wrong.status_code, rate(wrong)) == (401, ("wrong-tokens", 19, '"wrong-tokens";q=20;w=60'))


# The email before the end.


def test_person_is_told_two_weeks_before_the_end(make, person, settings):
    settings.SITE_URL = "https://plan.example.govt.nz"
    make(name="Power BI", days=90)
    make(name="Short", days=10)
    message = OutgoingMessage.objects.get()
    assert timezone.localdate(message.next_try_at) == timezone.localdate() + timedelta(days=76)

    OutgoingMessage.objects.update(next_try_at=timezone.now())
    send_due()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([person.email], "An access token of yours ends soon")
    assert "“Power BI”" in sent.body
    assert "https://plan.example.govt.nz/account/tokens/" in sent.body


def test_no_one_is_told_of_a_token_that_ended_already(make, person):
    new = make()
    end_own_token(person=person, pk=new.row.pk)
    OutgoingMessage.objects.update(next_try_at=timezone.now())
    send_due()

    assert mail.outbox == []


# The page.


def typed(**values):
    return {"name": "Power BI", "plan": "", "ends_on": str(timezone.localdate() + timedelta(days=30)), **values}


@pytest.mark.usefixtures("plan")
def test_a_token_is_shown_once(reader):
    made = reader.post(TOKENS, typed())
    token = made.context["made"].token

    assert token in made.content.decode()
    assert made["Cache-Control"].count("no-store")
    assert made["Referrer-Policy"] == "no-referrer"
    assert status(Client(headers={"Authorization": f"Bearer {token}"})) == 200
    assert token not in reader.get(TOKENS).content.decode()


@pytest.mark.usefixtures("plan")
def test_a_page_that_is_sent_again_makes_no_second_token(reader):
    reader.post(TOKENS, typed())
    again = reader.post(TOKENS, typed())

    assert "You have a token called" in again.content.decode()
    assert AccessToken.objects.count() == 1


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Enter what it is for."),
        ({"ends_on": ""}, "Choose the last day."),
        ({"ends_on": "2199-01-01"}, "Choose a day from today"),
        ({"plan": "999999"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(reader, values, words):
    response = reader.post(TOKENS, typed(**values))

    assert words in response.content.decode()
    assert not AccessToken.objects.exists()


@pytest.mark.usefixtures("plan")
def test_one_ends_ones_own_token(reader):
    reader.post(TOKENS, typed())
    pk = AccessToken.objects.get().pk

    assert f"/account/tokens/{pk}/end/" in reader.get(TOKENS).content.decode()
    assert reader.post(f"{TOKENS}{pk}/end/").status_code == 302
    assert "You have no access tokens." in reader.get(TOKENS).content.decode()


def test_admins_see_and_end_tokens_of_people(make, person, programme_admin):
    make(name="Power BI")
    address = f"/people/{person.pk}/"

    assert "Power BI" in programme_admin.get(address).content.decode()
    assert programme_admin.post(f"{address}tokens/end/").status_code == 302
    assert not AccessToken.objects.filter(revoked_at=None).exists()
    assert "Power BI" not in programme_admin.get(address).content.decode()


# The page that tells people of it.


@pytest.mark.usefixtures("plan", "opened")
def test_page_gives_addresses_with_the_filters_of_the_list():
    shown = Client().get("/plans/year-two/data/?status=at_risk&sort=status&page=2").content.decode()

    assert "http://testserver/api/v1/plans/year-two/activities.csv?status=at_risk<" in shown
    assert "http://testserver/api/v1/plans/year-two/barriers.json<" in shown


@pytest.mark.parametrize("name", LISTS)
def test_power_bi_is_asked_for_the_token_at_the_address_of_its_file(make, reader, name):
    file = json.loads(reader.get(f"/plans/year-two/data/{name}.pbids").content)
    [connection] = file["connections"]
    address = connection["details"]["address"]["url"].removeprefix("http://testserver")
    first, second = Client().get(address), Client().get(address, headers=basic("anyone", make().token))

    assert connection["details"]["protocol"] == "http"
    assert (first.status_code, first["WWW-Authenticate"]) == (401, readers.ASK_BASIC)
    assert (second.status_code, second["Content-Type"]) == (200, "text/csv; charset=utf-8")


@pytest.mark.usefixtures("opened")
def test_power_bi_file_keeps_the_filters(make):
    file = json.loads(Client().get("/plans/year-two/data/activities.pbids?status=at_risk").content)
    address = file["connections"][0]["details"]["address"]["url"].removeprefix("http://testserver")

    assert bearer(make()).get(address).getvalue().count(b"\r\n") == 2


@pytest.mark.usefixtures("plan", "opened")
def test_there_is_no_power_bi_file_of_nothing():
    assert Client().get("/plans/year-two/data/none.pbids").status_code == 400


def test_a_token_sent_in_the_clear_opens_nothing_and_is_not_led_on(make, settings):
    settings.SECURE_SSL_REDIRECT = True
    program = bearer(make())

    plain, safe = program.get(PLANS), program.get(PLANS, secure=True)

    assert (plain.status_code, safe.status_code) == (403, 200)
    assert json.loads(plain.content)["detail"].startswith("Use https://.")
