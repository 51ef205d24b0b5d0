"""Copies of a pack: its Word file and its PDF, each written by a process of its own.

A pack of a thousand activities takes both libraries more memory than a worker may have, and gives none of it back. The
process has limits of time and memory, and none of the site's secrets.
"""

import json
import logging
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from plans.packs.content import PackContent
from plans.packs.outline import outline_of
from plans.packs.template import TemplateRefused

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
MAX_TEMPLATE_MB = 10
MAX_MEMORY_MB = 2000
"""Of addresses; 1,000 activities take 600 MB of them."""


class CopyFailed(Exception):
    """A copy could not be written; the text is a sentence that says so to whoever asked for it."""


def write_copy(
    content: PackContent, kind: Kind, template: Mapping[str, str] | None = None, checksum: str = ""
) -> bytes:
    """Return the Word file or the PDF of a pack, the same bytes for the same content. Raises `CopyFailed`.

    `checksum` is the one that it was issued with. `template` is what `taken_of_template` made of the programme's own
    Word file; a PDF takes nothing of it.
    """
    other = NAMES["pdf" if kind == "docx" else "docx"]
    try:
        return _asked({"kind": kind, "outline": outline_of(content, checksum).to_json(), "template": template})
    except CopyFailed as error:
        problem = f"The {NAMES[kind]} of this pack could not be made: {error}."
        raise CopyFailed(f"{problem} Print the page, or download the {other} instead.") from error


def taken_of_template(content: bytes) -> dict[str, str]:
    """Return what packs take of a Word file: its styles and its page. Raises `TemplateRefused`, with a sentence."""
    if len(content) > MAX_TEMPLATE_MB * 1024 * 1024:
        raise TemplateRefused(f"The file is larger than {MAX_TEMPLATE_MB} MB. Delete its pictures and its text.")
    try:
        found = json.loads(_asked({"kind": "template", "content": b64encode(content).decode()}))
    except CopyFailed as error:
        raise TemplateRefused(
            f"This file could not be read: {error}. Save a new copy of it, and upload that."
        ) from error
    if "refused" in found:
        raise TemplateRefused(found["refused"])
    return found["taken"]


def _asked(request: Mapping[str, Any]) -> bytes:
    """Return what a process of its own answers; raise `CopyFailed` with why it does not."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    # Each thread would take addresses of its own.
    surroundings = {**kept, "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2", "RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
            [sys.executable, "-I", "-c", COMMAND, str(ROOT)],
            input=json.dumps({"max_memory_mb": MAX_MEMORY_MB, **request}).encode(),
            capture_output=True,
            env=surroundings,
            timeout=MAX_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise CopyFailed(f"it takes longer than {MAX_SECONDS} seconds") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace")
        logger.warning("plans.packs.copy_child ended with %s: %s", error.returncode, said[-2000:])
        raise CopyFailed("its words cannot be set, or it takes too much memory") from error
    return done.stdout
