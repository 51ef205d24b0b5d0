"""Room for uploads: the quota of a plan, and clearing what was refused or discarded."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from plans.actions.imports import discard, read_again
from plans.models import Activity, Import, ImportRow, Plan
from plans.spreadsheets.importing import storage, workflow

REFUSED = b"\x89PNG\r\n\x1a\n" + bytes(100)
NO_ROOM = (
    "There is no room for this file. The imported files of this plan may take up 1 MB, and 1 MB are in use. Discard "
    "files that are no longer needed, and ask the people who run this tracker to clear them."
)


def clear(*arguments):
    said = StringIO()
    call_command("clear_uploads", *arguments, stdout=said)
    return said.getvalue().splitlines()


@pytest.fixture
def aged():
    """Makes an import as old as that."""

    def age(source, days):
        long_ago = now() - timedelta(days=days)
        Import.objects.filter(pk=source.pk).update(uploaded_at=long_ago)
        Import.objects.filter(pk=source.pk, beat_at__isnull=False).update(beat_at=long_ago)
        source.refresh_from_db()
        return source

    return age


@pytest.fixture
def refused(plan, admin, aged):
    source = workflow.keep_file(plan, REFUSED, "picture.xlsx", by=admin, scope="plan")
    workflow.run_check(source)
    assert source.state == "refused"
    return aged(source, 31)


@pytest.fixture
def discarded(bring, aged):
    source = bring("Number,Activity", "1,New title", "99,")
    assert discard(source=source)
    return aged(source, 31)


def test_clearing_lists_first_and_changes_nothing(refused, discarded):
    lines = clear()

    assert lines[-1] == "2 files, 139 bytes: can be cleared. Nothing was changed: add --apply to clear."
    assert [line.partition(" (")[0] for line in lines[:-1]] == [str(refused), str(discarded)]
    assert Import.objects.filter(cleared_at=None).count() == 2


def test_clearing_removes_files_and_rows_and_keeps_the_receipts(refused, discarded):
    receipt = ("file_name", "size_bytes", "sha256", "uploaded_by", "uploaded_at", "counts", "problem", "state")
    receipts = list(Import.objects.order_by("pk").values(*receipt))
    assert ImportRow.objects.filter(source=discarded).exists()

    assert clear("--apply")[-1] == "2 files, 139 bytes: cleared."
    assert list(Import.objects.order_by("pk").values(*receipt)) == receipts
    assert [(bytes(one.content), one.cleared_at is not None) for one in Import.objects.all()] == [(b"", True)] * 2
    assert not ImportRow.objects.exists()
    assert clear("--apply")[-1] == "0 files, 0 bytes: cleared."


def test_clearing_leaves_what_is_younger_imported_undone_or_at_work(refused, imported, bring, admin, aged):
    young = aged(refused, 29)
    applied = aged(imported("Number,Activity", "1,New title"), 100)
    undone = aged(imported("Number,Activity", "2,Other title"), 100)
    workflow.run_undo(undone, admin)
    others = [aged(bring("Number,Activity", "3,Third"), 100) for _ in range(3)]
    for source, state in zip(others, ("waiting", "checking", "checked"), strict=True):
        Import.objects.filter(pk=source.pk).update(state=state)
    kept = ImportRow.objects.count()

    assert clear("--apply")[-1] == "0 files, 0 bytes: cleared."
    assert Import.objects.filter(cleared_at=None).count() == 6
    assert ImportRow.objects.count() == kept
    workflow.run_undo(applied, admin)
    assert (applied.state, Activity.objects.get(number=1).title) == ("undone", "Operation Cobalt")
    assert clear("--apply", "--days", "0")[0].startswith(str(young))


def test_clearing_counts_the_days_since_a_file_was_discarded(bring, aged):
    source = aged(bring("Number,Activity", "1,New title"), 100)
    discard(source=source)

    assert clear()[-1].startswith("0 files")


def test_clearing_that_was_stopped_is_finished_by_the_next(discarded, monkeypatch):
    def killed(source):
        raise KeyboardInterrupt

    monkeypatch.setattr(storage, "remove_uncounted_rows", killed)
    with pytest.raises(KeyboardInterrupt):
        clear("--apply")
    monkeypatch.undo()
    assert (ImportRow.objects.count() > 0, discarded.rows.model.objects.that_count().count()) == (True, 0)

    clear("--apply")
    assert not ImportRow.objects.exists()


def test_days_below_zero_are_refused(db):
    with pytest.raises(CommandError, match="enter 0 or more"):
        clear("--days", "-1")


def test_cleared_file_is_not_read_again(refused):
    clear("--apply")

    assert not read_again(source=refused, options={})


@pytest.fixture
def full(plan, admin, settings):
    """The plan has files of half a megabyte, of one that it may have."""
    settings.IMPORT_QUOTA_MB = 1
    return workflow.keep_file(plan, bytes(600_000), "half.xlsx", by=admin, scope="plan")


def test_file_beyond_the_quota_of_its_plan_is_refused_and_another_plan_has_its_own(full, plan, admin):
    with pytest.raises(storage.NoRoom) as refused:
        workflow.keep_file(plan, bytes(600_000), "more.xlsx", by=admin, scope="plan")
    other = Plan.objects.create(slug="other", name="Other", short_name="Other")
    workflow.keep_file(other, bytes(600_000), "more.xlsx", by=admin, scope="plan")

    assert str(refused.value) == NO_ROOM
    assert storage.used_bytes(plan) == 600_000


def test_clearing_makes_room(full, plan, admin):
    discard(source=full)
    clear("--apply", "--days", "0")
    workflow.keep_file(plan, bytes(600_000), "more.xlsx", by=admin, scope="plan")

    assert storage.used_bytes(plan) == 600_000
