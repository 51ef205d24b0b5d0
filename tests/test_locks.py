"""The locks in requirements/ are in step with pyproject.toml, without asking anybody on the network."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)


def _locked(name):
    return dict(PINNED.findall((ROOT / "requirements" / f"{name}.txt").read_text()))


def _wanted(lock):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"]
    return wanted if lock == "run" else wanted + project["dependency-groups"]["dev"]


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_lock_holds_what_the_project_asks_for(lock):
    locked = _locked(lock)

    missing = [
        str(wanted)
        for wanted in map(Requirement, _wanted(lock))
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]

    assert missing == []


def test_dev_lock_includes_the_run_lock():
    assert _locked("run").items() <= _locked("dev").items()


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_lock_has_a_hash_for_everything_and_an_address_of_nothing(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()

    lines = text.splitlines()
    pins = [number for number, line in enumerate(lines) if PINNED.match(line)]
    assert len(pins) > 20
    assert [lines[number] for number in pins if "--hash=sha256:" not in lines[number + 1]] == []
    assert "://" not in text


def test_next_asks_for_everything_without_the_version_that_it_stops_at():
    newest = runpy.run_path(str(ROOT / "requirements" / "newest.py"))["newest"]()

    wanted = [Requirement(text) for text in _wanted("dev")]
    found = [Requirement(text) for text in newest]
    assert [(one.name, one.extras) for one in found] == [(one.name, one.extras) for one in wanted]
    assert {bound.operator for one in found for bound in one.specifier} == {">="}
    assert "django>=5.2" in newest
