"""Copies of a pack: its Word file and its PDF, each written by a process of its own.

A pack of a thousand activities takes both libraries more memory than a worker may have, and gives none of it back. The
process has limits of time and memory, and none of the site's secrets.
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

from plans.packs.content import PackContent
from plans.packs.outline import outline_of

logger = logging.getLogger(__name__)

Kind = Literal["docx", "pdf"]
CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
NAMES = {"docx": "Word file", "pdf": "PDF"}
ROOT = Path(__file__).resolve().parents[2]
COMMAND = "import sys; sys.path.insert(0, sys.argv[1]); from plans.packs.copy_child import main; main()"
MAX_SECONDS = 20
MAX_MEMORY_MB = 2000
"""Of addresses; 1,000 activities take 600 MB of them."""


class CopyFailed(Exception):
    """A copy could not be written; the text is a sentence that says so to whoever asked for it."""


def write_copy(content: PackContent, kind: Kind) -> bytes:
    """Return the Word file or the PDF of a pack, the same bytes for the same content. Raises `CopyFailed`."""
    request = {"kind": kind, "max_memory_mb": MAX_MEMORY_MB, "outline": outline_of(content).to_json()}
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    # Each thread would take addresses of its own.
    surroundings = {**kept, "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2", "RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
            [sys.executable, "-I", "-c", COMMAND, str(ROOT)],
            input=json.dumps(request).encode(),
            capture_output=True,
            env=surroundings,
            timeout=MAX_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise CopyFailed(_sentence(kind, f"it takes longer than {MAX_SECONDS} seconds")) from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace")
        logger.warning("plans.packs.copy_child ended with %s: %s", error.returncode, said[-2000:])
        raise CopyFailed(_sentence(kind, "its words cannot be set, or it takes too much memory")) from error
    return done.stdout


def _sentence(kind: Kind, why: str) -> str:
    other = NAMES["pdf" if kind == "docx" else "docx"]
    return f"The {NAMES[kind]} of this pack could not be made: {why}. Print the page, or download the {other} instead."
