"""What cannot be taken is refused in words, and the database stays as it was."""

import io
import json
import re
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

from plans.backup import BackupError, archive, restore, save, schema, verify
from plans.models import Activity


@pytest.fixture
def refused(everything):
    """Answers why a restore is refused, once it is certain that nothing was changed: `refused(path)`."""

    def trying(path, **options):
        before = everything()
        with pytest.raises(CommandError) as error:
            call_command("restore", path, **({"replace": True} | options))
        assert everything() == before
        return str(error.value)

    return trying


def _sealed():
    file = io.BytesIO()
    with ZipFile(file, "w") as zipped:
        archive.begin(zipped)
        zipped.writestr("plans.Plan.jsonl", '[1,"year-two"]\n')
    archive.seal(file)
    return file.getvalue()


def test_one_wrong_bit_anywhere_is_found():
    whole = _sealed()
    taken = []
    for place in range(len(whole)):
        wrong = bytearray(whole)
        wrong[place] ^= 1
        try:
            taken.append((place, verify(io.BytesIO(wrong), "it")))
        except BackupError:
            continue

    assert len(verify(io.BytesIO(whole), "it")) == 64
    assert taken == []


def test_file_cut_short_anywhere_is_found():
    whole = _sealed()
    for length in range(len(whole)):
        with pytest.raises(BackupError):
            verify(io.BytesIO(whole[:length]), "it")


def test_damaged_backup_is_refused(backup, refused):
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 255
    backup.write_bytes(content)

    assert refused(backup) == (
        f"{backup} is damaged or was cut short: its checksum is not the one that it was sealed with."
        " Use another copy, or an earlier backup. Nothing was changed."
    )


@pytest.mark.parametrize("content", [b"", b"PK", b"SQLite format 3\x00" * 100, b"Number,Activity\n1,Cobalt\n"])
def test_other_file_is_refused(full, refused, tmp_path, content):
    path = tmp_path / "other.zip"
    path.write_bytes(content)

    assert refused(path) == (
        f"{path} is not a backup of the tracker. Name a file that `manage.py backup` made. Nothing was changed."
    )


def test_missing_file_is_refused(full, refused, tmp_path):
    path = tmp_path / "none.zip"

    assert refused(path) == f"{path} cannot be read: No such file or directory. Nothing was changed."


def test_newer_format_is_refused(forge, refused):
    path = forge(format=2, version="9.9.9")

    assert refused(path) == (
        f"{path} is of format 2, made by version 9.9.9; this version reads format 1."
        " Upgrade the tracker, then restore. Nothing was changed."
    )


def test_backup_of_a_newer_version_is_refused(forge, refused):
    path = forge(migrations=[*schema.look().applied, "plans.9999_later"], version="9.9.9")

    assert refused(path) == (
        f"{path} was made by version 9.9.9, which is newer than this one (plans.9999_later)."
        " Upgrade the tracker, then restore. Nothing was changed."
    )


def test_backup_of_an_older_version_is_refused_with_the_way_to_take_it(forge, refused):
    path = forge(migrations=[name for name in schema.look().applied if name != "plans.0006_agency_code"])

    assert refused(path) == (
        f"{path} was made by version 0.1.0, which is older than this one (it lacks plans.0006_agency_code)."
        " Install that version with an empty database, restore there, then upgrade it: `manage.py migrate`."
        " Nothing was changed."
    )


def test_backup_with_other_tables_is_refused(forge, refused):
    assert "holds other tables than this one has" in refused(forge(tables=[]))


ODD = '{"format": 1, "version": "1", "made_at": "2026-07-01"'


@pytest.mark.parametrize(
    "manifest",
    [
        *("", "[]", "{}", '{"format": "x", "version": "1"}', '{"format": Infinity, "version": "1"}', "[" * 100_000),
        *('{"format": 1, "version": "1"}', '{"format": 1, "version": 7, "made_at": 1, "migrations": [], "tables": []}'),
        *(
            f'{ODD}, "tables": []}}',
            f'{ODD}, "migrations": 3, "tables": []}}',
            f'{ODD}, "migrations": [], "tables": 5}}',
        ),
        f'{ODD}, "migrations": [{{}}], "tables": []}}',
        f'{ODD}, "migrations": [], "tables": [5]}}',
        f'{ODD}, "migrations": [], "tables": [{{"model": "plans.Plan"}}]}}',
        f'{ODD}, "migrations": [], "tables": [{{"model": "m", "columns": [], "rows": "9", "last_number": 1}}]}}',
        f'{ODD}, "migrations": [], "tables": [{{"model": "m", "columns": [], "rows": 1, "last_number": {10**30}}}]}}',
    ],
)
def test_manifest_that_cannot_be_read_is_refused(forge, refused, manifest):
    path = forge(files={archive.MANIFEST: manifest})

    assert refused(path) == f"{path} has no manifest that can be read. Use an earlier backup. Nothing was changed."


