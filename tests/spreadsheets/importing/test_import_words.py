"""Words that were explained for one file are remembered for the next: see `ImportWord`."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.choices import ImportScope, ImportState, Status
from plans.models import Activity, Import, ImportWord
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.outcome import CheckSummary, Options
from tests.spreadsheets.checking.conftest import check, importing_admin, small_plan, small_plan_of_module  # noqa: F401
from tests.spreadsheets.checking.tables import returned

pytestmark = pytest.mark.django_db

WORDS = ("Number,Status,Agency Lead", "1,In progress,TBC", "2,Green,")
EXPLAINED = {
    "status": {"In progress": {"use": "on_track"}, "Green": {"use": "none"}},
    "agency": {"TBC": {"use": "none"}, "Polcie": {"use": "police"}},
}


def bring(plan, by, *lines, scope=ImportScope.PLAN, **options):
    """An `Import` of these lines, checked."""
    content = "\n".join(lines).encode()
    source = workflow.keep_file(plan, content, "plan.csv", by=by, scope=scope, options=Options(**options))
    workflow.run_check(source)
    source.refresh_from_db()
    return source


def words():
    return list(ImportWord.objects.values_list("kind", "word", "meaning"))


def test_what_was_explained_is_remembered_once_it_is_imported(small_plan, importing_admin):  # noqa: F811
    source = bring(small_plan, importing_admin, *WORDS, names=EXPLAINED, answers={"agencies": "theirs"})
    assert words() == []

    workflow.run_apply(source, importing_admin)

    assert Import.objects.get().state == ImportState.APPLIED
    kept = [("agency", "TBC", "none"), ("status", "Green", "none"), ("status", "In progress", "on_track")]
    assert words() == kept
    told = set(ImportWord.history.values_list("history_user", "history_change_reason"))
    assert told == {(importing_admin.pk, str(source))}

    again = bring(small_plan, importing_admin, "Number,Status,Agency Lead", "3,IN-PROGRESS,tbc", "4,Amber,")
    summary = CheckSummary.of_import(again)
    assert [one.written for one in summary.unknown_names] == ["Amber"]
    assert (
        "As explained for an earlier file: “IN-PROGRESS” means On track and “tbc” means no agency yet." in summary.notes
    )
    # It stands with the decisions about this file, and can be made another there.
    assert again.options["names"]["status"] == {"IN-PROGRESS": {"use": "on_track", "recalled": "yes"}}

    workflow.run_undo(source, importing_admin)
    assert words() == kept


def test_word_that_is_explained_anew_means_that_from_then_on(small_plan, importing_admin):  # noqa: F811
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    names = {"status": {"GREEN": {"use": "at_risk"}}}
    source = bring(small_plan, importing_admin, "Number,Status", "1,GREEN", names=names)
    workflow.run_apply(source, importing_admin)
    assert words() == [("status", "Green", "at_risk")]
    assert Activity.objects.get(number=1).status == Status.AT_RISK
    # What is asked again has no meaning.
    ImportWord.objects.update(meaning="")
    source = bring(small_plan, importing_admin, "Number,Status", "2,Green")
    assert [one.written for one in CheckSummary.of_import(source).unknown_names] == ["Green"]


def test_what_was_recalled_is_imported_and_not_written_again(small_plan, importing_admin):  # noqa: F811
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    source = bring(small_plan, importing_admin, "Number,Status", "1,green.")
    workflow.run_apply(source, importing_admin)
    assert Activity.objects.get(number=1).status == Status.ON_TRACK
    assert (words(), ImportWord.history.count()) == ([("status", "Green", "on_track")], 1)


def test_updaters_words_are_read_as_explained_and_not_kept(small_plan, make_updater):  # noqa: F811
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    updater = make_updater("updater@police.example", "Police updater", "police").user
    lines = ("Number,Update Status,What Happened", "1,Green,Done.", "1,Red,Not done.")
    source = bring(small_plan, updater, *lines[:2], scope=ImportScope.UPDATES)
    assert source.counts["errors"] == 0
    names = {"status": {"Red": {"use": "off_track"}}}
    source = bring(small_plan, updater, lines[0], lines[2], scope=ImportScope.UPDATES, names=names)
    workflow.run_apply(source, updater)
    assert Import.objects.get(pk=source.pk).state == ImportState.APPLIED
    assert words() == [("status", "Green", "on_track")]


def test_file_without_such_words_asks_for_none(check, small_plan):  # noqa: F811
    table = returned(small_plan)
    with CaptureQueriesContext(connection) as asked:
        check(table)
    assert [one["sql"] for one in asked.captured_queries if "importword" in one["sql"]] == []
