"""Proves the quickstart: a bare copy of the project serves the plan, and starts quickly the second time."""

import csv
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = [
    "Number",
    "Strategic Focus Area",
    "Priority Action Area",
    "Activity",
    "Description",
    "Agency Lead",
    "Support Agencies",
    "Description State",
    "Status",
    "Last Updated",
    "Reporting Status",
]
# What a copy does without, so that it starts from nothing.
LEFT_OUT = (".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache")
FIRST_START_SECONDS = 600
# Two to four seconds on a quiet machine; one that is busy must not fail for it.
SECOND_START_SECONDS = 10


def free_port():
    """Answer a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def start_and_read(folder, seconds):
    """Run `make run` in `folder` until the plan's CSV can be read; answer (rows, seconds it took)."""
    port = free_port()
    started = time.monotonic()
    server = subprocess.Popen(["make", "run"], cwd=folder, env={**os.environ, "PORT": str(port)})
    try:
        while time.monotonic() - started < seconds:
            if server.poll() is not None:
                sys.exit(f"make run ended by itself with code {server.returncode}.")
            try:
                with urlopen(f"http://127.0.0.1:{port}/plans/year-two/activities.csv") as answer:
                    text = answer.read().decode("utf-8-sig")
            except URLError as error:
                if hasattr(error, "code"):
                    sys.exit(f"The CSV was answered with {error.code}.")
                time.sleep(0.1)
                continue
            return list(csv.reader(io.StringIO(text))), time.monotonic() - started
        sys.exit(f"make run did not serve the plan within {seconds} seconds.")
    finally:
        server.terminate()
        server.wait()


def main():
    """Start twice and compare what is served with the published plan's numbers."""
    with tempfile.TemporaryDirectory(prefix="rocc-quickstart-") as parent:
        folder = Path(parent) / "a copy with spaces"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        first, first_took = start_and_read(folder, FIRST_START_SECONDS)
        second, second_took = start_and_read(folder, SECOND_START_SECONDS)
    # New columns may come, at the end.
    headings = first[0][: len(HEADINGS)]
    if headings != HEADINGS or [row[0] for row in first[1:]] != [str(number) for number in range(1, 16)]:
        sys.exit(f"The CSV is not the plan: {first[0]}, activities {[row[0] for row in first[1:]]}.")
    if second != first:
        sys.exit("The second start served something else than the first.")
    print(f"Quickstart: {len(first) - 1} activities; first start {first_took:.0f} s, second {second_took:.1f} s.")


if __name__ == "__main__":
    main()
