from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from plans.actions import record_update
from plans.choices import DescriptionState, RowKind, Status
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    Barrier,
    FocusArea,
    PriorityArea,
    StatusUpdate,
    SubActivity,
)
from plans.spreadsheets.descriptions import Description, Item
from plans.spreadsheets.importing.activity_batch import CannotWrite
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.outcome import Draft, ReportDraft, RowOutcome
from plans.spreadsheets.names import NewAgency

ON = date(2024, 7, 1)
REASON = "Import 1 of plan.xlsx"


@pytest.fixture
def apply(plan, admin):
    """Applies rows, given as {number: what the draft says}, and answers their traces."""

    def run(drafts, new_agencies=()):
        ids = dict(Activity.objects.filter(plan=plan).values_list("number", "pk"))
        rows = [outcome(row, number, ids.get(number), said) for row, (number, said) in enumerate(drafts.items(), 2)]
        check = SimpleNamespace(rows=rows, new_agencies=list(new_agencies))
        with transaction.atomic():
            return apply_check(check, plan=plan, by=admin, reason=REASON, on=ON)

    return run


def outcome(row, number, activity_id, said):
    kind = RowKind.UPDATED if activity_id else RowKind.CREATED
    return RowOutcome(row=row, number=number, kind=kind, activity_id=activity_id, draft=Draft(**said))


def agency(code):
    return Agency.objects.get(code=code)


def new(**said):
    areas = {"focus_area": FocusArea.objects.get(code="SUPPLY"), "priority_area": PriorityArea.objects.get(code="P1")}
    return {**areas, "title": "New work", **said}


def links(number):
    found = ActivityAgency.objects.filter(activity__number=number).order_by("role", "position")
    return [(one.pk, one.role, one.position, one.agency.code) for one in found]


def items(number):
    found = SubActivity.objects.filter(activity__number=number).order_by("position", "pk")
    return [(one.pk, one.position, one.text, one.footnote, one.withdrawn_on) for one in found]


def history(model, **conditions):
    records = model.history.filter(**conditions).order_by("history_id")
    return list(records.values_list("id", "history_type", "history_user__email", "history_change_reason"))


def test_apply_changes_the_values_that_the_row_gives_and_what_search_finds(plan, apply):
    apply(
        {1: {"title": "Whānau first", "status": Status.ON_TRACK}, 2: {"description_state": DescriptionState.FINALISED}}
    )
    one = Activity.objects.get(number=1)
    assert (one.title, one.status, one.search_text[:12]) == ("Whānau first", "on_track", "whanau first")
    assert one.description.startswith("Operation Cobalt is a multi-phase operation")
    assert history(Activity) == [(one.pk, "~", "admin@programme.example", REASON)]
    record = Activity.history.get()
    assert (record.title, record.status, record.as_printed) == ("Whānau first", "on_track", one.as_printed)


def test_apply_sets_a_status_through_an_update_that_says_why(plan, apply):
    apply({1: {"status": Status.AT_RISK}})
    updates = StatusUpdate.objects.values_list("kind", "status", "what_happened", "author__email", "agency")
    assert list(updates) == [("set", "at_risk", REASON, "admin@programme.example", None)]


def test_apply_keeps_links_that_stay_moves_others_and_records_those_that_go(plan, apply):
    ids = {code: pk for pk, _, _, code in links(2)}
    apply({2: {"leads": [agency("msd"), agency("tpk")], "supports": [agency("police"), agency("apa")]}})
    made = ActivityAgency.objects.get(activity__number=2, agency__code="tpk").pk
    assert links(2) == [
        (ids["msd"], "lead", 1, "msd"),
        (made, "lead", 2, "tpk"),
        (ids["police"], "support", 1, "police"),
        (ids["apa"], "support", 2, "apa"),
    ]
    who = ("admin@programme.example", REASON)
    assert sorted(history(ActivityAgency)) == sorted(
        [(ids["msd"], "~", *who), (ids["apa"], "~", *who), (made, "+", *who)]
    )


def test_apply_leaves_the_other_role_alone_and_keeps_the_history_of_a_link_that_goes(plan, apply):
    (gone,) = (pk for pk, _, _, code in links(2) if code == "apa")
    apply({2: {"leads": [agency("msd")]}})
    assert [(role, code) for _, role, _, code in links(2)] == [("lead", "msd"), ("support", "police")]
    record = ActivityAgency.history.get(history_type="-")
    assert (record.id, record.agency.code, record.history_change_reason) == (gone, "apa", REASON)


def test_apply_keeps_edits_withdraws_and_adds_sub_activities(plan, apply):
    (first, second, third) = (row[0] for row in items(3))
    edited = SubActivity.objects.get(pk=first).text + " again"
    said = (Item(edited), Item("Something else"), Item(SubActivity.objects.get(pk=third).text))
    apply({3: {"description": Description("Do:", said)}})
    made = SubActivity.objects.get(text="Something else").pk
    third_text = SubActivity.objects.get(pk=third).text
    assert items(3) == [
        (first, 1, edited, "", None),
        (second, 2, SubActivity.objects.get(pk=second).text, "", ON),
        (made, 2, "Something else", "", None),
        (third, 3, third_text, "", None),
    ]
    kinds = [(pk, kind) for pk, kind, *_ in history(SubActivity)]
    assert sorted(kinds) == sorted([(first, "~"), (second, "~"), (third, "~"), (made, "+")])


