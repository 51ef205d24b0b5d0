"""Whatever stops a form after somebody typed: what they wrote is on the answer, and there again when they go back."""

import re
from html import escape
from urllib.parse import quote, urlencode

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.utils import timezone

from plans.actions import record_update
from plans.models import Activity, Agency, Barrier, Plan, ReportingRound, Session, StatusUpdate
from plans.views import form_recovery, server_errors, updates
from plans.views.form_input import FormInput, read_form_input
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page

WORDS = "Kapua words, “quoted” & <b>bold</b>"
UPDATE = "/plans/year-two/activities/5/update/"
TYPED = {
    "agency": "",
    "status": "on_track",
    "what_happened": WORDS,
    "whats_next": "Then the next",
    "form_key": "a-key-of-one-form",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(year_two, police_updater):  # noqa: F811
    """An updater of the agency that leads activity 5, who is given the page about an error as a browser is."""
    police_updater.raise_request_exception = False
    police_updater.get(UPDATE)
    return police_updater


def shows(response):
    page = response.content.decode()
    assert "<b>bold" not in page
    return escape(WORDS) in page


def is_filled_in(response):
    """Whether the words are in a box of the form; beside it stands what was last saved."""
    return any(escape(WORDS) in box for box in re.findall(r"<textarea.*?</textarea>", response.text, re.DOTALL))


def end_membership(writer):
    writer.user.memberships.update(ended_at=timezone.now())


def change_lead(writer):
    Activity.objects.get(number=5).agency_links.filter(role="lead").update(agency=Agency.objects.get(code="swa"))


def withdraw(writer):
    Activity.objects.filter(number=5).update(withdrawn_on=timezone.localdate())


def unpublish(writer):
    Plan.objects.update(is_published=False, is_current=False)


def remove(writer):
    Plan.objects.update(slug="another")


@pytest.mark.parametrize(
    ("happens", "status"),
    [(end_membership, 403), (change_lead, 403), (withdraw, 403), (unpublish, 404), (remove, 404)],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_words_stay_at_an_address_that_is_refused_by_now(writer, happens, status):
    happens(writer)
    answer = writer.post(UPDATE, TYPED)

    for page in (answer, writer.get(UPDATE), writer.get(UPDATE)):
        assert (page.status_code, shows(page), "Then the next" in page.text) == (status, True, True)
    assert Page(answer, status).h1 in ("You do not have permission to do this", "Page not found")
    assert "What has happened?" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert StatusUpdate.objects.count() == 0


def test_words_are_in_the_form_when_the_right_is_given_back_and_gone_once_saved(writer):
    end_membership(writer)
    writer.post(UPDATE, TYPED)
    writer.user.memberships.update(ended_at=None)

    form = writer.get(UPDATE)
    assert (form.status_code, shows(form), "What you entered earlier" in form.text) == (200, True, True)
    assert is_filled_in(form)
    assert writer.post(UPDATE, TYPED).status_code == 302
    assert not is_filled_in(writer.get(UPDATE))


def test_try_again_sends_every_field_once_more_but_the_token(writer):
    end_membership(writer)
    page = Page(writer.post(UPDATE, {**TYPED, "done": ["1", "2"], "csrfmiddlewaretoken": "x" * 64}), 403)
    form = next(one for one in page.main.iter("form") if "Try again" in "".join(one.itertext()))
    sent = [(one.get("name"), one.get("value")) for one in form.iter("input")]

    assert form.get("action") is None
    assert sent.pop(0)[0] == "csrfmiddlewaretoken"
    assert sent == [*((name, value) for name, value in TYPED.items()), ("done", "1"), ("done", "2")]


def broken(error):
    def break_it(*args, **kwargs):
        raise error

    return break_it


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (RuntimeError("odd"), 500, "Sorry, there is a problem with the tracker"),
        (OperationalError("database is locked"), 503, "The tracker is busy"),
        (OperationalError("could not connect"), 503, "The tracker is not available right now"),
        (OperationalError("database or disk is full"), 503, "The tracker cannot save anything right now"),
        (OperationalError("attempt to write a readonly database"), 503, "The tracker cannot save anything right now"),
        (PermissionDenied("not yours any more"), 403, "You do not have permission to do this"),
    ],
)
def test_words_survive_what_goes_wrong_while_they_are_saved(writer, monkeypatch, error, status, heading):
    with monkeypatch.context() as patched:
        patched.setattr(updates, "record_update", broken(error))
        answer = writer.post(UPDATE, TYPED)

    assert (Page(answer, status).h1, shows(answer), "Try again" in answer.text) == (heading, True, True)
    assert ("Retry-After" in answer) == (status == 503)
    again = writer.get(UPDATE)
    assert (again.status_code, is_filled_in(again)) == (200, True)
    assert writer.post(UPDATE, TYPED).status_code == 302
    assert not is_filled_in(writer.get(UPDATE))


