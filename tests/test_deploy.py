"""What a site is deployed with says only what the site understands."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from rocc import environment
from tests.test_environment import KEY, environ  # noqa: F401

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "deploy").glob("*.service"))
# What is not for the tracker itself: Python's own, and PostgreSQL's.
OTHERS = {"PATH", "POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_USER"}


def _read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _known():
    asked = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', _read("rocc/environment.py"))
    return {*asked, *environment.OWN_NAMES}


def test_example_environment_names_what_there_is_and_starts_once_it_is_filled_in(environ):  # noqa: F811
    lines = [line for line in _read("deploy/rocc.env.example").splitlines() if line and not line.startswith("#")]
    said = dict(line.split("=", 1) for line in lines)
    for name, value in (said | {"SECRET_KEY": KEY}).items():
        environ.setenv(name, value)

    found = environment.read()

    assert set(said) <= _known()
    assert said["SECRET_KEY"] == ""
    assert (found.https, found.debug, found.allowed_hosts) == (True, False, ["tracker.example.govt.nz"])


def test_no_guide_has_a_shell_read_what_is_written_for_systemd():
    example = ROOT / "deploy/rocc.env.example"

    # A shell takes "<" for a file to read, and the second word for a command.
    assert subprocess.run(["sh", "-c", f". {example}"], check=False, capture_output=True).returncode != 0
    assert re.findall(r"(?:\.|source) \S*\.env\b", _read("docs/operating.md") + _read("README.md")) == []


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml"])
def test_container_sets_only_what_is_known(name):
    pattern = r"\b([A-Z][A-Z_]+)(?==)" if name == "Dockerfile" else r"\b([A-Z][A-Z_]+):"
    named = {one for one in re.findall(pattern, _read(name)) if not one.startswith(("PIP_", "PYTHON"))}

    assert named - OTHERS <= _known()
    assert len(named) > 2


def test_image_has_a_python_that_the_project_supports():
    version = re.search(r"^ARG PYTHON=(\S+)$", _read("Dockerfile"), re.MULTILINE)[1]
    wanted = tomllib.loads(_read("pyproject.toml"))["project"]["requires-python"]

    assert tuple(map(int, version.split("."))) >= tuple(map(int, wanted.removeprefix(">=").split(".")))


def test_image_gets_every_file_that_the_site_needs_and_no_other():
    said = [line for line in _read(".dockerignore").splitlines() if line and not line.startswith("#")]
    taken = {line[1:].rstrip("/") for line in said if line.startswith("!")}

    assert said[0] == "*"
    assert {name for name in taken if not (ROOT / name).exists()} == set()
    assert {"rocc", "plans", "templates", "static", "manage.py", "pyproject.toml", "requirements/run.txt"} <= taken
    assert taken.isdisjoint({"var", ".env", ".git", "tests"})


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_calls_commands_that_there_are(path):
    unit = path.read_text(encoding="utf-8")
    commands = re.findall(r"manage\.py (\w+)", unit)

    there = {found.stem for found in (ROOT / "plans/management/commands").glob("*.py")} | {"migrate", "clearsessions"}
    assert set(commands) <= there
    assert commands
    for line in ("ProtectSystem=strict", "NoNewPrivileges=true", "UMask=0077", "EnvironmentFile=/etc/rocc/rocc.env"):
        assert line in unit.splitlines()


def test_image_runs_as_a_user_of_its_own_and_keeps_no_secret():
    image = _read("Dockerfile")

    assert "USER rocc" in image
    assert re.findall(r"^(?:ENV|ARG).*SECRET", image, re.MULTILINE) == []
    assert "HEALTHCHECK" in image
    assert '"rocc.probe"' in image
