"""What a job may still keep once another has taken its place: nothing, and half of nothing shows."""

import pytest

from plans.actions.deferring import at_once, is_collecting
from plans.models import Activity, ActivityAgency, Agency, Import, ImportRow, StatusUpdate
from plans.spreadsheets.importing import storage, workflow
from tests.spreadsheets.importing.test_workflow import HEAD, titles


def take_over(source):
    """Give the claim to somebody else, at once, whatever collects writes."""
    with at_once():
        Import.objects.filter(pk=source.pk).update(claim="another's")


def before(function, act, monkeypatch, module=workflow):
    """Have `act` called each time before a function of a module does its work."""
    original = getattr(module, function)

    def later(*args, **kwargs):
        act()
        return original(*args, **kwargs)

    monkeypatch.setattr(module, function, later)


def once(act):
    """Have `act` done the first time alone."""
    acts = [act]
    return lambda: acts.pop()() if acts else None


def test_check_whose_claim_was_taken_keeps_nothing(bring, monkeypatch):
    source = bring("Number,Activity", "1,New title")
    Import.objects.filter(pk=source.pk).update(state="waiting", counts={})
    before("keep_result", lambda: take_over(source), monkeypatch)
    workflow.run_check(source)

    assert (source.state, source.counts, source.claim) == ("checking", {}, "another's")
    assert not ImportRow.objects.filter(attempt__gt=source.rows_attempt).exists()


def test_check_that_breaks_after_its_claim_was_taken_says_nothing(bring, monkeypatch):
    source = bring("Number,Activity", "1,New title")
    Import.objects.filter(pk=source.pk).update(state="waiting")

    def broken(*args, **kwargs):
        take_over(source)
        raise MemoryError

    monkeypatch.setattr(workflow, "check_table", broken)
    workflow.run_check(source)

    assert (source.state, source.problem) == ("checking", "")


def test_check_that_is_started_with_another_claim_does_nothing(bring):
    source = bring("Number,Activity", "1,New title")
    Import.objects.filter(pk=source.pk).update(state="waiting")
    workflow.run_check(source, claim="old")

    assert source.state == "waiting"


@pytest.mark.parametrize("moment", ["apply_check", "keep_rows", "point_to_new_activities"])
def test_apply_whose_claim_was_taken_changes_nothing(bring, admin, monkeypatch, moment):
    source = bring(HEAD, "1,,,New title,MSD,On track", "16,SUPPLY,P1,More,Police,At risk")
    plan = titles(), ActivityAgency.objects.count(), StatusUpdate.objects.count()
    shown = list(source.rows.values_list("pk", "after"))
    before(moment, lambda: take_over(source), monkeypatch)
    workflow.run_apply(source, admin)

    assert (titles(), ActivityAgency.objects.count(), StatusUpdate.objects.count()) == plan
    # The row of the import is as it was: what took its place puts it right. (The rollback took the claim back, too.)
    assert source.state == "applying"
    assert list(source.rows.values_list("pk", "after")) == shown


def test_undo_whose_claim_was_taken_takes_nothing_back(imported, admin, monkeypatch):
    source = imported("Number,Activity", "1,New title")
    before("undo", lambda: take_over(source), monkeypatch, workflow.undo)
    workflow.run_undo(source, admin)

    assert (source.state, titles()[1]) == ("undoing", "New title")


def test_rows_of_a_check_that_is_stopped_half_way_do_not_show(bring, monkeypatch):
    lines = [f"{number},Title {number}" for number in range(1, 11)]
    source = bring("Number,Activity", *lines)
    shown = list(source.rows.values_list("pk", flat=True))
    Import.objects.filter(pk=source.pk).update(state="waiting")
    monkeypatch.setattr(storage, "WRITTEN_AT_A_TIME", 4)
    written = []

    def insert(model, some):
        if written:
            raise KeyboardInterrupt
        written.extend(some)
        rows_insert(model, some)

    rows_insert = storage.insert_rows
    monkeypatch.setattr(storage, "insert_rows", insert)
    with pytest.raises(KeyboardInterrupt):
        workflow.run_check(source)
    again = Import.objects.get(pk=source.pk)

    assert ImportRow.objects.filter(source=source).count() == len(shown) + 4
    assert list(again.rows.values_list("pk", flat=True)) == shown

    # The next one clears them away.
    monkeypatch.undo()
    Import.objects.filter(pk=source.pk).update(state="waiting")
    workflow.run_check(again)
    assert ImportRow.objects.filter(source=source).count() == again.rows.count() == len(shown)


