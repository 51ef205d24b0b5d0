from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now

from plans.actions import add_note, record_update
from plans.actions.barriers import escalate_barrier
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    Barrier,
    Import,
    ImportRow,
    Membership,
    StatusUpdate,
    SubActivity,
)
from plans.spreadsheets.importing import undo, workflow
from plans.spreadsheets.importing.undo_batch import KeptValue, Words
from plans.summaries.record import read_events

AREAS = "Number,Strategic Focus Area,Priority Action Area"
NEW = f"{AREAS},Activity,Description,Agency Lead,Status"


@pytest.fixture
def undone(admin):
    """Takes an import back, and answers its report."""

    def run(source):
        workflow.run_undo(source, admin)
        assert (source.state, source.problem) == ("undone", "")
        return source.undo_report

    return run


def everything():
    """All that people see of the plan, but for the ids of links."""
    own = ("title", "description", "description_state", "focus_area_id", "priority_area_id", "status", "search_text")
    items = ("pk", "position", "text", "footnote", "is_done")
    return {
        "activities": list(Activity.objects.in_force().order_by("number").values_list("number", *own)),
        "links": sorted(
            ActivityAgency.objects.filter(activity__withdrawn_on=None).values_list(
                "activity__number", "role", "position", "agency__code"
            )
        ),
        "items": sorted(SubActivity.objects.in_force().values_list("activity__number", *items)),
        "updates": list(StatusUpdate.objects.filter(retracted_at=None).order_by("pk").values_list("pk", "status")),
        "barriers": list(Barrier.objects.open().values_list("text")),
        "agencies": sorted(Agency.objects.values_list("code", "name")),
    }


def one(number):
    return Activity.objects.get(number=number)


FULL = (
    NEW,
    '1,DEMAND,P4,New title,"New words\n• An item",MSD; TPK,On track',
    '3,,,,"Other words\n• Deportee journey mapping\n• Something else",,',
    "2,,,,,APA,At risk",
    '16,SUPPLY,P1,More,"Do:\n• This\n• That",Customs; Police,On track',
)
CREATE = {"agency": {"Customs": {"create": "Customs"}}}


def test_undo_puts_everything_back_as_it_was(imported, undone):
    before = everything()
    source = imported(*FULL, names=CREATE)
    assert everything() != before
    report = undone(source)
    assert everything() == before
    assert report["kept"] == []
    assert (source.undone_by.email, source.undone_at is not None) == ("admin@programme.example", True)


def test_undo_is_itself_in_the_history(imported, undone):
    source = imported("Number,Activity,Agency Lead", "1,New title,MSD")
    undone(source)
    why = f"Undo of import {source.pk} of plan.csv"
    assert [(row.title, row.history_change_reason) for row in Activity.history.order_by("history_id")][1:] == [
        ("Operation Cobalt", why)
    ]
    assert [
        (link.agency.code, link.history_type)
        for link in ActivityAgency.history.filter(history_change_reason=why).order_by("agency__code")
    ] == [("msd", "-"), ("police", "+")]


def test_undo_withdraws_what_the_import_made_and_keeps_its_record(imported, undone):
    source = imported(*FULL, names=CREATE)
    undone(source)
    made = one(16)
    assert (made.withdrawn_on, made.title, made.status) == (localdate(), "More", "no_update")
    assert not Agency.objects.filter(name="Customs").exists()


def test_undo_keeps_what_somebody_edited_since_and_lists_it(imported, undone, admin):
    source = imported("Number,Activity,Agency Lead,Strategic Focus Area", "1,New title,MSD,DEMAND")
    Activity.objects.filter(number=1).update(title="Better title")
    ActivityAgency.objects.create(activity=one(1), agency=Agency.objects.get(code="tpk"), role="lead", position=2)
    report = undone(source)
    assert report == {
        "taken_back": 1,
        "kept": [
            {"number": 1, "column": "Activity", "imported": "New title", "now": "Better title"},
            {"number": 1, "column": "Agency Lead", "imported": "MSD", "now": "MSD; TPK"},
        ],
    }
    assert (one(1).title, one(1).focus_area.code) == ("Better title", "SUPPLY")