def test_apply_makes_an_activity_with_all_its_parts(plan, apply):
    added = NewAgency("Customs", "customs")
    said = new(
        description=Description("Do:", (Item("This"), Item("That", "A note"))),
        leads=[added, agency("police")],
        description_state=DescriptionState.FINALISED,
        status=Status.ON_TRACK,
    )
    traces = apply({16: said}, [added])
    made = Activity.objects.get(number=16)
    assert (made.plan, made.title, made.description, made.status) == (plan, "New work", "Do:", "on_track")
    assert [row[1:] for row in links(16)] == [("lead", 1, "customs"), ("lead", 2, "police")]
    assert [row[1:] for row in items(16)] == [(1, "This", "", None), (2, "That", "A note", None)]
    assert [kind for _, kind, *_ in history(Activity)] == ["+"]
    assert [kind for _, kind, *_ in history(Agency, code="customs")] == ["+"]
    assert traces[2].before == {"leads": [], "supports": [], "items": {str(row[0]): None for row in items(16)}}
    assert traces[2].after["is_new"]


def test_apply_reports_exactly_what_recording_each_update_would(plan, apply, admin):
    december = plan.rounds.create(name="December quarter", opened_on=ON, due_on=ON)
    said = {
        1: ReportDraft(agency("police"), Status.ON_TRACK, what_happened="Done", whats_next="More"),
        5: ReportDraft(agency("police"), Status.OFF_TRACK, barrier="No money"),
        13: ReportDraft(agency("police"), Status.ON_TRACK, is_no_change=True),
    }
    with transaction.atomic():
        for number, one in said.items():
            words = {name: getattr(one, name) for name in ("what_happened", "whats_next", "barrier", "is_no_change")}
            activity = Activity.objects.get(number=number)
            record_update(activity=activity, by=admin, status=one.status, agency=one.agency, **words)
        expected = reported()
        transaction.set_rollback(True)
    apply({number: {"report": one} for number, one in said.items()})
    assert reported() == expected
    assert StatusUpdate.objects.filter(round=december).count() == 3


def reported():
    updates = StatusUpdate.objects.order_by("activity__number").values_list(
        *("activity__number", "kind", "agency", "author", "round", "status", "is_no_change"),
        *("what_happened", "whats_next", "barrier", "needs_escalation", "retracted_at"),
    )
    barriers = Barrier.objects.order_by("pk").values_list(
        *("activity__number", "update__activity__number", "text", "is_escalated", "resolved_at")
    )
    statuses = Activity.objects.order_by("number").values_list("number", "status")
    records = Activity.history.order_by("number").values_list("number", "status", "history_user", "history_type")
    return [list(rows) for rows in (updates, barriers, statuses, records)]


def test_apply_refuses_what_a_form_would_and_names_the_activity(plan, apply):
    with pytest.raises(CannotWrite) as refusal:
        apply({1: {"title": "x" * 301}, 2: {"title": "New"}})
    assert refusal.value.messages == ["Activity 1: Ensure this value has at most 300 characters (it has 301)."]
    assert not Activity.objects.filter(title="New").exists()


def test_apply_remembers_what_it_replaced(plan, apply):
    one = Activity.objects.get(number=1)
    lead = ActivityAgency.objects.get(activity=one)
    traces = apply({1: {"title": "New", "leads": [agency("msd")], "status": Status.ON_TRACK}})
    assert traces[2].before == {"title": one.title, "status": "no_update", "leads": [[lead.agency_id, 1]]}
    assert traces[2].after == {
        "title": "New",
        "status": "on_track",
        "leads": [[agency("msd").pk, 1]],
        "updates": [StatusUpdate.objects.get().pk],
    }


def query_count(apply, drafts):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        apply(drafts)
    return len(queries)


def test_apply_costs_no_query_a_row(plan, apply):
    items_said = Description("Do:", (Item("This"),))
    full = {"description": items_said, "leads": [agency("police")], "status": Status.ON_TRACK}
    few = query_count(apply, {number: new(**full) for number in range(100, 102)})
    many = query_count(apply, {number: new(**full) for number in range(200, 700)})
    # On PostgreSQL, the names of agencies are held.
    assert few == many == 17 + (connection.vendor == "postgresql")


def test_status_of_a_file_counts_though_the_clock_went_back(plan, apply, admin):
    with time_machine.travel(datetime(2026, 11, 3, 12, tzinfo=UTC), tick=False):
        record_update(activity=Activity.objects.get(number=1), by=admin, status="on_track", what_happened="First")
    with time_machine.travel(datetime(2026, 11, 3, 11, tzinfo=UTC), tick=False):
        apply({1: {"status": Status.AT_RISK}})

    updates = StatusUpdate.objects.filter(activity__number=1)
    assert list(updates.values_list("status", flat=True)) == ["at_risk", "on_track"]
