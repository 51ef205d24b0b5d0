"""A full database, a look at all of it, and backups of it."""

import json
from contextlib import nullcontext
from shutil import copy2
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from plans.backup import archive, dump
from plans.backup.tables import backed_up
from tests.backup.rich import fill


@pytest.fixture(scope="module")
def saved(rows_of_module, tmp_path_factory):
    """The path of a backup of a database that has rows in every table, for copies to be taken of it."""
    path = tmp_path_factory.mktemp("saved") / "backup.zip"
    fill()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dump, "moment", nullcontext)
        dump.save(path)
    return path


@pytest.fixture
def full(db, saved, monkeypatch):
    """A database with rows in every table. A test's own transaction is one moment already, and cannot be told again."""
    monkeypatch.setattr(dump, "moment", nullcontext)


@pytest.fixture
def backup(full, saved, tmp_path):
    """The path of a backup of the full database."""
    return copy2(saved, tmp_path / "backup.zip")


@pytest.fixture
def forge(backup):
    """Makes a backup that is sealed and wrong: `forge(format=2)` in its manifest, `forge(files={name: text})`."""

    def make(files=(), **said):
        path = backup.with_name("forged.zip")
        with ZipFile(backup) as old, ZipFile(path, "w", ZIP_DEFLATED) as new:
            archive.begin(new)
            for name in old.namelist()[1:]:
                text = old.read(name)
                if name == archive.MANIFEST:
                    text = json.dumps(json.loads(text) | said)
                new.writestr(name, dict(files).get(name, text))
        with path.open("r+b") as file:
            archive.seal(file)
        return path

    return make


def _by_name(field):
    """What names a cell: numbers of permissions and of content types differ from one database to the next."""
    named = {Permission: "codename", ContentType: "model"}
    return f"{field.name}__{named[field.related_model]}" if field.related_model in named else field.attname


@pytest.fixture
def everything(db):
    """Answers all rows of all tables that go into a backup: {model label: [row]}."""

    def look():
        found = {}
        for model in backed_up():
            names = [_by_name(field) for field in model._meta.concrete_fields]
            rows = model._base_manager.order_by("pk").values_list(*names)
            found[model._meta.label] = [
                tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows
            ]
        return found

    return look
