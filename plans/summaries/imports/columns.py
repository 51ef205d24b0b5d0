"""The columns of an imported file, and what each is read as."""

from dataclasses import dataclass

NUMBER = "Number"
"""The heading without which no row can be told from another."""
WHYS = {
    "exact": "The heading says so.",
    "near": "The heading is close to it.",
    "chosen": "Somebody chose it.",
    "ignored": "It is not imported.",
    "unknown": "Nothing is called that.",
}
"""{how a heading was matched: the same in words}."""


@dataclass(frozen=True)
class Column:
    """A column of the file: its place from 1, its heading as written, what it is read as (blank for nothing), and why.

    `clears` says that a blank cell in it clears the value.
    """

    place: int
    written: str
    heading: str
    why: str
    clears: bool


def list_columns(source):
    """Answer the columns of the file of an `Import`, as [`Column`]."""
    clears = source.options.get("clears", [])
    return [
        Column(one["place"], one["written"], one["heading"], WHYS.get(one["how"], ""), one["heading"] in clears)
        for one in source.findings.get("headings", [])
    ]


def want_attention(source):
    """Whether a heading means nothing, or none is the number, so that somebody had better look."""
    headings = source.findings.get("headings", [])
    return any(one["how"] == "unknown" for one in headings) or lack_number(source)


def lack_number(source):
    """Whether no column of the file is read as the number."""
    return all(one["heading"] != NUMBER for one in source.findings.get("headings", []))
