"""Barriers: listed across the plan, escalated and resolved by those who report, with a note."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Exists
from django.utils import timezone

from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.models import Agency, Barrier
from plans.querysets.freshness import escalated_barriers
from tests.views.conftest import (  # noqa: F401
    make_plan,
    open_reading,
    report,
    see,
    year_two,
)
from tests.views.page import Page, body_of, csv_rows, said, workbook, xlsx_rows

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


def test_resolved_barriers_come_by_the_moment_they_were_resolved(year_two, raise_barrier, person):  # noqa: F811
    first, second, third = (raise_barrier(year_two, number, "No funding") for number in (4, 5, 6))
    now = timezone.now()
    for barrier, days in ((first, 1), (second, 2), (third, 1)):
        resolve_barrier(barrier=barrier, by=person, note="Funded")
        Barrier.objects.filter(pk=barrier.pk).update(resolved_at=now - timedelta(days=days))

    assert list(Barrier.objects.resolved()) == [third, first, second]


def test_escalated_barrier_counts_for_its_own_activity_while_it_is_open(year_two, raise_barrier, person):  # noqa: F811
    def counted():
        return [one.number for one in year_two.activities.filter(Exists(escalated_barriers()))]

    barrier = raise_barrier(year_two, 4, "No funding", escalated=True)
    raise_barrier(year_two, 5, "Nobody above has to know")
    assert counted() == [4]

    resolve_barrier(barrier=barrier, by=person, note="Funded")
    assert counted() == []


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

    assert page.errors == ["There is no state “lost”. Choose from: open, resolved."]
    assert listed(page) == []
    assert [words for words, _ in page.links() if words.startswith("Download")] == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("agency=polcie", "There is no agency “polcie”. Did you mean police?"),
        ("agecny=police", "There is no filter called “agecny”. Did you mean agency?"),
        ("agency=police&agency=msd", "Use “agency” only once."),
        ("agency=%00", "There is no agency “\0”. Choose from the list."),
    ],
)
def test_mistake_in_the_address_is_an_error_without_rows_or_files(
    year_two,  # noqa: F811
    raise_barrier,
    see,  # noqa: F811
    client,
    query,
    sentence,
):
    raise_barrier(year_two, 1, "Open")

    page = see(f"{BARRIERS}?{query}")

    assert [page.errors, listed(page)] == [[sentence], []]
    for kind in ("csv", "xlsx"):
        refused = client.get(f"/plans/year-two/barriers.{kind}?{query}")
        assert refused.status_code == 400
        assert sentence in said(Page(refused, 400).main)


# By agency, and as files


@pytest.fixture
def of_several(year_two, raise_barrier, person):  # noqa: F811
    """Barriers on activities of several agencies, the oldest first, and a resolved one of Police."""
    for days, (number, text, code) in enumerate(
        [
            (4, "Te Whatu Ora leads", "te-whatu-ora"),
            (1, "Police leads", "police"),
            (12, "A unit of MSD leads", "msd"),
            (10, "All agencies lead", "swa"),
            (14, "Police raised", "police"),
        ]
    ):
        raise_barrier(year_two, number, text, days=50 - days, code=code)
    resolve_barrier(barrier=raise_barrier(year_two, 5, "Police solved"), by=person, note="Done")
    return year_two


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [4, 1, 12, 10, 14]),
        ("agency=police", [1, 10, 14]),
        ("agency=+POLICE+", [1, 10, 14]),
        ("agency=police&state=resolved", [5]),
        ("agency=te-whatu-ora&state=resolved", []),
        ("agency=msd", [12, 10]),
        ("agency=msd-rps-policy-office", [12]),
        ("agency=tnoc", []),
        ("agency=&state=", [4, 1, 12, 10, 14]),
    ],
)
def test_barriers_of_an_agency_are_those_of_what_it_leads_and_those_it_raised(of_several, see, client, query, numbers):  # noqa: F811
    page = see(f"{BARRIERS}?{query}")
    files = [href for words, href in page.links() if words.startswith("Download")]
    xlsx, csv = (read(client.get(href)) for read, href in zip((xlsx_rows, csv_rows), files, strict=True))

    assert page.numbers == numbers
    assert [row[0] for row in xlsx[1:]] == numbers
    assert [int(row[0]) for row in csv[1:]] == numbers


def test_choice_of_an_agency_keeps_the_state_and_the_other_way_round(of_several, see):  # noqa: F811
    page = see(f"{BARRIERS}?agency=police&state=resolved")

    assert page.link("Open") == f"{BARRIERS}?agency=police"
    assert [one.get("value") for one in page.controls("state")] == ["resolved"]
    (chosen,) = (one for one in page.controls("agency")[0] if "selected" in one.attrib)
    assert chosen.get("value") == "police"
    assert "1 resolved barrier: Police" in page.text


def test_agency_page_leads_to_its_open_barriers(of_several, see):  # noqa: F811
    address = see("/plans/year-two/agencies/police/").link("Open barriers")

    assert see(address).numbers == [1, 10, 14]


def test_files_say_all_that_is_known_of_a_barrier(year_two, raise_barrier, person, client, time_machine):  # noqa: F811
    time_machine.move_to("2026-11-30T01:00:00Z", tick=False)
    barrier = raise_barrier(year_two, 3, "No funding", days=2)
    escalate_barrier(barrier=barrier, by=person, note="Decide")
    resolve_barrier(barrier=barrier, by=person, note="Funded")

    headings, row = csv_rows(client.get("/plans/year-two/barriers.csv?state=resolved"))

    assert dict(zip(headings, row, strict=True)) == {
        "Activity Number": "3",
        "Activity": "Alignment of TNOC and ROCC",
        "Agency Lead": "ROCC; TNOC",
        "Barrier": "No funding",
        "Raised By": "Police",
        "Raised": "2026-11-28",
        "Escalated": "2026-11-30",
        "Escalated By": "Somebody",
        "Escalation Note": "Decide",
        "Resolved": "2026-11-30",
        "Resolved By": "Somebody",
        "Resolution Note": "Funded",
    }


def test_workbook_says_what_it_holds_and_how_it_is_marked(of_several, client, time_machine):
    time_machine.move_to("2026-11-30T01:00:00Z", tick=False)
    response = client.get("/plans/year-two/barriers.xlsx?agency=police")
    book = workbook(response)

    name = "year-two-open-barriers-police-2026-11-30.xlsx"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert book.sheetnames == ["Barriers", "About this export"]
    assert book["Barriers"].oddHeader.center.text == "UNCLASSIFIED"
    facts = {row[0].value: row[1].value for row in book["About this export"]}
    assert facts["State"] == "Open"
    assert facts["Agency"] == "Police (leads the activity, or raised it)"
    assert facts["Number of barriers"] == "3"
    assert facts["Link to this view"].endswith("/plans/year-two/barriers/?agency=police")


def test_cells_of_a_barrier_cannot_run_as_formulas(year_two, raise_barrier, client):  # noqa: F811
    raise_barrier(year_two, 1, "=1+1")
    raise_barrier(year_two, 2, "Words;=cmd()")

    csv = csv_rows(client.get("/plans/year-two/barriers.csv"))
    sheet = workbook(client.get("/plans/year-two/barriers.xlsx"))["Barriers"]

    assert [row[3] for row in csv[1:]] == ["'=1+1", "Words;'=cmd()"]
    assert [(sheet[f"D{row}"].value, sheet[f"D{row}"].data_type) for row in (2, 3)] == [
        ("=1+1", "s"),
        ("Words;=cmd()", "s"),
    ]


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_costs_the_same_for_one_barrier_and_for_forty(
    year_two,  # noqa: F811
    raise_barrier,
    client,
    django_assert_num_queries,
    count,
    kind,
):
    for number in range(count):
        raise_barrier(year_two, number % 15 + 1, "Barrier")
    client.get("/plans/")

    with django_assert_num_queries(4):
        body_of(client.get(f"/plans/year-two/barriers.{kind}?agency=police"))


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

    with django_assert_num_queries(5):
        client.get(f"{BARRIERS}?agency=police")
    with django_assert_num_queries(7):
        police_updater.get(BARRIERS)
