"""What README.md says of deploying is done here word for word, and a page is fetched at the end."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.kept_database import copy_of_migrated

ROOT = Path(__file__).parent.parent
NEEDED = (
    *("rocc", "plans", "templates", "static", "fixtures", "requirements"),
    *("manage.py", "gunicorn.conf.py", "pyproject.toml"),
)
NOT_HERE = ("python3 -m venv .venv", ".venv/bin/pip install --require-hashes -r requirements/run.txt")
PASSWORD = "a password of the first superuser"


def steps():
    """The commands of README.md, in their order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text[text.index("## Deploying") : text.index("### Environment")]
    fenced = [line.strip() for block in re.findall(r"```\n(.*?)```", part, re.DOTALL) for line in block.splitlines()]
    return [*(line for line in fenced if line), *re.findall(r"`(\.venv/bin/gunicorn [^`]*)`", part)]


@pytest.fixture
def folder(tmp_path):
    """A checkout whose libraries are installed."""
    for name in NEEDED:
        path = ROOT / name
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, tmp_path / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "var").mkdir()
    return tmp_path


@pytest.fixture
def environment(folder):
    """What the second step asks for, and what answers the questions of `createsuperuser`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return kept | {
        "SECRET_KEY": "q7Rk2Vw9Xy4Zt1Bn8Mc5Lp3Hs6Jd0Fg-Ae_Uo7Ti2Yw9Qz4Nx1Cv",
        "ALLOWED_HOSTS": "tracker.example.govt.nz",
        "DATABASE_URL": f"sqlite:///{folder}/var/site.sqlite3",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "DJANGO_SUPERUSER_EMAIL": "root@programme.example",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }


def fetch(port, path, seconds=60):
    """The answer at `path`, asked for as the web server before gunicorn does, once there is one."""
    headers = {"Host": "tracker.example.govt.nz", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    ends = time.monotonic() + seconds
    while True:
        try:
            with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers=headers)) as answer:
                return answer.status, answer.read().decode()
        except URLError as error:
            if hasattr(error, "code") or time.monotonic() > ends:
                raise
            time.sleep(0.1)


def test_steps_of_the_readme_lead_to_a_site(folder, environment):
    *commands, serve = steps()
    assert [line for line in commands if line in NOT_HERE] == list(NOT_HERE)

    told = {}
    for command in (line for line in commands if line not in NOT_HERE):
        words = [*command.split(), *(["--noinput"] if "createsuperuser" in command else [])]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        told[command] = done.stdout + done.stderr

    server = subprocess.Popen(serve.split(), cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        ready = fetch(environment["PORT"], "/readyz")
        status, page = fetch(environment["PORT"], "/accounts/login/")
        style = fetch(environment["PORT"], re.search(r'href="(/static/tracker[^"]*\.css)"', page)[1])
    finally:
        server.terminate()
        server.wait(timeout=30)

    assert ready == (200, "ready\n")
    assert (status, style[0]) == (200, 200)
    # Nothing is missing that a check could see, the first history least of all.
    assert "no issues" in told[".venv/bin/python manage.py check --database default"]
    assert "15 activities" in told[".venv/bin/python manage.py record_first_history"]


def test_steps_that_leave_out_the_first_history_are_told_of_it(folder, environment):
    # From nothing the test above migrates.
    copy_of_migrated(folder / "var" / "site.sqlite3")
    for line in ("migrate --verbosity 0", "loaddata year_two", "check --database default"):
        command = [".venv/bin/python", "manage.py", *line.split()]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert "plans.W003" in done.stderr
    assert "Run `manage.py record_first_history` once." in done.stderr
