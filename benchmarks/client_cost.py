"""What the client adds to whatever it measures: its part of every time in the table."""

import subprocess
import sys

from benchmarks.pages import AT_ONCE, asking
from benchmarks.serving import ROOT
from benchmarks.table import attempt
from benchmarks.timing import Effort, Pair, time_in_turn


def measure_client(figures):
    """Add to `figures` what 60 kB take from a server that does nothing but send them."""
    attempt(figures, "the client itself, and the loopback", "", "", _measure)


def _measure():
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.canned"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        make = asking(f"http://127.0.0.1:{server.stdout.readline().strip()}", "/")
        return {name: Pair(0, *time_in_turn([make], count, Effort())) for name, count in AT_ONCE.items()}
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
