"""A site served as a real one is: gunicorn with our own configuration, hashed and compressed static files, `DEBUG` off.

Only TLS is missing. Everything listens on this machine alone.

`python -m benchmarks.serving COMMAND…` runs a command beside the Year Two plan. The command finds the site's address in
`TRACKER_URL`; the database is in a temporary folder; it and the server are gone when the command ends, however it ends.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
# A traceback, and the first of those that follow.
ERROR_LINES = 60
LEVEL = re.compile(r"^\S+ (ERROR|CRITICAL) ")


@dataclass(frozen=True)
class Server:
    """A site that answers: its address, without a slash at its end, the id of its first process, and its start."""

    address: str
    pid: int
    start_seconds: float


@contextmanager
def serving():
    """Serve the Year Two plan on SQLite; gives the address of the site."""
    with tempfile.TemporaryDirectory(prefix="rocc-serving-") as folder:
        database_url = f"sqlite:///{folder}/plan.sqlite3"
        collect_static()
        prepare(database_url)
        with serve(database_url) as server:
            yield server.address


@contextmanager
def serve(database_url, *, application="rocc.wsgi", workers=2, first_path="/healthz", port=None):
    """Serve `application` on that database; gives a `Server` once `first_path` has been answered.

    It listens at `port`, or where nobody else does.

    Raises `RuntimeError`, with what the server said, when that takes longer than `START_SECONDS`.
    """
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}"
    more = {"PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    with tempfile.NamedTemporaryFile("w+", prefix="rocc-serving-") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", application],
            cwd=ROOT,
            env={**environment(database_url), **more},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_answered(process, address + first_path, log)
            yield Server(address, process.pid, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait()
            _show_errors(log)


def prepare(database_url):
    """Make the tables, and load the Year Two plan with the beginning of its history."""
    for command in (["migrate"], ["loaddata", "year_two"], ["record_first_history"]):
        run_python(database_url, "manage.py", *command, "--verbosity", "0")


def collect_static():
    """Put the static files where the site looks for them."""
    run_python("sqlite://:memory:", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")


def run_python(database_url, *arguments):
    """Run Python in the environment of a site and answer what it printed; raises `RuntimeError` when it fails."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(database_url), check=False, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def environment(database_url):
    """Answer the environment of a site that is measured."""
    return {
        **os.environ,
        "DEBUG": "false",
        "SECRET_KEY": "only-for-measuring-what-nobody-else-can-reach-0123456789",
        "DATABASE_URL": database_url,
        "ALLOWED_HOSTS": "127.0.0.1",
        "ROCC_HTTPS": "false",
        "ROCC_OPEN_READING": "true",
        "LOG_FORMAT": "text",
    }


def run(command):
    """Run `command` (a list) beside the Year Two plan and answer its exit code."""
    with serving() as address:
        return subprocess.run(command, check=False, env={**os.environ, "TRACKER_URL": address}).returncode


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _show_errors(log):
    """Print what the site said of errors, with what came right after it: otherwise it is gone with the site."""
    log.seek(0)
    lines = log.read().splitlines()
    for place, line in enumerate(lines):
        if LEVEL.search(line):
            print("The site said:", *lines[place : place + ERROR_LINES], sep="\n  ", file=sys.stderr, flush=True)
            break


def _wait_until_answered(process, url, log):
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(url) as answer:
                answer.read()
                return
        except URLError:
            time.sleep(0.01)
    log.seek(0)
    raise RuntimeError(f"The site did not start:\n{log.read()}")


if __name__ == "__main__":
    # Being told to end is a reason to tidy up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(run(sys.argv[1:]))
