"""What the process runs that writes one copy of a pack: a line of JSON in, the bytes of a file out, without Django."""

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

from plans.packs.blocks import outline_from_json
from plans.packs.pdf import write_pdf
from plans.packs.template import TemplateRefused, read_template
from plans.packs.word import write_word


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
            return json.dumps({"taken": read_template(content)}).encode()
        except TemplateRefused as refused:
            return json.dumps({"refused": f"{refused}"}).encode()
    outline = outline_from_json(request["outline"])
    return write_pdf(outline) if request["kind"] == "pdf" else write_word(outline, request["template"])
