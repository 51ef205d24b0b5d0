"""Imports are killed here a few times, and two hundred times by `python -m benchmarks.kills`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from benchmarks.serving import environment

KILLS, SECONDS, ROWS = 8, 60, 50
NAME = "rocc_kills"


@pytest.fixture
def database_url(tmp_path, django_db_setup, django_db_blocker):
    """The address of a database of its own, on the engine that the tests are for."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/kills.sqlite3"
        return
    address, name = os.environ["TEST_DATABASE_URL"], f"{NAME}_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlsplit(address)._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_import_that_is_killed_leaves_the_plan_as_before_or_as_after(database_url):
    command = [sys.executable, "-m", "benchmarks.killing", *map(str, (KILLS, SECONDS, ROWS))]
    done = subprocess.run(
        command, cwd=Path(settings.BASE_DIR), env=environment(database_url), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["between"] == 0
    assert found["before"] > 0