def test_undo_never_takes_an_agency_off_whose_part_somebody_changed_since(imported, undone):
    """Police went from lead to support; somebody then added a lead, so both cells stay."""
    source = imported("Number,Agency Lead,Support Agencies", "1,MSD,Police")
    ActivityAgency.objects.create(activity=one(1), agency=Agency.objects.get(code="tpk"), role="lead", position=2)
    report = undone(source)
    codes = one(1).agency_links.values_list("role", "agency__code")
    assert sorted(codes) == [("lead", "msd"), ("lead", "tpk"), ("support", "police")]
    assert [kept["column"] for kept in report["kept"]] == ["Agency Lead", "Support Agencies"]


def test_undo_keeps_a_lead_that_came_to_support_since(imported, undone):
    source = imported("Number,Agency Lead", "1,MSD")
    ActivityAgency.objects.create(activity=one(1), agency=Agency.objects.get(code="police"), role="support")
    report = undone(source)
    assert [kept["now"] for kept in report["kept"]] == ["MSD"]
    assert sorted(one(1).agency_links.values_list("role", "agency__code")) == [("lead", "msd"), ("support", "police")]


def test_undo_keeps_sub_activities_that_somebody_worked_on_since(imported, undone):
    source = imported("Number,Description", '3,"New words\n• Deportee journey mapping\n• Added\n• Added too"')
    SubActivity.objects.filter(text="Added").update(is_done=True, done_on=date(2024, 7, 1))
    report = undone(source)
    in_force = one(3).sub_activities.in_force().order_by("pk").values_list("text", flat=True)
    assert "Added" in in_force
    assert "Added too" not in in_force
    assert [kept["imported"] for kept in report["kept"]] == ["Added"]
    assert len(in_force) == 4


def test_undo_never_leaves_a_finalised_description_blank(imported, undone):
    source = imported("Number,Description", "6,Words at last")
    Activity.objects.filter(number=6).update(description_state="finalised")
    report = undone(source)
    assert (one(6).description, one(6).description_state) == ("Words at last", "finalised")
    assert [kept["column"] for kept in report["kept"]] == ["Description"]


def test_undo_takes_the_status_back_with_the_update_that_set_it(imported, undone):
    source = imported("Number,Status", "1,At risk")
    undone(source)
    update = StatusUpdate.objects.get()
    assert (update.retracted_by.email, update.retracted_at == source.undone_at) == ("admin@programme.example", False)
    assert one(1).status == "no_update"
    assert not StatusUpdate.objects.with_status().exists()


@pytest.mark.parametrize("status", ["on_track", "at_risk"])
def test_undo_keeps_a_status_that_was_reported_since(imported, undone, admin, status):
    source = imported("Number,Status", "1,At risk")
    police = Agency.objects.get(code="police")
    record_update(activity=one(1), by=admin, agency=police, status=status, what_happened="Seen")
    report = undone(source)
    assert one(1).status == status
    now = {"on_track": "On track", "at_risk": "At risk, updated again since"}[status]
    assert report["kept"] == [{"number": 1, "column": "Status", "imported": "At risk", "now": now}]


REPORT = "Number,Reporting Agency,Update Status,What Happened,Barrier"


def test_undo_takes_reports_back_and_resolves_their_barriers(imported, undone):
    source = imported(REPORT, "1,Police,Off track,Slow,No money", "5,Police,On track,Fine,")
    assert (one(1).status, Barrier.objects.open().count()) == ("off_track", 1)
    report = undone(source)
    assert (report, one(1).status, one(5).status) == ({"taken_back": 2, "kept": []}, "no_update", "no_update")
    assert StatusUpdate.objects.reports().count() == 0
    assert Barrier.objects.get().resolution_note == f"Reversed: Undo of import {source.pk} of plan.csv."


def test_undo_leaves_a_barrier_open_that_somebody_escalated(imported, undone, admin):
    source = imported(REPORT, "1,Police,Off track,Slow,No money")
    escalate_barrier(barrier=Barrier.objects.get(), by=admin, note="To the board")
    undone(source)
    assert Barrier.objects.open().count() == 1


