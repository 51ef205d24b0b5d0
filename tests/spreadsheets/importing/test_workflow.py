import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.actions.deferring import at_once
from plans.choices import DescriptionState, ImportScope
from plans.models import Activity, ActivityAgency, Agency, Import, StatusUpdate, SubActivity
from plans.spreadsheets.importing import workflow

QUERIES = {"sqlite": 68, "postgresql": 57}
"""Everything is asked twice, before the lock and under it; SQLite gives ids ahead in transactions of their own."""
HEAD = "Number,Strategic Focus Area,Priority Action Area,Activity,Agency Lead,Status"


def titles():
    return dict(Activity.objects.values_list("number", "title"))


def counts(source):
    return {name: count for name, count in source.counts.items() if count}


def test_check_keeps_what_each_row_comes_to_and_changes_nothing(bring):
    before = titles()
    source = bring("Number,Activity,Colour", "1,New title,red", "2,,", "99,,")
    assert (source.state, source.problem, titles()) == ("checked", "", before)
    assert counts(source) == {"rows": 3, "updated": 1, "unchanged": 1, "errors": 1, "missing": 13}
    assert source.findings["ignored"] == ["Colour"]
    rows = source.rows.filter(row__isnull=False).values_list("row", "number", "kind", "after")
    assert list(rows) == [(2, 1, "updated", {}), (3, 2, "unchanged", {}), (4, 99, "error", {})]
    assert source.rows.filter(kind="missing").count() == 13


def test_check_of_what_is_no_spreadsheet_refuses_it_in_words(plan, admin):
    source = workflow.keep_file(plan, b"\x89PNG\r\n\x1a\n" + bytes(100), "plan.xlsx", by=admin, scope=ImportScope.PLAN)
    workflow.run_check(source)
    assert source.state == "refused"
    assert source.problem.endswith(".")
    assert source.rows.count() == 0


def test_check_is_done_once_and_a_discarded_file_stays_discarded(bring):
    source = bring("Number,Activity", "1,New title")
    Import.objects.filter(pk=source.pk).update(state="discarded")
    workflow.run_check(source)
    assert source.state == "discarded"


def test_check_whose_options_changed_meanwhile_leaves_the_import_to_the_next_one(bring, monkeypatch):
    source = bring("Number,Activity", "1,New title")
    Import.objects.filter(pk=source.pk).update(state="waiting", counts={})
    original = workflow.check_table

    def slow(*args, **kwargs):
        Import.objects.filter(pk=source.pk).update(options={"leave_out_errors": True}, state="waiting")
        return original(*args, **kwargs)

    monkeypatch.setattr(workflow, "check_table", slow)
    workflow.run_check(source)
    assert (source.state, source.counts) == ("waiting", {})


def test_apply_says_who_and_when_and_keeps_the_receipt(imported, admin):
    source = imported("Number,Activity", "1,New title", "2,")
    assert (source.state, source.applied_by, source.applied_at is not None) == ("applied", admin, True)
    assert titles()[1] == "New title"
    total = source.counts
    assert total["rows"] == sum(total[kind] for kind in ("created", "updated", "unchanged", "skipped", "errors")) == 2
    record_of_one = Activity.history.get()
    assert record_of_one.history_change_reason == f"Import {source.pk} of plan.csv"
    row = source.rows.get(row=2)
    assert (row.activity.number, row.before, row.after) == (
        1,
        {"title": "Operation Cobalt"},
        {"title": "New title"},
    )


def test_apply_of_the_same_file_again_changes_nothing(imported):
    lines = (HEAD, "1,,,New title,MSD,On track", "16,SUPPLY,P1,More,Police,At risk")
    imported(*lines)
    writes = (Activity.history.count(), StatusUpdate.objects.count(), ActivityAgency.history.count())
    again = imported(*lines)
    assert (again.state, counts(again)) == ("applied", {"rows": 2, "unchanged": 2, "missing": 14})
    assert (Activity.history.count(), StatusUpdate.objects.count(), ActivityAgency.history.count()) == writes


