"""The menus of every page: what each person can go to, with what counts, and where people land who sign in."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from plans.choices import DescriptionState, Status
from plans.models import Activity, Barrier, Membership, Plan
from tests.fast.test_conditional_pages import forget_transaction
from tests.views.page import Page, said

PLAN = "/plans/year-two/"
PASSWORD = "Seven kauri by the river"
EVERYBODY = [
    ("Overview", PLAN),
    ("Activities", f"{PLAN}activities/"),
    ("Agencies", f"{PLAN}agencies/"),
    ("Barriers", f"{PLAN}barriers/"),
    ("Due dates", f"{PLAN}dates/"),
    ("Summary tables", f"{PLAN}matrix/"),
]
WITHOUT_PLAN = ["/plans/", "/account/", "/plans/nowhere/", "/accounts/password/set/"]
OF_ADMINS = ["/people/", "/people/invite/", "/people/audit/", "/manage/"]


@pytest.fixture
def plan(make_plan):
    """Three activities that Police leads, of the current plan."""
    return make_plan("year-two", 3, is_current=True)


@pytest.fixture
def open_round(plan):
    """A round that is due in ten days."""
    today = localdate()
    return plan.rounds.create(name="June quarter", opened_on=today, due_on=today + timedelta(days=10))


def menu(client, address=PLAN, status=200):
    """[(what a link of the header says, its address)], those of the menus in order."""
    page = Page(client.get(address), status)
    [header] = [one for one in page.root.iter("header") if one.get("class") == "masthead"]
    navs = [one for one in header.iter("nav") if one.get("aria-label") == "Main"]
    return [(said(link), link.get("href")) for nav in navs for link in nav.iter("a")]


def add_barrier(report, activity, **fields):
    update = report(activity, Status.AT_RISK)
    return Barrier.objects.create(activity=activity, update=update, text="No funding", **fields)


def test_visitor_finds_the_pages_of_the_plan_and_no_count_of_anyone(plan, open_round, open_reading, visitor):
    assert menu(visitor) == EVERYBODY
    assert " due</span>" not in visitor.get(PLAN).text


def test_reader_has_no_updates_of_their_own(plan, open_round, reader):
    assert menu(reader) == EVERYBODY


def test_open_barriers_of_activities_in_force_are_counted(plan, report, open_reading, visitor):
    first, second, third = plan.activities.order_by("number")
    for activity in (first, second, third):
        add_barrier(report, activity)
    other = Plan.objects.create(slug="other", name="Other", short_name="Other", is_published=True)
    Activity.objects.filter(pk=third.pk).update(withdrawn_on=localdate())
    assert menu(visitor)[3] == ("Barriers 2", f"{PLAN}barriers/")

    Activity.objects.filter(pk=second.pk).update(plan=other)
    assert menu(visitor)[3] == ("Barriers 1", f"{PLAN}barriers/")


def test_updater_finds_first_what_is_due_as_their_page_counts_it(plan, open_round, police_updater, report):
    updates = f"{PLAN}updates/"
    assert menu(police_updater)[0] == ("My updates 3 due", updates)

    report(plan.activities.get(number=1), round=open_round)
    assert menu(police_updater)[0] == ("My updates 2 due", updates)
    assert len(police_updater.get(updates).context["owed"]) == 2

    plan.activities.filter(number=2).update(status=Status.COMPLETE)
    assert menu(police_updater)[0] == ("My updates 1 due", updates)
    plan.activities.filter(number=3).update(withdrawn_on=localdate())
    assert menu(police_updater)[0] == ("My updates", updates)
    assert menu(police_updater)[1:] == EVERYBODY


def test_nothing_is_due_between_rounds(plan, police_updater, reader):
    assert menu(police_updater)[0] == ("My updates", f"{PLAN}updates/")


def test_ended_membership_takes_the_entry_away(plan, open_round, police_updater):
    police_updater.user.memberships.update(ended_at=police_updater.user.memberships.get().started_at)

    assert menu(police_updater) == EVERYBODY


def test_counts_of_one_person_are_on_no_page_of_another(plan, open_round, open_reading, police_updater, reader):
    with_counts = menu(police_updater)

    assert [menu(Client()), menu(reader), menu(police_updater)] == [EVERYBODY, EVERYBODY, with_counts]


def test_programme_admin_finds_reporting_and_managing_with_counts(plan, open_round, programme_admin):
    plan.activities.filter(number=2).update(description_state=DescriptionState.TO_BE_FINALISED)
    assert "to end" not in str(menu(programme_admin))
    plan.activities.filter(number__in=(1, 2)).update(status="complete")
    plan.activities.filter(number=1).update(ending="delivered", ended_on="2024-06-30", ending_note="Done")
    found = menu(programme_admin)

    assert found[: len(EVERYBODY)] == EVERYBODY
    assert found[len(EVERYBODY) :][:3] == [
        ("June quarter", f"{PLAN}rounds/{open_round.pk}/"),
        ("Send reminders", f"{PLAN}rounds/{open_round.pk}/chase/"),
        ("All rounds", f"{PLAN}rounds/"),
    ]
    assert ("Descriptions to finalise 1", f"{PLAN}activities/?description=to_be_finalised") in found
    assert ("Activities to end 1", f"{PLAN}activities/?status=complete&ending=open") in found
    assert ("People", "/people/") in found


def test_between_rounds_reporting_begins_with_opening_one(plan, programme_admin):
    assert menu(programme_admin)[len(EVERYBODY) :][:2] == [
        ("Open a round", f"{PLAN}rounds/open/"),
        ("All rounds", f"{PLAN}rounds/"),
    ]


def test_admin_who_is_in_an_agency_has_updates_of_their_own(plan, open_round, programme_admin):
    assert menu(programme_admin)[0][0] == "Overview"

    police = plan.activities.first().agency_links.get(role="lead").agency
    Membership.objects.create(user=programme_admin.user, agency=police)
    assert menu(programme_admin)[0] == ("My updates 3 due", f"{PLAN}updates/")


@pytest.mark.parametrize("has_round", [True, False])
def test_every_entry_leads_to_a_page(plan, programme_admin, has_round):
    today = localdate()
    if has_round:
        plan.rounds.create(name="June quarter", opened_on=today, due_on=today)
    addresses = [address for _, address in menu(programme_admin)]

    assert {address: programme_admin.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)
    for address in addresses:
        if "#" in address:
            assert f'id="{address.partition("#")[2]}"' in programme_admin.get(address).text


def test_entries_of_the_admin_site_are_for_those_who_may_use_it(plan, programme_admin):
    type(programme_admin.user).objects.filter(pk=programme_admin.user.pk).update(is_staff=False)

    assert [address for _, address in menu(programme_admin) if address.startswith("/admin/")] == []


@pytest.mark.parametrize("address", WITHOUT_PLAN)
def test_pages_about_no_plan_keep_the_menus_of_the_current_one(plan, make_plan, open_round, police_updater, address):
    make_plan("year-three", 1, starts_on="2030-01-01")

    assert menu(police_updater, address, status=404 if "nowhere" in address else 200) == menu(police_updater)


@pytest.mark.parametrize("address", OF_ADMINS)
def test_pages_of_admins_keep_the_menus_of_the_current_plan(plan, programme_admin, address):
    assert menu(programme_admin, address) == menu(programme_admin)
    assert "Year two" in programme_admin.get(address).text


def test_page_of_another_plan_has_the_menus_of_that_plan(plan, make_plan, open_reading, visitor):
    make_plan("year-three", 1)

    assert menu(visitor, "/plans/year-three/")[0] == ("Overview", "/plans/year-three/")


def test_strangers_to_a_closed_site_see_no_menu(plan, closed_reading, visitor):
    assert menu(visitor, "/accounts/login/") == []
    assert "Year two" not in visitor.get("/accounts/login/").text


def test_readers_see_no_menu_of_a_plan_that_is_not_published(reader, open_reading, visitor):
    Plan.objects.create(slug="draft", name="Draft plan", short_name="Draft")

    assert [menu(client, "/plans/") for client in (reader, visitor)] == [[], []]


def test_admin_of_a_site_without_plans_can_manage(programme_admin):
    assert ("People", "/people/") in menu(programme_admin, "/plans/")
    assert ("People", "/people/") in [link[:2] for link in Page(programme_admin.get("/manage/")).links()]


def test_page_says_where_it_is(plan, open_round, programme_admin):
    page = Page(programme_admin.get(f"{PLAN}barriers/"))
    assert [said(one) for one in page.root.iter("a") if one.get("aria-current") == "page"][:1] == ["Barriers"]

    page = Page(programme_admin.get("/people/"))
    assert [said(one) for one in page.root.iter("summary") if one.get("aria-current")] == ["Manage"]


def test_plan_can_be_switched_where_there_is_another(plan, make_plan, open_reading, visitor, programme_admin):
    Plan.objects.create(slug="draft", name="Draft plan", short_name="Draft")
    assert ["Switch plan" in client.get(PLAN).text for client in (visitor, programme_admin)] == [False, True]

    make_plan("year-three", 1)
    assert "Switch plan" in visitor.get(PLAN).text


def test_page_is_sent_again_when_a_count_changed(plan, open_round, police_updater, report, tricks_on):
    about = f"{PLAN}about/"
    first = police_updater.get(about)
    again = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    assert police_updater.get(about, **again).status_code == 304

    forget_transaction()
    report(plan.activities.get(number=1), round=open_round)
    page = police_updater.get(about, **again)
    assert (page.status_code, "2 due" in page.text) == (200, True)


def test_manage_shows_the_entries_of_the_menus_with_a_hint_each(plan, open_round, make_plan, programme_admin):
    make_plan("year-three", 1)
    page = Page(programme_admin.get("/manage/?plan=year-three"))

    assert "/plans/year-three/import/" in [address for _, address in page.links()]
    assert programme_admin.get("/manage/?plan=nowhere").status_code == 404
    entries = [one for shown in programme_admin.get("/manage/").context["menus"] for one in shown.entries]
    assert [entry.label for entry in entries if not entry.hint] == []
    assert 'href="/manage/?plan=year-two"' in programme_admin.get(PLAN).text


def sign_in(person, after=""):
    person.set_password(PASSWORD)
    person.save()
    answer = Client().post(f"/accounts/login/{after}", {"login": person.email, "password": PASSWORD})
    return answer["Location"]


@pytest.mark.parametrize("after", ["", "?next=/"])
def test_updater_lands_on_what_is_due(plan, open_round, police_updater, after):
    assert sign_in(police_updater.user, after) == f"{PLAN}updates/"


def test_updater_to_whom_nothing_is_due_lands_on_the_plan(plan, police_updater):
    assert sign_in(police_updater.user) == "/"
    assert sign_in(police_updater.user, "?next=/") == "/"


def test_updater_on_the_way_to_a_page_lands_there(plan, open_round, police_updater):
    assert sign_in(police_updater.user, f"?next={PLAN}activities/2/") == f"{PLAN}activities/2/"
    assert sign_in(police_updater.user, "?next=https://elsewhere.example/") == f"{PLAN}updates/"


def test_readers_and_admins_land_on_the_plan(plan, open_round, reader, programme_admin):
    assert [sign_in(client.user) for client in (reader, programme_admin)] == ["/", "/"]


def test_account_page_says_who_someone_is_and_signs_out(plan, police_updater, reader, programme_admin):
    pages = [client.get("/account/").text for client in (police_updater, reader, programme_admin)]

    assert [re.search("<dt>Agencies</dt><dd>(Police|None)", page)[1] for page in pages] == ["Police", "None", "None"]
    assert ["You are a programme admin." in page for page in pages] == [False, False, True]
    assert all('action="/accounts/logout/"' in page and 'id="slash"' in page for page in pages)
