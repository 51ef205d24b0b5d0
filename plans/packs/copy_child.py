"""What the process runs that writes one copy of a pack: a line of JSON in, the bytes of a file out, without Django."""

import json
import resource
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from plans.packs.blocks import Heading, Outline, Paragraph, Run, Table, outline_from_json
from plans.packs.pdf import write_pdf
from plans.packs.template import TemplateRefused, read_template
from plans.packs.word import write_word

UNUSABLE = "No pack can be written in the styles of this file. Open it in Word, save a new copy, and upload that."
TRIED = Outline(
    *("Pack", ("As at today",), "Marking", "Pack", datetime(1980, 1, 1, tzinfo=UTC)),
    blocks=(
        *(Heading(1, "Heading"), Heading(2, "Heading")),
        *(Paragraph((Run("Words"),)), Paragraph((Run("Words"),), "bullet"), Paragraph((Run("Words"),), "quote")),
        Table(("Head",), (("Cell",),), (1,)),
    ),
)
"""Something of each style."""


def main() -> None:
    """Write what the first line of standard input asks for to standard output; a template follows that line."""
    request = json.loads(sys.stdin.buffer.readline())
    most = request["max_memory_mb"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(answer(request, sys.stdin.buffer.read()))


def answer(request: Mapping[str, Any], content: bytes = b"") -> bytes:
    """Return the bytes of a copy, or as JSON what is taken of a template: {"taken": …} or {"refused": a sentence}."""
    if request["kind"] == "template":
        try:
            return json.dumps({"taken": _tried(read_template(content))}).encode()
        except TemplateRefused as refused:
            return json.dumps({"refused": f"{refused}"}).encode()
    outline = outline_from_json(request["outline"])
    return write_pdf(outline) if request["kind"] == "pdf" else write_word(outline, request["template"])


def _tried(taken: dict[str, str]) -> dict[str, str]:
    """Return what was taken of a template. Raises `TemplateRefused` where it cannot be written with."""
    try:
        write_word(TRIED, taken)
    except Exception as error:  # whatever the libraries trip over in styles that come from outside
        raise TemplateRefused(UNUSABLE) from error
    return taken