def edit(number):
    Activity.objects.filter(number=number).update(title="Edited")


def add_item(number):
    SubActivity.objects.create(activity=one(number), text="Added", position=9)


def add_lead(number):
    ActivityAgency.objects.create(activity=one(number), agency=Agency.objects.get(code="tpk"), role="lead", position=3)


def note(number):
    person = Import.objects.get().uploaded_by
    add_note(activity=one(number), by=person, agency=Agency.objects.get(code="police"), text="Seen")


def tick(number):
    SubActivity.objects.filter(activity__number=number).update(is_done=True, done_on=date(2024, 7, 1))


@pytest.mark.parametrize("change", [edit, add_item, add_lead, note, tick])
def test_undo_keeps_a_new_activity_that_somebody_worked_on_since(imported, undone, change):
    source = imported(NEW, '16,SUPPLY,P1,More,"Do:\n• This",,On track')
    change(16)
    before = everything()
    report = undone(source)
    kept = {"number": 16, "column": "Activity", "imported": "New", "now": "Kept, because it has changed since"}
    assert (report, everything()) == ({"taken_back": 0, "kept": [kept]}, before)


def test_undo_keeps_a_new_agency_that_is_used(imported, undone):
    source = imported("Number,Agency Lead", "1,Customs", names=CREATE)
    ActivityAgency.objects.create(activity=one(2), agency=Agency.objects.get(code="customs"), role="support")
    report = undone(source)
    assert report["kept"] == [
        {
            "number": None,
            "column": "New agency",
            "imported": "Customs",
            "now": "Kept, because it is in use or has changed since",
        }
    ]


def test_same_file_after_an_undo_brings_everything_back(imported, undone):
    source = imported(*FULL, names=CREATE)
    after = {name: rows for name, rows in everything().items() if name not in ("updates", "items")}
    undone(source)
    again = imported(*FULL, names=CREATE)
    assert (again.counts["created"], again.counts["errors"]) == (1, 0)
    assert {name: rows for name, rows in everything().items() if name not in ("updates", "items")} == after
    assert list(one(16).sub_activities.order_by("position").values_list("text", "withdrawn_on")) == [
        ("This", None),
        ("That", None),
    ]
    assert Activity.objects.filter(number=16).count() == 1


def test_what_was_brought_back_can_be_undone_again(imported, undone):
    before = everything()
    for _ in range(2):
        undone(imported(*FULL, names=CREATE))
    assert everything() == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_imports_of_the_same_cells_can_be_undone_in_any_order(imported, undone, order):
    before = everything()
    sources = [
        imported(NEW, '1,,,First,"One\n• Item",MSD,On track', '3,,,,"One\n• Deportee journey mapping, first",,'),
        imported(NEW, '1,,,Second,"Two\n• Item two",TPK,At risk', '3,,,,"Two\n• Deportee journey mapping, second",,'),
    ]
    for place in order:
        undone(sources[place])
    assert everything() == before


def test_undo_of_the_first_of_two_imports_never_loses_a_word_of_the_second(imported, undone):
    first = imported("Number,Activity,Agency Lead", "1,First,MSD")
    imported("Number,Activity", "1,Second")
    report = undone(first)
    assert report["kept"] == [{"number": 1, "column": "Activity", "imported": "First", "now": "Second"}]
    assert one(1).title == "Second"


def test_preview_says_what_undo_would_do_and_does_nothing(imported, undone):
    source = imported("Number,Activity,Agency Lead", "1,New title,MSD")
    edit(1)
    before = everything()
    preview = undo.preview(source)
    assert everything() == before
    assert undone(source) == preview


def test_preview_counts_the_agencies_that_would_go_and_names_those_that_would_stay(imported, undone):
    names = {"agency": {name: {"create": name} for name in ("Customs", "Coastguard")}}
    source = imported("Number,Agency Lead", "1,Customs; Coastguard", names=names)
    ActivityAgency.objects.create(activity=one(2), agency=Agency.objects.get(code="customs"), role="support")
    preview = undo.preview(source)
    kept = {
        "number": None,
        "column": "New agency",
        "imported": "Customs",
        "now": "Kept, because it is in use or has changed since",
    }
    assert (preview, undone(source)) == ({"taken_back": 2, "kept": [kept]},) * 2


