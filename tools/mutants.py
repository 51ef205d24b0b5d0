"""`make mutants`: changes the rules that must never be wrong, one small change at a time, and runs their tests on each.

mutmut makes the changes, works on a copy of the project in var/mutants/ and tries each change with the tests that run
the changed function. Prints the share of changes that a test noticed, and those that none did: docs/mutants.md says
which of them are known and why. `python -m tools.mutants three_way undo` tries those rules only.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "mutants"
COPIED = ("rocc", "fixtures", "templates", "static", "benchmarks", "docs", "tools", "manage.py", "README.md")
KILLED, SURVIVED = {"killed", "timeout", "segfault"}, {"survived", "no tests", "suspicious"}
LEAST_KILLED = 90
"""The percentage of each rule below which the command fails."""

RULES = {
    "three_way": (
        ["plans/three_way.py"],
        ["tests/test_merging.py", "tests/spreadsheets/checking/test_check_versions.py"],
    ),
    "responsibility": (
        ["plans/responsibility.py"],
        ["tests/test_responsibility.py", "tests/test_querysets_involving.py", "tests/test_permissions.py"],
    ),
    "permissions": (
        ["plans/permissions.py"],
        [
            *("tests/test_permissions.py", "tests/test_reporting_rules.py", "tests/test_rights_at_write.py"),
            *("tests/test_corrections.py", "tests/test_people.py", "tests/test_barriers_reported.py"),
            *("tests/spreadsheets/importing/test_workflow.py", "tests/views/test_imports.py"),
        ],
    ),
    "row_versions": (
        ["plans/spreadsheets/row_versions.py"],
        ["tests/spreadsheets/test_row_versions.py", "tests/spreadsheets/checking/test_check_versions.py"],
    ),
    "freshness": (
        ["plans/querysets/freshness.py", "plans/actions/rounds.py"],
        ["tests/test_freshness.py", "tests/test_rounds.py", "tests/test_barriers.py"],
    ),
    "reporting": (
        ["plans/querysets/reporting.py"],
        [
            *(
                "tests/test_freshness.py",
                "tests/test_actions.py",
                "tests/test_barriers.py",
                "tests/test_corrections.py",
            ),
            *("tests/test_querysets_lists.py", "tests/test_barriers_reported.py", "tests/views/test_activity.py"),
        ],
    ),
    "reporting_rules": (
        ["plans/actions/reporting_rules.py"],
        ["tests/test_reporting_rules.py"],
    ),
    "undo": (
        ["plans/spreadsheets/importing/undo.py", "plans/spreadsheets/importing/undo_batch.py"],
        [
            *("tests/spreadsheets/importing/test_undo.py", "tests/spreadsheets/importing/test_ticks.py"),
            *("tests/spreadsheets/importing/test_removals.py", "tests/spreadsheets/importing/test_renumbering.py"),
        ],
    ),
}
"""{rule: (files that say it, tests that hold them to it)}; few tests, since each change runs all that reach it."""


def main(names):
    """Try the rules of these names, all without any; exit with 1 when too few changes of one were noticed."""
    unknown = set(names) - set(RULES)
    if unknown:
        sys.exit(f"There are no rules called {', '.join(sorted(unknown))}. Choose from: {', '.join(RULES)}.")
    shares = {name: _try(name) for name in names or RULES}
    print(f"\n{'rule':20}{'changes':>9}{'noticed':>9}{'share':>9}")
    for name, (killed, total) in shares.items():
        print(f"{name:20}{total:9}{killed:9}{100 * killed / total:8.1f}%")
    if any(100 * killed < LEAST_KILLED * total for killed, total in shares.values()):
        sys.exit(1)


def _try(name):
    """Return (changes noticed, changes tried) of a rule, and print those that were not noticed."""
    sources, tests = RULES[name]
    place = _copy(name, sources, tests)
    print(f"== {name}", flush=True)
    run = _mutmut(place, "run")
    if run.returncode:
        sys.exit(run.stdout[-4000:] + run.stderr[-4000:])
    results = [line.strip().rpartition(": ") for line in _mutmut(place, "results", "--all", "true").stdout.splitlines()]
    killed = sum(1 for _, _, status in results if status in KILLED)
    left = [mutant for mutant, _, status in results if status in SURVIVED]
    for mutant in left:
        print(_mutmut(place, "show", mutant).stdout)
    return killed, killed + len(left)


def _copy(name, sources, tests):
    """Return a fresh copy of the project in which mutmut finds its settings; `setup.cfg` is where it looks for them."""
    place = FOLDER / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for one in ("plans", "tests", "pyproject.toml", "requirements", *COPIED):
        source = ROOT / one
        if source.is_dir():
            shutil.copytree(source, place / one, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(source, place / one)
    settings = {
        "source_paths": ["plans"],
        "only_mutate": sources,
        "also_copy": [*COPIED, "requirements"],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not slow and not browser"],
    }
    # Some changes loop for ever: each is ended after a few times what its tests take.
    scalars = "timeout_multiplier = 5\ntimeout_constant = 10\n"
    lines = [f"{key} =\n" + "".join(f"    {value}\n" for value in values) for key, values in settings.items()]
    (place / "setup.cfg").write_text("[mutmut]\n" + scalars + "".join(lines), encoding="utf-8")
    return place


def _mutmut(place, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=place,
        env={**environment, "HYPOTHESIS_PROFILE": "quick"},
        check=False,
        capture_output=True,
        text=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
