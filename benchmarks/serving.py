"""`python -m benchmarks.serving COMMAND…`: runs a command beside the Year Two plan, served as a real site serves it.

gunicorn, hashed and compressed static files, `DEBUG` off; only TLS is missing. The command finds the site's address in
`TRACKER_URL`. The database is in a temporary folder; it and the server are gone when the command ends, however it ends.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


@contextmanager
def serving():
    """Serve the plan; gives the address of the site, without a slash at its end.

    Raises `RuntimeError` when it does not answer within `START_SECONDS`.
    """
    with tempfile.TemporaryDirectory(prefix="rocc-serving-") as folder:
        port = _free_port()
        environment = _environment(Path(folder) / "plan.sqlite3", port)
        for command in (["collectstatic", "--noinput"], ["migrate"], ["loaddata", "year_two"]):
            subprocess.run(
                [sys.executable, "manage.py", *command, "--verbosity", "0"], cwd=ROOT, env=environment, check=True
            )
        log = Path(folder) / "log"
        with log.open("w") as stream:
            server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "rocc.wsgi"], cwd=ROOT, env=environment, stderr=stream
            )
        try:
            _wait_until_ready(server, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def run(command):
    """Run `command` (a list) and answer its exit code."""
    with serving() as address:
        return subprocess.run(command, check=False, env={**os.environ, "TRACKER_URL": address}).returncode


def _environment(database, port):
    return {
        **os.environ,
        "DEBUG": "false",
        "SECRET_KEY": "only-for-measuring-what-nobody-else-can-reach-0123456789",
        "DATABASE_URL": f"sqlite:///{database}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "ROCC_HTTPS": "false",
        "ROCC_OPEN_READING": "true",
        "LOG_FORMAT": "text",
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
    }


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _wait_until_ready(server, port, log):
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz"):
                return
        except URLError:
            time.sleep(0.1)
    raise RuntimeError(f"The site did not start:\n{log.read_text()}")


if __name__ == "__main__":
    # Being told to end is a reason to tidy up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(run(sys.argv[1:]))