MINE = "/plans/year-two/updates/"


@pytest.mark.parametrize("is_away", [False, True], ids=["refused", "busy"])
def test_words_are_kept_for_the_page_that_the_form_was_on_until_they_are_saved(writer, monkeypatch, is_away):
    sent_from = {"referer": f"http://testserver{MINE}"}
    error = OperationalError("database is locked") if is_away else PermissionDenied()
    with monkeypatch.context() as patched:
        patched.setattr(updates, "record_update", broken(error))
        answer = writer.post(UPDATE, TYPED, headers=sent_from)

    assert (answer.status_code, shows(answer)) == (503 if is_away else 403, True)
    if is_away:
        # The test client has one cookie of a name, a browser one for each path.
        assert writer.cookies["kept"]["path"] in (UPDATE, MINE)
        return
    assert kept_for(writer) == {UPDATE, MINE}
    assert writer.post(UPDATE, TYPED).status_code == 302
    assert kept_for(writer) == set()


def test_words_of_other_forms_of_the_page_stay_kept_when_one_is_saved(writer):
    own, other = {"status": "on_track", "what_happened": WORDS}, {"activity-8-what_happened": "Said of another"}
    refused = RequestFactory().post(UPDATE, {**own, **other}, headers={"referer": f"http://testserver{MINE}"})
    refused.user, refused.session = writer.user, writer.session
    typed = FormInput(UPDATE, urlencode(own))
    assert form_recovery.keep(refused, typed).is_kept
    assert ("activity-8-what_happened", "Said of another") in form_recovery.keep(refused, typed).pairs
    assert writer.post(UPDATE, own).status_code == 302

    assert kept_for(writer) == {MINE}
    again = RequestFactory().get(MINE)
    again.COOKIES, again.user, again.session = {"sessionid": "x"}, writer.user, writer.session
    assert form_recovery.kept(again).dict() == other


def test_page_of_another_site_is_no_place_to_keep_words_for(writer, monkeypatch):
    monkeypatch.setattr(updates, "record_update", broken(PermissionDenied()))
    for elsewhere in ("https://evil.example/x/", "http://testserver/accounts/login/", "", "//[", UPDATE):
        writer.post(UPDATE, TYPED, headers={"referer": elsewhere})

    assert kept_for(writer) == {UPDATE}


def kept_for(client):
    return set(client.session.get("kept", {}))


def test_choices_without_words_can_be_sent_again_and_are_not_kept(writer, monkeypatch):
    choices = {"agency": "", "status": "on_track", "what_happened": ""}
    with monkeypatch.context() as patched:
        patched.setattr(updates, "record_update", broken(OperationalError("database is locked")))
        answer = writer.post(UPDATE, choices)

    assert (answer.status_code, "What you chose" in answer.text, "Try again" in answer.text) == (503, True, True)
    assert kept_for(writer) == set()


@pytest.mark.parametrize("verb", ["post", "get"])
def test_page_that_stands_alone_can_send_the_words_again(writer, monkeypatch, verb):
    careful = Client(enforce_csrf_checks=True, raise_request_exception=False)
    careful.force_login(writer.user)
    token = hidden(careful.get(UPDATE))["csrfmiddlewaretoken"]
    with monkeypatch.context() as patched:
        patched.setattr(updates, "get_plan", broken(RuntimeError("odd")))
        answer = careful.post(UPDATE, {**TYPED, "csrfmiddlewaretoken": token})
        answer = careful.get(UPDATE) if verb == "get" else answer
    sent = careful.post(UPDATE, hidden(answer))

    assert (answer.status_code, sent.status_code) == (500, 302)
    assert StatusUpdate.objects.get().what_happened == WORDS


def hidden(response):
    """The hidden fields of the first form in the main part of a page."""
    form = next(Page(response, response.status_code).main.iter("form"))
    return {one.get("name"): one.get("value", "") for one in form.iter("input") if one.get("type") == "hidden"}


def refusing(error, *, words="", writes_only=False):
    """Make every statement that has `words` in it fail with `error`."""

    def refuse(execute, sql, params, many, context):
        if words in sql and not (writes_only and sql.startswith("SELECT")):
            raise error
        return execute(sql, params, many, context)

    return connection.execute_wrapper(refuse)