def test_large_check_is_kept_in_many_short_transactions(bring, monkeypatch):
    monkeypatch.setattr(storage, "WRITTEN_AT_A_TIME", 4)
    turns = []
    monkeypatch.setattr(storage, "leave_to_others", lambda: turns.append(1))
    source = bring("Number,Activity", *(f"{number},Title {number}" for number in range(1, 11)))

    # Ten rows, and five activities that the file does not have.
    assert (source.rows.count(), len(turns)) == (15, 3)


@pytest.fixture
def worked(monkeypatch):
    """How often the work of writing was done, as a list of whether it was done with nobody waiting."""
    found = []
    original = workflow.write_with_short_lock

    def watched(source, state, *, work, **about):
        def counted():
            found.append(is_collecting())
            return work()

        original(source, state, work=counted, **about)

    monkeypatch.setattr(workflow, "write_with_short_lock", watched)
    return found


def test_import_and_undo_are_worked_out_once_and_before_the_lock(imported, admin, worked):
    source = imported(HEAD, "1,,,New title,MSD,On track", "16,SUPPLY,P1,More,Police,At risk")
    workflow.run_undo(source, admin)

    assert (source.state, worked) == ("undone", [True, True])


def test_import_is_worked_out_again_when_somebody_changes_what_it_is_about(bring, admin, worked, monkeypatch):
    source = bring("Number,Activity", "1,New title")
    change = once(lambda: Activity.objects.filter(number=1).update(description="Changed meanwhile."))
    before("keep_rows", change, monkeypatch)
    workflow.run_apply(source, admin)

    assert (source.state, worked) == ("applied", [True, True])
    activity = Activity.objects.get(number=1)
    assert (activity.title, activity.description) == ("New title", "Changed meanwhile.")
    assert Activity.history.filter(id=activity.pk).latest().description == "Changed meanwhile."


def test_import_that_is_overtaken_again_and_again_is_worked_out_under_the_lock(bring, admin, worked, monkeypatch):
    source = bring("Number,Activity", "1,New title")
    count = iter(range(100))
    before(
        "keep_rows",
        lambda: Activity.objects.filter(number=1).update(description=f"Version {next(count)}"),
        monkeypatch,
    )
    workflow.run_apply(source, admin)

    assert (source.state, worked) == ("applied", [True] * workflow.TRIES + [False])


def test_import_that_meets_a_change_of_its_own_cells_is_shown_again(bring, admin, monkeypatch):
    source = bring("Number,Activity", "1,New title")
    before("keep_rows", lambda: Activity.objects.filter(number=1).update(title="Somebody else's"), monkeypatch)
    workflow.run_apply(source, admin)

    assert (source.state, source.problem, titles()[1]) == ("checked", workflow.CHANGED_SINCE, "Somebody else's")
    assert source.rows.get(row=2).changes[0]["old"] == "Somebody else's"


def test_import_that_meets_a_report_leaves_its_status_the_latest(bring, admin, worked, monkeypatch):
    Activity.objects.filter(number=1).update(status="at_risk")
    source = bring("Number,Activity,Status", "1,,On track")
    activity = Activity.objects.get(number=1)
    said = {"activity": activity, "author": admin, "status": "at_risk", "kind": "report", "is_no_change": True}
    said["agency"] = Agency.objects.get(code="police")
    before("keep_rows", once(lambda: StatusUpdate.objects.create(**said)), monkeypatch)
    workflow.run_apply(source, admin)

    activity.refresh_from_db()
    assert (source.state, len(worked)) == ("applied", 2)
    assert (activity.status, activity.updates.first().status) == ("on_track", "on_track")
