"""What the text of a pack is made of: headings, paragraphs and tables. Nothing of Django is in here.

The process that writes a Word file or a PDF gets them as JSON.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

LANGUAGE = "en-NZ"


@dataclass(frozen=True)
class Run:
    """A piece of a paragraph, of one look."""

    text: str
    look: Literal["", "strong", "gone", "new"] = ""


@dataclass(frozen=True)
class Heading:
    """A heading; `level` is 1 for sections and 2 for what stands in them."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of runs, in a style."""

    runs: tuple[Run, ...]
    style: Literal["", "bullet", "quote"] = ""


@dataclass(frozen=True)
class Table:
    """A table whose first row is its heads; `widths` say how wide the columns are against each other.

    A cell with several lines is several paragraphs.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


Block = Heading | Paragraph | Table


@dataclass(frozen=True)
class Outline:
    """A pack as text. `about` are the lines below the title; `name` stands at the foot of each page."""

    title: str
    about: tuple[str, ...]
    marking: str
    name: str
    at: datetime
    blocks: tuple[Block, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it; each block says its `kind`."""
        blocks = [{"kind": type(block).__name__, **asdict(block)} for block in self.blocks]
        return {**asdict(self), "at": self.at.isoformat(), "blocks": blocks}


def outline_from_json(found: Mapping[str, Any]) -> Outline:
    """Return what `Outline.to_json` made `found` of."""
    values = {**found, "about": tuple(found["about"]), "at": datetime.fromisoformat(found["at"])}
    return Outline(**{**values, "blocks": tuple(map(_block_from_json, found["blocks"]))})


def _block_from_json(found: Mapping[str, Any]) -> Block:
    if found["kind"] == "Heading":
        return Heading(found["level"], found["text"])
    if found["kind"] == "Paragraph":
        return Paragraph(tuple(Run(**run) for run in found["runs"]), found["style"])
    return Table(tuple(found["heads"]), tuple(map(tuple, found["rows"])), tuple(found["widths"]))
