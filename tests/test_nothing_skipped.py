"""A test that has to run and does not is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SKIPS = "import pytest\n\ndef test_browser():\n    pytest.skip('no browser here')\n"
SKIPS_AS_A_WHOLE = "import pytest\npytest.skip('no browser here', allow_module_level=True)\n"
PLAIN = ["-p", "tests.nothing_skipped", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest"]
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_known():\n    raise AssertionError\n"


def _last_line(tmp_path, text, **environment):
    (tmp_path / "test_it.py").write_text(text)
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "REQUIRE_ALL_TESTS")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLAIN, "--rootdir", tmp_path, "-c", os.devnull, tmp_path],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout.splitlines()[-1].partition(" in ")[0]


@pytest.mark.parametrize(
    ("text", "environment", "outcome"),
    [
        (SKIPS, {}, (0, "1 skipped")),
        (SKIPS, {"CI": "true"}, (1, "1 failed")),
        (SKIPS, {"REQUIRE_ALL_TESTS": "1"}, (1, "1 failed")),
        (SKIPS_AS_A_WHOLE, {"CI": "true"}, (2, "1 error")),
        (EXPECTED_FAILURE, {"CI": "true"}, (0, "1 xfailed")),
    ],
)
def test_skipped_test_fails_where_every_test_has_to_run(tmp_path, text, environment, outcome):
    assert _last_line(tmp_path, text, **environment) == outcome
