"""Imports are killed here a few times, and two hundred times by `python -m benchmarks.kills`."""

import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from benchmarks.serving import environment

KILLS, SECONDS, ROWS = 8, 60, 50


def test_import_that_is_killed_leaves_the_plan_as_before_or_as_after(database_url):
    command = [sys.executable, "-m", "benchmarks.killing", *map(str, (KILLS, SECONDS, ROWS))]
    done = subprocess.run(
        command, cwd=Path(settings.BASE_DIR), env=environment(database_url), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["between"] == 0
    assert found["before"] > 0
