"""Barriers: listed across the plan, escalated and resolved by those who report, with a note."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.models import Agency, Barrier
from tests.views.conftest import (  # noqa: F401
    make_plan,
    open_reading,
    report,
    see,
    year_two,
)
from tests.views.page import Page, said

BARRIERS = "/plans/year-two/barriers/"


@pytest.fixture
def person(make_user):
    return make_user("somebody@programme.example", name="Somebody")


@pytest.fixture
def raise_barrier(report, person):  # noqa: F811
    """Raises a barrier on an activity: `raise_barrier(plan, 4, "Text", days=3, escalated=True)`."""

    def make(plan, number, text, *, days=0, escalated=False, code="police"):
        # By the calendar: ninety times 24 hours ago is another day when the clocks changed since.
        at = timezone.localtime() - timedelta(days=days)
        agency = Agency.objects.get(code=code)
        update = report(plan.activities.get(number=number), barrier=text, made_at=at, agency=agency)
        escalation = {"is_escalated": True, "escalated_at": at, "escalated_by": person} if escalated else {}
        return Barrier.objects.create(activity=update.activity, update=update, text=text, **escalation)

    return make


def listed(page):
    """What the page says of each barrier, one string each."""
    return [said(item) for item in page.main.iter("li") if "barrier" in item.get("class", "").split()]


# What can be done


def test_escalated_barrier_says_who_when_and_to_whom(year_two, raise_barrier, person):  # noqa: F811
    barrier = raise_barrier(year_two, 4, "No funding")

    escalate_barrier(barrier=barrier, by=person, note="The steering group decides on funding")

    barrier.refresh_from_db()
    assert (barrier.is_escalated, barrier.escalated_by) == (True, person)
    assert barrier.escalation_note == "The steering group decides on funding"
    assert barrier.escalated_at <= timezone.now()
    assert list(Barrier.objects.open()) == [barrier]


def test_resolved_barrier_is_open_no_more_and_says_how(year_two, raise_barrier, person):  # noqa: F811
    barrier = raise_barrier(year_two, 4, "No funding")

    resolve_barrier(barrier=barrier, by=person, note="Funded until June")

    barrier.refresh_from_db()
    assert (barrier.resolution_note, barrier.resolved_by) == ("Funded until June", person)
    assert (list(Barrier.objects.open()), list(Barrier.objects.resolved())) == ([], [barrier])


@pytest.mark.parametrize("action", [escalate_barrier, resolve_barrier])
@pytest.mark.parametrize("note", ["", " \n"])
def test_blank_note_is_refused(year_two, raise_barrier, person, action, note):  # noqa: F811
    barrier = raise_barrier(year_two, 4, "No funding")

    with pytest.raises(ValidationError, match="Enter "):
        action(barrier=barrier, by=person, note=note)

    kept = Barrier.objects.get()
    assert (kept.is_escalated, kept.resolved_at) == (False, None)


@pytest.mark.parametrize("second", [escalate_barrier, resolve_barrier])
def test_what_is_resolved_stays_as_it_was_resolved(year_two, raise_barrier, person, make_user, second):  # noqa: F811
    barrier = raise_barrier(year_two, 4, "No funding")
    resolve_barrier(barrier=barrier, by=person, note="Funded until June")

    with pytest.raises(ValidationError) as refused:
        second(barrier=barrier, by=make_user("late@agency.example"), note="Too late")

    today = f"{timezone.localdate():%-d %B %Y}"
    assert refused.value.messages == [f"Already resolved by Somebody on {today}: “Funded until June”"]
    kept = Barrier.objects.get()
    assert (kept.resolution_note, kept.resolved_by, kept.is_escalated) == ("Funded until June", person, False)


def test_what_is_escalated_is_not_escalated_again(year_two, raise_barrier, make_user):  # noqa: F811
    barrier = raise_barrier(year_two, 4, "No funding", escalated=True)

    with pytest.raises(ValidationError, match="Already escalated by Somebody on"):
        escalate_barrier(barrier=barrier, by=make_user("late@agency.example"), note="Too late")

    assert Barrier.objects.get().escalation_note == ""


# The list


def test_list_has_the_escalated_first_then_the_longest_standing(year_two, raise_barrier, person, see):  # noqa: F811
    raise_barrier(year_two, 1, "Newest")
    raise_barrier(year_two, 4, "Oldest", days=90, code="te-whatu-ora")
    raise_barrier(year_two, 5, "Urgent", days=1, escalated=True)
    resolve_barrier(barrier=raise_barrier(year_two, 8, "Gone", days=3), by=person, note="Done")
    raise_barrier(year_two, 9, "Of a withdrawn activity")
    year_two.activities.filter(number=9).update(withdrawn_on=date(2026, 7, 1))

    page = see(BARRIERS)

    days = {days: timezone.localdate() - timedelta(days=days) for days in (0, 1, 90)}
    words = {number: f"{day:%-d %B %Y}" for number, day in days.items()}
    urgent, oldest = "5. Gang Harm Reduction Project rollout", "4. Coordination of meth harm reduction programmes"
    escalated = f"Open for 1 day. Escalated by Somebody on {words[1]}"
    assert listed(page) == [
        f"Escalated {urgent} Urgent Raised by Police on {words[1]}. {escalated}",
        f"{oldest} Oldest Raised by Te Whatu Ora on {words[90]}. Open for 90 days.",
        f"1. Operation Cobalt Newest Raised by Police on {words[0]}. Opened today.",
    ]
    assert "3 open barriers" in page.text


def test_resolved_ones_are_listed_apart_the_latest_first(year_two, raise_barrier, person, see):  # noqa: F811
    for number in (1, 5):
        barrier = raise_barrier(year_two, number, f"Barrier {number}")
        resolve_barrier(barrier=barrier, by=person, note=f"Solved {number}")
    raise_barrier(year_two, 4, "Open")

    page = see(f"{BARRIERS}?state=resolved")

    assert page.numbers == [5, 1]
    assert [text.partition(": ")[2] for text in listed(page)] == ["Solved 5", "Solved 1"]


def test_list_leaves_out_other_plans(year_two, make_plan, raise_barrier, see):  # noqa: F811
    raise_barrier(make_plan("year-three", 1), 1, "Of another plan")

    page = see(BARRIERS)

    assert listed(page) == []
    assert "No open barriers" in page.text


def test_unknown_state_is_an_error_without_rows(year_two, raise_barrier, see):  # noqa: F811
    raise_barrier(year_two, 1, "Open")

    page = see(f"{BARRIERS}?state=lost")

    assert page.errors == ["There is no “lost” here. Choose from: open, resolved."]
    assert listed(page) == []


def test_words_of_a_barrier_are_words(year_two, raise_barrier, see):  # noqa: F811
    raise_barrier(year_two, 1, "<b>Bold</b>")

    page = see(BARRIERS)

    assert "<b>Bold</b>" in page.text
    assert "<b>Bold" not in page.html


# Who may


def test_updater_sees_what_to_do_about_activities_that_they_lead_only(
    year_two,  # noqa: F811
    raise_barrier,
    police_updater,
):
    mine, others = (raise_barrier(year_two, number, "Barrier").pk for number in (1, 4))

    links = [href for _, href in Page(police_updater.get(BARRIERS)).links() if "barriers/" in href]

    assert [f"{BARRIERS}{mine}/escalate/" in links, f"{BARRIERS}{mine}/resolve/" in links] == [True, True]
    assert [href for href in links if f"/{others}/" in href] == []


@pytest.mark.parametrize(("verb", "column"), [("escalate", "escalation_note"), ("resolve", "resolution_note")])
def test_lead_writes_a_note(year_two, raise_barrier, police_updater, verb, column):  # noqa: F811
    barrier = raise_barrier(year_two, 1, "No funding")
    address = f"{BARRIERS}{barrier.pk}/{verb}/"
    empty = Page(police_updater.post(address, {"note": " "}))

    answer = police_updater.post(address, {"note": "We asked"})

    assert "This field is required." in empty.text
    assert answer["Location"] == BARRIERS
    assert getattr(Barrier.objects.get(), column) == "We asked"


@pytest.mark.parametrize("verb", ["escalate", "resolve"])
@pytest.mark.parametrize(("cast", "status"), [("police_updater", 403), ("reader", 403), ("programme_admin", 302)])
def test_others_may_not(year_two, raise_barrier, request, cast, status, verb):  # noqa: F811
    barrier = raise_barrier(year_two, 4, "No funding", code="te-whatu-ora")

    answer = request.getfixturevalue(cast).post(f"{BARRIERS}{barrier.pk}/{verb}/", {"note": "We asked"})

    kept = Barrier.objects.get()
    assert answer.status_code == status
    assert (kept.is_escalated or kept.resolved_at is not None) == (status == 302)


def test_who_comes_late_is_told_and_keeps_what_was_typed(year_two, raise_barrier, person, police_updater):  # noqa: F811
    barrier = raise_barrier(year_two, 1, "No funding")
    resolve_barrier(barrier=barrier, by=person, note="Funded until June")

    page = Page(police_updater.post(f"{BARRIERS}{barrier.pk}/resolve/", {"note": "Sorted out"}))

    assert "Already resolved by Somebody on" in page.text
    assert page.controls("note")[0].text.strip() == "Sorted out"
    assert Barrier.objects.get().resolution_note == "Funded until June"


# What it costs


@pytest.mark.parametrize("count", [1, 40])
def test_list_costs_the_same_for_one_barrier_and_for_forty(
    year_two,  # noqa: F811
    raise_barrier,
    client,
    police_updater,
    django_assert_num_queries,
    count,
):
    for number in range(count):
        raise_barrier(year_two, number % 15 + 1, "Barrier", escalated=number % 2 == 0)
    police_updater.get("/plans/")

    with django_assert_num_queries(4):
        client.get(BARRIERS)
    with django_assert_num_queries(6):
        police_updater.get(BARRIERS)