def test_database_that_holds_data_is_refused(backup, refused):
    Activity.objects.update(title="Kept")

    message = refused(backup, replace=False)

    assert re.match(r"The database holds data already, in \d\d tables such as plans_plan\.", message)
    assert message.endswith("Make a backup of it, then say --replace to have it replaced. Nothing was changed.")
    assert Activity.objects.get(plan__slug="year-two").title == "Kept"


@pytest.mark.parametrize(
    ("table", "change", "reason"),
    [
        ("plans.Plan", lambda row: [*row, 1], "zip() argument"),
        ("plans.Activity", lambda row: [row[0], 900_001, *row[2:]], "foreign key"),
        ("plans.Activity", lambda row: ["x", *row[1:]], "must be an integer"),
        ("plans.SubActivity", lambda row: [*row[:3], "", *row[4:]], "subactivity_not_blank"),
        ("auth.Group_permissions", lambda row: [*row[:2], ["plans", "plan", "fly"]], "there is no permission"),
    ],
)
def test_row_that_does_not_fit_is_refused(forge, refused, backup, table, change, reason):
    with ZipFile(backup) as zipped:
        rows = [json.loads(line) for line in zipped.read(f"{table}.jsonl").splitlines()]
    rows[0] = change(rows[0])

    message = refused(forge(files={f"{table}.jsonl": "\n".join(map(json.dumps, rows))}))

    assert reason in message
    assert message.endswith("Nothing was changed.")


def test_rows_that_are_missing_are_noticed(forge, refused):
    path = forge(files={"plans.AuditEvent.jsonl": ""})

    assert refused(path) == f"{path} does not hold as many rows as its manifest says. Nothing was changed."


def test_database_that_migrate_has_not_seen_is_refused(backup, refused, monkeypatch):
    monkeypatch.setattr(schema, "look", lambda: schema.Schema([], ["plans.0006_agency_code"], []))

    assert refused(backup) == (
        "The database is not ready: plans.0006_agency_code. Run `manage.py migrate` first. Nothing was changed."
    )
    with pytest.raises(BackupError, match=r"not as this version of the tracker knows it \(plans.0006_agency_code\)"):
        save(backup)


def test_nothing_is_written_over_but_a_backup(full, tmp_path):
    database = tmp_path / "rocc.sqlite3"
    database.write_bytes(b"SQLite format 3\x00")

    with pytest.raises(CommandError) as error:
        call_command("backup", database)

    assert str(error.value) == (
        f"{database} is there already and is not a backup. Choose another name. No backup was made."
    )
    assert database.read_bytes() == b"SQLite format 3\x00"


def test_folder_is_no_place_for_a_backup(full, tmp_path):
    with pytest.raises(CommandError, match="is not a file"):
        call_command("backup", tmp_path)
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("backup", tmp_path / "nowhere" / "backup.zip")


def test_backup_that_fails_leaves_the_earlier_one_and_nothing_else(full, backup, monkeypatch):
    before = backup.read_bytes()
    monkeypatch.setattr(archive, "seal", lambda file: file.write(1))

    with pytest.raises(TypeError):
        save(backup)

    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert backup.read_bytes() == before


def test_backup_is_for_its_owner_only_and_says_what_it_holds(backup, capsys):
    backup.chmod(0o644)

    call_command("backup", backup)

    assert backup.stat().st_mode & 0o777 == 0o600
    with backup.open("rb") as file:
        checksum = verify(file, backup)
    first, second = capsys.readouterr().out.splitlines()
    assert re.match(r"Backed up [4-9]\d rows of \d\d tables", first)
    assert f"tables to {backup} (" in first
    assert second == f"SHA-256: {checksum}"


def test_restore_says_what_it_restored(backup, capsys):
    call_command("restore", backup, replace=True)

    said = capsys.readouterr().out.splitlines()
    assert re.match(r"Restored [4-9]\d rows of \d\d tables", said[0])
    assert said[0].endswith("by version 0.1.0.")
    assert said[2] == "Everyone has to sign in again."


def test_restore_writes_no_history_and_no_audit(backup):
    restored = restore(backup, replace=True)

    assert Activity.history.count() == restored.counts["plans.HistoricalActivity"] == 3