@pytest.mark.parametrize("writes_only", [True, False], ids=["locked", "away"])
def test_words_survive_a_database_that_cannot_be_used_at_all(writer, writes_only):
    trouble_there = OperationalError("database is locked" if writes_only else "could not connect")
    with refusing(trouble_there, writes_only=writes_only):
        answer = writer.post(UPDATE, TYPED)
        meanwhile = writer.get(UPDATE)

    assert (answer.status_code, shows(answer), shows(meanwhile)) == (503, True, True)
    assert shows(writer.get(UPDATE))


@pytest.mark.parametrize(("path", "header"), [("/māori/", "/m%C4%81ori/"), ("/a;Domain=x/", "/a%3BDomain%3Dx/")])
def test_cookie_says_nothing_but_the_path_of_its_address(client, db, path, header):
    response = client.post(quote(path), {"text": WORDS})

    assert response.status_code == 404
    assert response.cookies[form_recovery.FIELD]["path"] == header


def test_words_too_long_for_a_cookie_are_on_the_page_alone_while_nothing_can_be_written(writer):
    long = " ".join(str(number**7) for number in range(1, 2000))
    with refusing(OperationalError("database is locked"), writes_only=True):
        answer = writer.post(UPDATE, {**TYPED, "whats_next": long})

    assert (answer.status_code, shows(answer), long in answer.text) == (503, True, True)
    assert "could not be kept here. Copy it now." in answer.text
    assert not shows(writer.get(UPDATE))


def test_somebody_elses_words_are_not_shown_while_the_database_is_away(writer, make_user):
    with refusing(OperationalError("could not connect")):
        writer.post(UPDATE, TYPED)
    writer.force_login(make_user("other@police.example"))
    with refusing(OperationalError("could not connect")):
        assert not shows(writer.get(UPDATE))
    assert not shows(writer.get(UPDATE))


def test_session_that_ends_while_a_form_is_being_saved_loses_no_words(writer, monkeypatch):
    def end_session(**told):
        Session.objects.all().delete()
        raise PermissionDenied

    monkeypatch.setattr(updates, "record_update", end_session)
    answer = writer.post(UPDATE, TYPED)

    assert (answer.status_code, shows(answer), shows(writer.get(UPDATE))) == (403, True, True)


def test_session_that_cannot_be_saved_as_deleted_is_answered_with_the_words(writer, monkeypatch):
    def save_something(request, *args):
        request.session["something"] = 1
        Session.objects.all().delete()
        return server_errors.HttpResponse("")

    monkeypatch.setattr(updates, "_update_page", save_something)
    answer = writer.post(UPDATE, {**TYPED, "status": "wrong"})

    assert (answer.status_code, shows(answer)) == (400, True)


def test_words_crossed_by_a_colleague_are_in_the_form_after_going_back_too(writer, year_two):  # noqa: F811
    activity = year_two.activities.get(number=5)
    record_update(activity=activity, by=writer.user, status="at_risk", agency=Agency.objects.get(code="police"),
                  what_happened="Said by a colleague")  # fmt: skip

    answer = writer.post(UPDATE, {**TYPED, "seen": ""})
    assert (answer.status_code, shows(answer), shows(writer.get(UPDATE))) == (409, True, True)


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (UPDATE, {"what_happened": WORDS, "status": "no such status"}),
        ("/plans/year-two/rounds/open/", {"name": WORDS, "due_on": "31 February"}),
        ("/plans/year-two/rounds/77/change/", {"name": WORDS, "due_on": "2026-02-31"}),
        ("/plans/year-two/activities/5/edit/", {"reason": WORDS, "items-TOTAL_FORMS": "x"}),
        ("/people/invite/", {"name": WORDS, "email": "no address"}),
    ],
)
def test_mistake_beside_the_words_keeps_them_in_the_form_and_after_going_back(
    programme_admin,
    year_two,  # noqa: F811
    address,
    typed,
):
    ReportingRound.objects.create(pk=77, plan=year_two, name="Q", opened_on="2026-01-01", due_on="2026-12-01")
    answer = programme_admin.post(address, typed)

    assert answer.status_code in (200, 409)
    assert (shows(answer), shows(programme_admin.get(address))) == (True, True)


