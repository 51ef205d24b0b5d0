"""Which column of a file is which, and what stands in its rows under our headings."""

from dataclasses import dataclass
from functools import cached_property

from plans.choices import PRINTED_HEADINGS
from plans.spreadsheets import columns, update_columns
from plans.spreadsheets.importing.cells import ATTRIBUTES, BLANK
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.text import fold

NUMBER = columns.NUMBER.heading
IGNORED, UNKNOWN = "ignored", "unknown"


@dataclass(frozen=True)
class Sheet:
    """The columns of a `Table` that are read, by the `matches` of its headings."""

    headings: tuple[str, ...]
    columns: tuple[int, ...]
    matches: list

    @cached_property
    def places(self):
        """{heading of ours: its place in the cells of a row, from 0}."""
        place_of = {column: place for place, column in enumerate(self.columns)}
        return {match.heading: place_of[match.place] for match in self._read}

    @cached_property
    def written(self):
        """{heading of ours: how the file spells it}."""
        return {match.heading: match.written for match in self._read}

    @property
    def ignored(self):
        """The headings of columns that are not read, as the file spells them."""
        read = {match.place for match in self._read}
        return [match.written for match in self.matches if match.place not in read and match.written != ROW_VERSION]

    @property
    def clearable(self):
        """Our headings in the file whose blank cells can be made to clear a value."""
        return [heading for heading in BLANK if heading in self.places]

    @property
    def has_versions(self):
        """Whether rows say what they were made from."""
        return ROW_VERSION in self.places

    @property
    def is_published_table(self):
        """Whether it is the table as plans publish it: every cell of theirs, and no word on descriptions but there."""
        printed = all(heading in self.places for heading in PRINTED_HEADINGS.values())
        return printed and columns.DESCRIPTION_STATE.heading not in self.places

    @property
    def problems(self):
        """What is wrong with the headings, as sentences: without those mended, no row can be read."""
        ours = {fold(heading): heading for heading in self.places}
        found = [
            f"The column {ours[fold(match.written)]} stands there twice. Take one out, or choose which to read."
            for match in self.matches
            if match.how == UNKNOWN and fold(match.written) in ours
        ]
        if NUMBER not in self.places and ROW_VERSION not in self.places:
            found.append("There is no column Number, by which activities are found.")
        return list(dict.fromkeys(found))

    def cells(self, row):
        """Answer {heading: text} of what a row says about an activity."""
        return {heading: row.cells[place] for heading, place in self._of_plan}

    def report_cells(self, row):
        """Answer {heading: text} of what an agency reports in a row, without what is blank."""
        return {heading: row.cells[place] for heading, place in self._of_reports if row.cells[place]}

    def text(self, row, heading):
        """Answer the text of a row under `heading`; blank where the file has no such column."""
        return row.cells[self.places[heading]] if heading in self.places else ""

    def name_of(self, heading):
        """Answer how the file spells `heading`; as we do where it has none."""
        return self.written.get(heading) or heading

    @cached_property
    def _read(self):
        wanted = {NUMBER, ROW_VERSION, *ATTRIBUTES, *update_columns.HEADINGS}
        return [match for match in self.matches if match.heading in wanted and match.how != IGNORED]

    @cached_property
    def _of_plan(self):
        return [(heading, self.places[heading]) for heading in ATTRIBUTES if heading in self.places]

    @cached_property
    def _of_reports(self):
        return [(heading, self.places[heading]) for heading in update_columns.HEADINGS if heading in self.places]
