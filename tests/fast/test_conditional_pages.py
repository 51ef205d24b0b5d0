"""Pages that a browser has are not sent again as long as they would be the same, for the same person."""

import pytest
from django.conf import settings as site
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.test import RequestFactory

from plans.fast import conditional_page
from plans.models import Activity, Agency, Membership, Plan, User
from plans.views import browse
from tests.views.conftest import make_activity

pytestmark = pytest.mark.usefixtures("tricks_on")

PLAN = "/plans/year-two/"
PAGES = [
    "/plans/",
    PLAN,
    f"{PLAN}activities/",
    f"{PLAN}activities/?agency=police&q=title",
    f"{PLAN}activities/1/",
    f"{PLAN}activities/1/history/",
    f"{PLAN}about/",
    f"{PLAN}matrix/",
    f"{PLAN}focus-areas/supply/",
    f"{PLAN}priority-areas/p1/",
    f"{PLAN}agencies/",
    f"{PLAN}agencies/police/",
    f"{PLAN}rounds/",
    f"{PLAN}barriers/",
    f"{PLAN}dates/",
    f"{PLAN}compare/",
]


@pytest.fixture
def plan(make_plan, open_reading):
    return make_plan("year-two", 2)


def again(client, address, tag, **headers):
    return client.get(address, headers={"If-None-Match": tag, **headers})