def test_form_of_the_admin_about_a_row_that_is_gone_shows_and_keeps_the_words(programme_admin, year_two):  # noqa: F811
    address = "/admin/plans/agency/99999/change/"
    answer = programme_admin.post(address, {"name": WORDS})

    assert answer.status_code == 404
    assert (shows(answer), shows(programme_admin.get(address))) == (True, True)


def test_round_that_was_closed_meanwhile_gives_the_words_back(programme_admin, year_two):  # noqa: F811
    ReportingRound.objects.create(pk=77, plan=year_two, name="Q", opened_on="2026-01-01", due_on="2026-12-01")
    address = "/plans/year-two/rounds/77/change/"
    ReportingRound.objects.update(closed_at=timezone.now(), closed_by=programme_admin.user)
    answer = programme_admin.post(address, {"name": WORDS, "due_on": "2026-12-24"})

    assert (shows(answer), shows(programme_admin.get(address))) == (True, True)


def test_barrier_that_was_resolved_meanwhile_gives_the_words_back(writer, year_two):  # noqa: F811
    activity = year_two.activities.get(number=5)
    report = {"activity": activity, "author": writer.user, "agency": Agency.objects.get(code="police")}
    update = StatusUpdate.objects.create(status="at_risk", barrier="No staff", **report)
    barrier = Barrier.objects.create(activity=activity, update=update, text="No staff")
    address = f"/plans/year-two/barriers/{barrier.pk}/escalate/"
    writer.post(f"/plans/year-two/barriers/{barrier.pk}/resolve/", {"note": "Found some"})
    answer = writer.post(address, {"note": WORDS})

    assert (answer.status_code, shows(answer), shows(writer.get(address))) == (200, True, True)


@pytest.mark.parametrize("address", ["/admin/plans/agency/add/", UPDATE])
def test_token_that_is_out_of_date_costs_no_words(year_two, programme_admin, address):  # noqa: F811
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(programme_admin.user)
    answer = careful.post(address, {"name": WORDS, "what_happened": WORDS, "csrfmiddlewaretoken": "x" * 64})

    assert (answer.status_code, shows(answer)) == ((302, False) if address == UPDATE else (403, True))
    again = careful.get(address)
    assert (again.status_code, shows(again)) == (200, True)


@pytest.mark.parametrize("address", ["/admin/plans/agency/add/", UPDATE])
def test_form_of_another_site_is_neither_shown_nor_kept_nor_sent_again(year_two, programme_admin, address):  # noqa: F811
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(programme_admin.user)
    answer = careful.post(address, {"name": WORDS, "note": WORDS}, headers={"origin": "https://evil.example"})

    assert (answer.status_code, shows(answer), "Try again" in answer.text) == (403, False, False)
    assert not shows(careful.get(address))


def test_answer_without_a_page_of_its_own_is_one_with_the_words(writer):
    answer = writer.post("/plans/year-two/activities/", {"text": WORDS})

    assert (Page(answer, 405).h1, shows(answer), answer["Allow"]) == ("This cannot be saved here", True, "GET, HEAD")


def test_address_that_leads_elsewhere_by_now_shows_the_words_first(programme_admin, make_user, year_two):  # noqa: F811
    address = f"/people/{make_user('somebody@agency.example').pk}/agencies/"
    refused = RequestFactory().post(address, {"note": WORDS})
    refused.user, refused.session = programme_admin.user, programme_admin.session
    assert form_recovery.keep(refused, read_form_input(refused)).is_kept
    page = Page(programme_admin.get(address))

    assert (page.h1, escape(WORDS) in page.html) == ("Your words are kept", True)
    assert address.removesuffix("agencies/") in [href for _, href in page.links()]


def test_form_that_is_too_large_to_be_read_is_refused_in_words(writer):
    answer = writer.post(UPDATE, "what_happened=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded")

    assert Page(answer, 400).h1 == "We could not understand this request"


def test_passwords_and_tokens_are_never_shown_again(writer):
    end_membership(writer)
    answer = writer.post(UPDATE, {**TYPED, "password": "hunter two", "new_token": "abc def"})

    assert (shows(answer), "hunter two" in answer.text, "abc def" in answer.text) == (True, False, False)
    assert "hunter two" not in writer.get(UPDATE).text


def test_account_pages_keep_and_show_nothing(writer, monkeypatch):
    monkeypatch.setattr("plans.forms.accounts.ForgottenPasswordForm.is_valid", broken(RuntimeError("odd")))
    answer = writer.post("/accounts/password/reset/", {"email": "words of@police.example"})

    assert (answer.status_code, "words of@police.example" in answer.text) == (500, False)
    assert "kept" not in writer.session
