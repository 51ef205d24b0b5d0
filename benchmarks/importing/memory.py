"""The most memory that an import takes: `python -m benchmarks.importing.memory FILE` checks and imports a file once.

`measure_peak` starts that and looks on from outside, at the process and at the one that opens the file for it.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.serving import ROOT, environment

PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
LOOK_EVERY_SECONDS = 0.005


def measure_peak(url, file):
    """Answer the megabytes that all processes of an import of `file` held at their highest, added up.

    They need not have held them at the same time, so together they held that much at most. Raises `RuntimeError` when
    the import fails.
    """
    command = [sys.executable, "-m", "benchmarks.importing.memory", str(file)]
    peaks = {}
    with subprocess.Popen(command, cwd=ROOT, env=environment(url), stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            for pid in (process.pid, *_children(process.pid)):
                # The last word counts: before it becomes itself, a new process is a copy of the one that started it.
                peaks[pid] = _peak_megabytes(pid) or peaks.get(pid, 0)
            time.sleep(LOOK_EVERY_SECONDS)
        if process.returncode:
            raise RuntimeError(process.stderr.read())
    own = peaks.pop(process.pid)
    # One file is opened after another, never two at once.
    return own + max(peaks.values(), default=0)


def _children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _peak_megabytes(pid):
    try:
        found = PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        # It has ended meanwhile.
        return 0
    return int(found[1]) / 1000 if found else 0


def _import_once(file):
    """Check and import a file in one process; the site has one for each of the two."""
    from benchmarks.importing import ours  # noqa: PLC0415 - they read models, for which Django has to be ready
    from benchmarks.importing.round import admin, new_plan  # noqa: PLC0415

    person = admin()
    source = ours.keep(file.read_bytes(), new_plan("memory"), person)
    ours.check(source)
    ours.apply(source, person)


if __name__ == "__main__":
    from benchmarks.importing.measuring import prepare

    prepare()
    _import_once(Path(sys.argv[1]))