def test_apply_after_the_plan_changed_shows_the_new_result_instead(bring, admin):
    source = bring("Number,Activity", "1,New title")
    Activity.objects.filter(number=1).update(title="Somebody else's")
    workflow.run_apply(source, admin)
    assert (source.state, titles()[1]) == ("checked", "Somebody else's")
    assert source.problem.startswith("The plan changed while you were reviewing, so nothing was imported.")
    assert source.rows.get(row=2).changes[0]["old"] == "Somebody else's"
    workflow.run_apply(source, admin)
    assert (source.state, titles()[1], source.problem) == ("applied", "New title", "")


def test_apply_with_an_error_changes_nothing(bring, admin):
    before = titles()
    source = bring("Number,Activity,Status", "1,New title,", "2,,Nonsense")
    workflow.run_apply(source, admin)
    assert (source.state, titles()) == ("checked", before)
    assert source.problem == workflow.NOT_ACCEPTABLE


def test_apply_that_leaves_out_errors_imports_the_others(imported):
    source = imported("Number,Activity,Status", "1,New title,", "2,,Nonsense", leave_out_errors=True)
    assert (source.state, titles()[1]) == ("applied", "New title")
    assert counts(source) == {"rows": 2, "updated": 1, "errors": 1, "missing": 13}


def test_apply_is_done_once(imported, admin):
    source = imported("Number,Status", "1,On track")
    workflow.run_apply(source, admin)
    assert StatusUpdate.objects.count() == 1


def test_apply_that_the_database_refuses_saves_nothing_and_says_why(bring, admin, monkeypatch):
    source = bring("Number,Activity", "1,New title", "2,Other")
    before = titles()
    # As if somebody took the description away between the check and the writing.
    original = workflow.apply_check

    def late(check, **kwargs):
        check.rows[0].draft.description_state = DescriptionState.FINALISED
        with at_once():
            Activity.objects.filter(number=1).update(description="", description_state="to_be_finalised")
        return original(check, **kwargs)

    monkeypatch.setattr(workflow, "apply_check", late)
    workflow.run_apply(source, admin)
    assert (source.state, titles()) == ("checked", before)
    assert source.problem == (
        "Enter a description before you finalise it. It may have changed a moment ago. Try again. Nothing was imported."
    )


def test_apply_that_breaks_says_so_and_tells_the_log(bring, admin, monkeypatch, caplog):
    source = bring("Number,Activity", "1,New title")

    def broken(check, **kwargs):
        Activity.objects.update(title="Half")
        raise RuntimeError("of ours")

    monkeypatch.setattr(workflow, "apply_check", broken)
    workflow.run_apply(source, admin)
    assert (source.state, titles()[1]) == ("checked", "Operation Cobalt")
    assert source.problem.startswith("Something went wrong on our side.")
    assert "of ours" in caplog.text


def test_apply_creates_agencies_that_were_chosen(imported):
    names = {"agency": {"Customs": {"create": "Customs"}}}
    source = imported("Number,Agency Lead", "1,Police; Customs", names=names)
    assert (source.state, Agency.objects.get(name="Customs").code) == ("applied", "customs")
    assert source.findings["agencies_created"] == [Agency.objects.get(name="Customs").pk]


@pytest.mark.parametrize("count", [2, 40])
def test_whole_import_costs_no_query_a_row(bring, admin, count):
    lines = [f"{number},SUPPLY,P1,Title {number},Police; MSD,On track" for number in range(100, 100 + count)]
    source = bring(HEAD, *lines)
    with CaptureQueriesContext(connection) as queries:
        workflow.run_apply(source, admin)
    assert (source.state, SubActivity.history.count()) == ("applied", 0)
    assert len(queries) == QUERIES[connection.vendor]