def forget_transaction():
    """All of a test is one transaction, of which PostgreSQL marks the first change only; what follows is a new one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('rocc.marked_by', '', true)")


@pytest.mark.parametrize("address", PAGES)
def test_unchanged_page_is_not_sent_again_and_costs_a_visitor_one_query(
    plan, visitor, django_assert_num_queries, address
):
    page = visitor.get(address)

    with django_assert_num_queries(1):
        answer = again(visitor, address, page["ETag"])

    assert (page.status_code, answer.status_code, answer.content) == (200, 304, b"")
    assert answer["ETag"] == page["ETag"]
    assert {page["Cache-Control"], answer["Cache-Control"]} == {"private, no-cache"}
    assert {"Cookie", "HX-Request"} <= set(answer["Vary"].split(", "))


@pytest.mark.parametrize("address", PAGES)
def test_unchanged_page_costs_a_signed_in_person_their_session_and_themselves(
    plan, reader, django_assert_num_queries, address
):
    # The mark comes with the person. The first page brings the secret of its forms as a cookie.
    tag = reader.get(address)["ETag"]

    with django_assert_num_queries(2):
        answer = again(reader, address, tag)

    assert answer.status_code == 304


@pytest.mark.parametrize("address", PAGES)
def test_head_of_an_unchanged_page_says_so_too(plan, visitor, address):
    tag = visitor.head(address)["ETag"]

    assert visitor.head(address, headers={"If-None-Match": tag}).status_code == 304
    assert visitor.get(address)["ETag"] == tag


@pytest.mark.parametrize("address", [PLAN, f"{PLAN}activities/1/"])
def test_stranger_who_names_no_page_gets_it_whole(plan, visitor, address):
    answer = again(visitor, address, "*")

    assert (answer.status_code, bool(answer.content)) == (200, True)
    assert again(visitor, f"{PLAN}activities/99/", "*").status_code == 404


CHANGES = {
    "title": lambda: Activity.objects.filter(number=1).update(title="Another"),
    "another plan": lambda: Plan.objects.create(slug="other", name="Other", short_name="Other"),
    "agency": lambda: Agency.objects.filter(code="msd").update(name="Ministry"),
    "new activity": lambda: make_activity(Plan.objects.get(), 3),
    "unpublished": lambda: Plan.objects.update(is_published=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_page_is_sent_again_after_a_change(plan, visitor, change):
    tags = {address: visitor.get(address)["ETag"] for address in PAGES}
    forget_transaction()

    CHANGES[change]()

    assert {again(visitor, address, tag).status_code for address, tag in tags.items()} <= {200, 404}


def test_page_is_sent_again_when_the_person_belongs_elsewhere(plan, reader):
    tag = reader.get(f"{PLAN}activities/1/")["ETag"]
    forget_transaction()

    Membership.objects.create(user=reader.user, agency=Agency.objects.get(code="police"))

    answer = again(reader, f"{PLAN}activities/1/", tag)
    assert answer.status_code == 200
    assert "/activities/1/update/" in answer.content.decode()


def test_page_is_sent_again_on_another_day(plan, visitor, time_machine):
    time_machine.move_to("2026-07-01T23:59:00+12:00", tick=False)
    tag = visitor.get(PLAN)["ETag"]
    assert again(visitor, PLAN, tag).status_code == 304

    time_machine.move_to("2026-07-02T00:00:00+12:00", tick=False)

    assert again(visitor, PLAN, tag).status_code == 200


def test_page_of_one_person_is_never_unchanged_for_another(plan, visitor, reader, programme_admin):
    people = [visitor, reader, programme_admin]
    tags = [person.get(PLAN)["ETag"] for person in people]

    answered = [[again(person, PLAN, tag).status_code for tag in tags] for person in people]

    assert answered == [[304, 200, 200], [200, 304, 200], [200, 200, 304]]


def test_page_from_before_signing_out_is_sent_again(plan, reader):
    tag = reader.get(PLAN)["ETag"]

    reader.logout()

    assert again(reader, PLAN, tag).status_code == 200


def test_signing_out_has_the_browser_forget_its_pages(plan, reader):
    answer = reader.post("/accounts/logout/")

    assert (answer.status_code, answer["Clear-Site-Data"]) == (302, '"cache"')
    assert "Clear-Site-Data" not in reader.get(PLAN)


def test_closed_site_sends_a_visitor_with_a_tag_to_sign_in(plan, visitor, settings):
    tag = visitor.get(PLAN)["ETag"]
    settings.ROCC_OPEN_READING = False

    assert again(visitor, PLAN, tag)["Location"] == f"/accounts/login/?next={PLAN}"


def test_person_whose_account_was_closed_gets_nothing(plan, reader, settings):
    settings.ROCC_OPEN_READING = False
    tag = reader.get(PLAN)["ETag"]

    User.objects.filter(pk=reader.user.pk).update(is_active=False)

    assert again(reader, PLAN, tag).status_code == 302


def test_any_tag_is_no_key_to_a_page_that_is_not_there(plan, visitor):
    assert again(visitor, "/plans/year-nine/", visitor.get(PLAN)["ETag"]).status_code == 404
    assert "ETag" not in visitor.get("/plans/year-nine/")


@pytest.mark.parametrize("name", ["SECRET_KEY", "ROCC_OPEN_READING"])
def test_page_is_sent_again_when_the_settings_change(plan, reader, settings, name):
    before = browse.overview
    request = RequestFactory().get(PLAN)
    request.user = reader.user
    messages_of(request)
    tag = before(request, plan_slug="year-two")["ETag"]

    setattr(settings, name, "another-key" if name == "SECRET_KEY" else False)

    assert before(request, plan_slug="year-two")["ETag"] != tag


def messages_of(request):
    request._messages = CookieStorage(request)
    request.htmx = None


def test_page_is_sent_again_after_a_new_version_is_installed(plan, visitor, monkeypatch):
    tag = visitor.get(PLAN)["ETag"]
    monkeypatch.setattr(conditional_page, "what_pages_are_made_of", lambda: "another version")

    assert again(visitor, PLAN, tag).status_code == 200


def test_build_tells_versions_apart(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "base.html").write_text("one")
    before = conditional_page.what_pages_are_made_of.__wrapped__()

    (tmp_path / "templates" / "base.html").write_text("two")

    assert conditional_page.what_pages_are_made_of.__wrapped__() != before


def test_part_of_a_page_is_not_taken_for_the_page(plan, visitor):
    address = f"{PLAN}activities/"
    whole, part = visitor.get(address), visitor.get(address, headers={"HX-Request": "true"})

    assert again(visitor, address, whole["ETag"], **{"HX-Request": "true"}).status_code == 200
    assert again(visitor, address, part["ETag"]).status_code == 200
    assert again(visitor, address, part["ETag"], **{"HX-Request": "true"}).status_code == 304


def test_query_is_part_of_the_page(plan, visitor):
    tag = visitor.get(f"{PLAN}activities/")["ETag"]

    assert again(visitor, f"{PLAN}activities/?q=title", tag).status_code == 200


def test_page_whose_form_has_lost_its_secret_is_sent_again(plan, reader, monkeypatch):
    def with_form(request, *args):
        get_token(request)
        return render(request, *args)

    monkeypatch.setattr(browse, "render", with_form)
    tag = reader.get(PLAN)["ETag"]
    del reader.cookies[site.CSRF_COOKIE_NAME]

    answer = again(reader, PLAN, tag)

    assert answer.status_code == 200
    assert site.CSRF_COOKIE_NAME in answer.cookies


def test_page_that_shows_a_message_has_no_tag_and_waiting_ones_are_shown(plan, reader):
    tag = reader.get(PLAN)["ETag"]
    request = RequestFactory().get("/")
    storage = CookieStorage(request)
    storage.add(messages.SUCCESS, "Your update was saved.")
    reader.cookies["messages"] = storage._encode(storage._queued_messages)

    answer = again(reader, PLAN, tag)

    assert answer.status_code == 200
    assert "Your update was saved." in answer.content.decode()
    assert "ETag" not in answer
    assert again(reader, PLAN, tag).status_code == 304


def test_change_while_a_page_is_made_leaves_it_the_older_tag(plan, visitor, monkeypatch):
    summarise, before = browse.summarise_plan, visitor.get(PLAN)["ETag"]
    forget_transaction()

    def while_somebody_writes(*args):
        Activity.objects.filter(number=1).update(title="Written meanwhile")
        return summarise(*args)

    monkeypatch.setattr(browse, "summarise_plan", while_somebody_writes)
    page = visitor.get(PLAN)
    monkeypatch.undo()

    assert "Written meanwhile" in page.content.decode()
    assert page["ETag"] == before
    assert again(visitor, PLAN, page["ETag"]).status_code == 200


def test_no_tags_while_templates_are_being_edited(plan, visitor, settings):
    settings.DEBUG = True

    assert "ETag" not in visitor.get(PLAN)


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_sent_whole_without_the_tricks(plan, visitor, settings, address):
    page = visitor.get(address)
    settings.ROCC_FAST = False

    answer = again(visitor, address, page["ETag"])

    assert (answer.status_code, answer.content) == (200, page.content)
    assert "ETag" not in answer
    assert answer["Cache-Control"] == page["Cache-Control"]
    assert answer["Vary"] == page["Vary"]


def test_no_tags_where_the_mark_is_missing(plan, visitor):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM plans_change_mark")

    assert "ETag" not in visitor.get(PLAN)


def test_compressed_page_is_unchanged_too(plan, visitor):
    page = visitor.get(PLAN, headers={"Accept-Encoding": "gzip"})

    assert page["Content-Encoding"] == "gzip"
    assert again(visitor, PLAN, page["ETag"], **{"Accept-Encoding": "gzip"}).status_code == 304
