"""What the process runs that writes one copy of a pack: JSON in, the bytes of a file out, without Django."""

import json
import resource
import sys

from plans.packs.blocks import outline_from_json
from plans.packs.pdf import write_pdf
from plans.packs.word import write_word

WRITERS = {"docx": write_word, "pdf": write_pdf}


def main() -> None:
    """Write the copy that standard input asks for to standard output."""
    request = json.load(sys.stdin.buffer)
    most = request["max_memory_mb"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(WRITERS[request["kind"]](outline_from_json(request["outline"])))
