"""How far a file may reach, whatever its kind: one set of limits, to which each reader holds what it reads."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import IO, Any, Self


class UnreadableFile(Exception):
    """A file that is not opened, or not the spreadsheet that it should be; its text says how to fix it."""


DAMAGED = "This file is damaged. Open it, save a new copy, and upload that."


MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The limits of an import; README.md has a row for each. Each check raises `UnreadableFile` with a sentence.

    `max_mb` is the size of the file in megabytes (MiB), `max_unpacked_mb` that of what is packed inside it, and of all
    its text; `max_cells` counts the cells that hold something, `max_text` the characters of one of them, `max_ranges`
    merged cells. `max_seconds` and `max_memory_mb` are what taking a workbook apart may cost. `noun` is what people
    call the rows, for the sentences.
    """

    max_mb: int
    max_unpacked_mb: int
    max_rows: int
    max_columns: int
    max_cells: int
    max_text: int
    max_ranges: int
    max_seconds: int
    max_memory_mb: int
    noun: str = "activities"

    @classmethod
    def from_settings(cls) -> Self:
        """Return the limits of this site."""
        # Loaded here, since the processes that open files know nothing of Django, and ask for nothing of it.
        from django.conf import settings  # noqa: PLC0415

        return cls(**settings.IMPORT_LIMITS)

    @classmethod
    def from_request(cls, request: dict[str, Any]) -> Self:
        """Return the limits that a process was told, {name: limit} among other things."""
        # A site that is being upgraded may ask in the words of the version before.
        return cls(**{one.name: request[one.name] for one in fields(cls) if one.name in request})

    @property
    def max_bytes(self) -> int:
        """The largest file, in bytes."""
        return self.max_mb * MEBIBYTE

    def read(self, file: IO[bytes]) -> bytes:
        """Return the bytes of an open file. Raise `UnreadableFile` when it is too large, before all of it is read."""
        content = file.read(self.max_bytes + 1)
        self.check_size(len(content))
        return content

    def check_size(self, size_bytes: int) -> None:
        """Refuse a file of so many bytes."""
        if size_bytes > self.max_bytes:
            raise UnreadableFile(
                f"The file is larger than {self.max_mb} MB. Keep only the sheet of {self.noun}, or send it in parts."
            )

    def check_rows(self, rows: int) -> None:
        """Refuse a table of so many rows."""
        if rows > self.max_rows:
            raise UnreadableFile(
                f"The file has more than {self.max_rows:,} rows. Keep only the rows of {self.noun}, or send it in "
                "parts."
            )

    def check_columns(self, columns: int) -> None:
        """Refuse a table of so many columns."""
        if columns > self.max_columns:
            raise UnreadableFile(
                f"The file has more than {self.max_columns} columns. Take out those that are not about {self.noun}."
            )

    def check_text(self, characters: int, row: int) -> None:
        """Refuse a cell of so many characters in `row`."""
        if characters > self.max_text:
            raise UnreadableFile(
                f"A cell in row {row:,} holds {characters:,} characters, and {self.max_text:,} can be read. Shorten it."
            )

    def check_cells(self, cells: int) -> None:
        """Refuse a table with so many cells that hold something."""
        if cells > self.max_cells:
            raise UnreadableFile(
                f"The file has more than {self.max_cells:,} cells with something in them. Keep only the rows and "
                f"columns of {self.noun}, or send it in parts."
            )

    def check_characters(self, characters: int) -> None:
        """Refuse a table with so many characters in all."""
        if characters > self.max_unpacked_mb * MEBIBYTE:
            raise UnreadableFile(
                f"The cells of the file hold more than {self.max_unpacked_mb} MB of text. Keep only the rows and "
                f"columns of {self.noun}, or send it in parts."
            )

    def check_ranges(self, ranges: int) -> None:
        """Refuse a table with so many merged cells."""
        if ranges > self.max_ranges:
            raise UnreadableFile(
                f"The file has more than {self.max_ranges:,} merged cells. Mark the sheet or the table, choose Unmerge "
                "or Split Cells, save it, and send it again."
            )


class CellCount:
    """Holds the rows of a table to the limits of cells and text, one after the other."""

    def __init__(self, limits: Limits) -> None:
        """Begin with none."""
        self.limits, self.cells, self.characters = limits, 0, 0

    def add(self, row: int, texts: Sequence[str]) -> None:
        """Count the texts of the cells of a row, which the file calls `row`. Raises `UnreadableFile`."""
        lengths = [*map(len, texts)]
        self.limits.check_text(max(lengths, default=0), row)
        self.cells += len(lengths) - lengths.count(0)
        self.characters += sum(lengths)
        self.limits.check_cells(self.cells)
        self.limits.check_characters(self.characters)