def test_undo_is_done_once(imported, undone, admin):
    source = imported("Number,Activity", "1,New title")
    undone(source)
    edit(1)
    workflow.run_undo(source, admin)
    assert (source.state, one(1).title) == ("undone", "Edited")


def test_undo_that_breaks_takes_nothing_back(imported, admin, monkeypatch):
    source = imported("Number,Activity", "1,New title")

    def broken(*args, **kwargs):
        raise RuntimeError("of ours")

    monkeypatch.setattr(undo, "take_agencies_back", broken)
    workflow.run_undo(source, admin)
    assert (source.state, one(1).title) == ("applied", "New title")
    assert source.problem.endswith("Nothing was undone.")


def test_undo_costs_no_query_a_row(imported, admin):
    few, many = (
        imported(NEW, *(f"{number},SUPPLY,P1,Title,Words,Police,On track" for number in numbers))
        for numbers in (range(100, 102), range(200, 240))
    )
    assert query_count(few, admin) == query_count(many, admin)


def query_count(source, by):
    assert ImportRow.objects.filter(source=source).exclude(after={}).exists()
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        undo.undo(source, by=by)
    return len(queries)


def test_record_tells_that_an_update_was_taken_back(imported, undone):
    source = imported(REPORT, "1,Police,Off track,Slow,No money")
    undone(source)
    # The plan was loaded without a history, so its first entry tells that it begins there.
    told = [(event.change.phrase, str(event.by)) for event in read_events(one(1))][1:]
    who = "admin@programme.example"
    assert told == [
        ("added the update “Off track” for Police", who),
        ("changed the status", who),
        ("reversed the update “Off track” of Police because its import was undone", who),
        ("resolved the barrier “No money”", who),
    ]
    changed = next(event for event in read_events(one(1)) if event.change.subject == "Status")
    assert (changed.change.before, changed.change.after) == ("Off track", "No update yet")
    assert changed.why == f"Undo of import {source.pk} of plan.csv"


def test_page_and_overview_say_that_an_update_was_taken_back(imported, undone, police_updater, plan):
    source = imported(REPORT, "1,Police,Off track,Slow,No money")
    undone(source)
    page = police_updater.get(f"/plans/{plan.slug}/activities/1/").content.decode()
    assert "because its import was undone" in page
    assert "Slow" in page
    overview = police_updater.get(f"/plans/{plan.slug}/").content.decode()
    assert "Off track · Police" not in overview


def rename(agency):
    agency.name_en = f"{agency.name} of the country"
    agency.save()


USES = {
    "an alias": lambda new, other, person: AgencyAlias.objects.create(agency=new, alias="Its alias"),
    "a person": lambda new, other, person: Membership.objects.create(agency=new, user=person),
    "a unit": lambda new, other, person: Agency.objects.filter(pk=other.pk).update(parent=new, kind="unit"),
    "a group": lambda new, other, person: other.members.add(new),
    "a member": lambda new, other, person: new.members.add(other),
    "another name": lambda new, other, person: rename(new),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.django_db
def test_new_agency_that_has_something_since_is_kept(admin, use):
    new, other = (Agency.objects.create(code=f"{name}-1", name=f"The {name}") for name in ("customs", "treasury"))
    since = now()
    USES[use](new, other, admin)
    assert undo.judge_agencies([new.pk], since) == ([], [KeptValue(None, "New agency", "The customs", undo.WHY_KEPT)])


@pytest.mark.django_db
def test_new_agency_without_anything_since_goes():
    new, other = (Agency.objects.create(code=f"{name}-1", name=f"The {name}") for name in ("customs", "treasury"))
    rename(new)
    since = now()
    rename(other)
    assert undo.judge_agencies([new.pk], since) == ([new], [])


def test_agency_that_is_gone_is_told_so():
    assert Words({1: "Police"}, {1}, {}, {}).tell("leads", [[1, 1], [2, 2]]) == "Police; (no longer there)"
