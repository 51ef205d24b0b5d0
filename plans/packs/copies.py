"""Copies of a pack: its Word file and its PDF, each written by a process of its own.

A pack of a thousand activities takes both libraries more memory than a worker may have, and gives none of it back. The
process has limits of time and memory, and none of the site's secrets.
"""

import json
import signal
from collections.abc import Mapping
from typing import Any, Literal

from plans.limited_process import NoTurn, limited_process, take_turn
from plans.packs.content import PackContent
from plans.packs.outline import outline_of
from plans.packs.template import TemplateRefused

Kind = Literal["docx", "pdf"]
CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
NAMES = {"docx": "Word file", "pdf": "PDF"}
MODULE = "plans.packs.copy_child"
# Each thread would take addresses of its own.
SURROUNDINGS = {"MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2"}
MAX_SECONDS = 20
MOST_AT_ONCE = 2
"""How many are written at once on a machine: each takes a processor and much memory."""
MOST_WAIT_SECONDS = 10
MAX_TEMPLATE_MB = 10
TEMPLATE_TOO_LARGE = "The file is larger than {} MB. Delete its pictures and its text."
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
    """Return what packs take of a Word file: its styles and its page. Raises `TemplateRefused`, with a sentence.

    Also for one with whose styles no pack can be written, which is tried.
    """
    if len(content) > MAX_TEMPLATE_MB * 1024 * 1024:
        raise TemplateRefused(TEMPLATE_TOO_LARGE.format(MAX_TEMPLATE_MB))
    try:
        found = json.loads(_asked({"kind": "template"}, content))
    except CopyFailed as error:
        raise TemplateRefused(
            f"This file could not be read: {error}. Save a new copy of it, and upload that."
        ) from error
    if "refused" in found:
        raise TemplateRefused(found["refused"])
    return found["taken"]


def _asked(request: Mapping[str, Any], content: bytes = b"") -> bytes:
    """Return what a process of its own answers; raise `CopyFailed` with why it does not."""
    limits = {"max_seconds": MAX_SECONDS, "max_memory_mb": MAX_MEMORY_MB}
    try:
        with (
            take_turn("packs", places=MOST_AT_ONCE, wait_seconds=MOST_WAIT_SECONDS),
            limited_process(MODULE, {**limits, **request}, content, surroundings=SURROUNDINGS) as child,
        ):
            answer = child.stdout.read() if child.stdout else b""
    except NoTurn:
        raise CopyFailed("too many are being made now. Wait a minute, then try again") from None
    if child.returncode == -signal.SIGKILL:
        raise CopyFailed(f"it takes longer than {MAX_SECONDS} seconds")
    if child.returncode:
        raise CopyFailed("its words cannot be set, or it takes too much memory")
    return answer
