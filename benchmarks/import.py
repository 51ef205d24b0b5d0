"""`python benchmarks/import.py`, also `python -m benchmarks.import`: what importing costs, beside what it could cost.

`benchmarks/README.md` says what each figure means. It measures and does not judge: it ends with 0 whatever it finds.
The work is in `benchmarks.importing`, since no code can import a module that is called `import`.
"""
# ruff: noqa: N999 - it is run, not imported

import signal
import sys
from pathlib import Path

# Run as a file, it finds its neighbours in the place of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.importing.command import main  # noqa: E402 - only from here on can it be found

if __name__ == "__main__":
    # Being told to end is a reason to tidy up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1:])
