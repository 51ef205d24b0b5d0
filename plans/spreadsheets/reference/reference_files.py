"""Files of lists: a short table under known headings out of any spreadsheet, and the formats in which they go out.

Tables are data sets of django-import-export.
"""

from dataclasses import replace
from io import BytesIO

import tablib
from import_export.formats import base_formats

from plans.spreadsheets.cell_text import csv_cell, unguard
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.reading.delimited_text import read_text
from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.read import NO_SMALL_SHEET, is_packed
from plans.spreadsheets.reading.sandbox import open_packed
from plans.spreadsheets.reading.table import place_name
from plans.spreadsheets.writing.workbook import HEADING, OPTIONS, TEXT, PlainWorkbook, write_cells
from plans.text import first_named, fold

TOP_ROWS = 60
MOST = {
    "max_mb": 1,
    "max_unpacked_mb": 20,
    "max_rows": 1_000,
    "max_columns": 50,
    "max_cells": 20_000,
    "max_text": 20_000,
    "max_ranges": 1_000,
    "max_seconds": 20,
}
"""How far such a file may reach: the page that asks for it waits, and the file travels in its form until confirmed."""


def reference_limits(noun="rows"):
    """Return the `Limits` of these files of so many `noun`: those of the site, where they are not wider than `MOST`."""
    limits = Limits.from_settings()
    return replace(limits, noun=noun, **{name: min(most, getattr(limits, name)) for name, most in MOST.items()})


def read_reference_table(content, spellings, key, noun):
    """Return the data set in the bytes of a file, its headers spelt as ours. Raise `UnreadableFile`. No query.

    `spellings` is {spelling of a heading: our heading}, `key` the heading that has to be there and `noun` what the rows
    are. `dataset.places` are the rows as the file counts them, `dataset.notes` sentences about how it was read.
    """
    known = {fold(spelling): heading for spelling, heading in spellings.items()}

    def score(cells):
        return len({known.get(fold(cell)) for cell in cells} - {None})

    return _data_set(_grid(content, score, reference_limits(noun)), known, score, key, noun)


def _grid(content, score, limits):
    """Return the `Grid` of the sheet or table that is most like ours."""
    limits.check_size(len(content))
    if not is_packed(content, limits.noun):
        return read_text(content, limits, heading_score=score)
    grids = open_packed(content, limits).grids
    if not grids:
        raise UnreadableFile(NO_SMALL_SHEET.format(limits.noun))
    best = max(grids, key=lambda grid: max((score(cells) for _, cells in grid.rows[:TOP_ROWS]), default=0))
    return best if best.is_whole else open_packed(content, limits, sheet=best.sheet).grids[0]


def _data_set(grid, known, score, key, noun):
    rows = [(place, [_tidy(cell) for cell in cells]) for place, cells in grid.rows]
    at = max(range(min(len(rows), TOP_ROWS)), key=lambda index: score(rows[index][1]), default=None)
    written = [] if at is None else rows[at][1]
    headings = [known.get(fold(cell), "") for cell in written]
    if key not in headings:
        expected = ", ".join(dict.fromkeys(known.values()))
        raise UnreadableFile(
            f"No row holds the headings. Above the {noun} one row should read: {expected}. Not all of them are "
            f"needed, but {key} is."
        )
    _refuse_twice(headings)
    _refuse_formulas(grid, rows[at][0], headings)
    places = [place for place, heading in enumerate(headings) if heading]
    dataset = tablib.Dataset(headers=[headings[place] for place in places])
    dataset.places = []
    for row, cells in rows[at + 1 :]:
        if any(map(str.strip, cells[len(written) :])):
            raise UnreadableFile(
                f"Row {row} has more cells than there are headings ({len(written)}). Put a text that holds the sign "
                "between cells in quotation marks."
            )
        read = [cells[place] if place < len(cells) else "" for place in places]
        if any(read):
            dataset.append(read)
            dataset.places.append(row)
    ignored = [cell for cell, heading in zip(written, headings, strict=True) if cell and not heading]
    dataset.notes = [*grid.notes, *([f"Not read: {first_named(ignored)}."] if ignored else [])]
    return dataset


def _refuse_twice(headings):
    for heading in headings:
        if heading and headings.count(heading) > 1:
            raise UnreadableFile(f"Two columns are headed {heading}. Keep one of them.")


def _refuse_formulas(grid, heading_row, headings):
    """Refuse formulas in cells that are read: what one last came to need not be what its author saw."""
    read = {place + grid.first_column for place, heading in enumerate(headings) if heading}
    inside = [place_name(row, column) for row, column in grid.formulas if row >= heading_row and column in read]
    if inside:
        raise UnreadableFile(
            f"These cells hold formulas: {first_named(inside)}. Copy the sheet, paste it as values in the same place, "
            "save it, and choose it again."
        )


def _tidy(cell):
    """Return the text of a cell without space around it, and without the apostrophes that guard it."""
    return unguard(tidy(cell))


# The formats in which lists go out and come in, as django-import-export knows formats.

WIDTH = 28


class ReferenceCSV(base_formats.CSV):
    """CSV in UTF-8 with BOM, of which no cell runs as a formula."""

    def get_title(self):
        """Return what people call it."""
        return "CSV"

    def export_data(self, dataset, **kwargs):
        """Return the bytes of the file."""
        lines = (",".join(map(csv_cell, row)) + "\r\n" for row in (dataset.headers, *dataset))
        return f"\ufeff{''.join(lines)}".encode()


class ReferenceXLSX(base_formats.XLSX):
    """An Excel workbook in which text is text, whatever it says."""

    def get_title(self):
        """Return what people call it."""
        return "Excel"

    def export_data(self, dataset, **kwargs):
        """Return the bytes of the file."""
        file = BytesIO()
        with PlainWorkbook(file, OPTIONS) as book:
            sheet = book.add_worksheet(dataset.title)
            width = len(dataset.headers)
            sheet.set_column(0, width - 1, WIDTH)
            sheet.freeze_panes(1, 1)
            write_cells(sheet, 0, dataset.headers, [book.add_format(HEADING)] * width)
            formats = [book.add_format(TEXT)] * width
            for row, cells in enumerate(dataset, start=1):
                write_cells(sheet, row, cells, formats)
            sheet.autofilter(0, 0, dataset.height, width - 1)
        return file.getvalue()


class ReferenceFile(base_formats.Format):
    """Whatever spreadsheet or Word table someone brings, for the rows of one resource."""

    def __init__(self, resource_class, encoding=None):
        """Take the class of the resource that the rows are for; each file says its encoding itself."""
        self.resource_class = resource_class

    def get_title(self):
        """Return what people call it."""
        return "Spreadsheet"

    def can_import(self):
        """Return whether files come in by it: yes."""
        return True

    def create_dataset(self, in_stream, **kwargs):
        """Return the data set in the bytes of a file. Raise `UnreadableFile`, with a sentence."""
        of = self.resource_class
        return read_reference_table(in_stream, of.spellings(), of.key_heading(), of.noun())
