"""The file that is imported: made-up activities with five agencies each, the same each time.

Ten columns, macrons everywhere; every fifth description has three sub-activities, every tenth is to be finalised.
Django is ready.
"""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from xlsxwriter import Workbook

from benchmarks.vocabulary import BEGINNINGS, ENDINGS, SENTENCES
from plans.choices import DescriptionState, Status
from plans.models import Agency, FocusArea, PriorityArea
from plans.spreadsheets import columns

HEADINGS = columns.HEADINGS[:10]
LINKS_PER_ACTIVITY = 5
UPDATED_ON = date(2026, 6, 20)


@dataclass(frozen=True)
class MadeUp:
    """An activity: areas and agencies as the database has them, statuses as the tracker knows them."""

    number: int
    focus_area: FocusArea
    priority_area: PriorityArea
    title: str
    text: str
    items: tuple[str, ...]
    leads: list[Agency]
    supports: list[Agency]
    description_state: DescriptionState
    status: Status


def make_up(count):
    """Answer so many `MadeUp` activities, numbered from 1. Three queries."""
    agencies = list(Agency.objects.order_by("code"))
    areas = list(FocusArea.objects.order_by("code")), list(PriorityArea.objects.order_by("code"))
    return [_make_up(number, agencies, *areas) for number in range(1, count + 1)]


def _make_up(number, agencies, focus_areas, priority_areas):
    # A prime spreads the numbers over the vocabulary, so that its parts do not go round together.
    place = number * 7919 % 99991
    # Steps of one to three never come back to an agency within five.
    partners = [_of(agencies, place + k * (1 + place % 3)) for k in range(LINKS_PER_ACTIVITY)]
    leads = 2 if number % 7 == 0 else 1
    return MadeUp(
        number=number,
        focus_area=_of(focus_areas, place // 11),
        priority_area=_of(priority_areas, place // 13),
        title=f"{_of(BEGINNINGS, place)} {_of(ENDINGS, place // 16)}",
        text=" ".join(_of(SENTENCES, place // 7 + step) for step in (0, 1 + place % 5, 6 + place % 7)),
        items=tuple(_of(SENTENCES, number + k) for k in range(3)) if number % 5 == 0 else (),
        leads=partners[:leads],
        supports=partners[leads:],
        description_state=DescriptionState.TO_BE_FINALISED if number % 10 == 6 else DescriptionState.FINALISED,
        status=list(Status)[number % len(Status)],
    )


def as_people_write(one):
    """Answer the cells of a `MadeUp` as our exports write them."""
    return _cells(one, one.focus_area, one.description_state.label, one.status.label)


def as_stock_reads(one):
    """Answer the cells of a `MadeUp` as stock widgets can read them: codes in the place of labels."""
    return _cells(one, one.focus_area.code, one.description_state.value, one.status.value)


def _cells(one, focus_area, description_state, status):
    return [
        one.number,
        str(focus_area),
        one.priority_area.name,
        one.title,
        "\n".join([one.text, *(f"• {item}" for item in one.items)]),
        *("; ".join(agency.name for agency in agencies) for agencies in (one.leads, one.supports)),
        description_state,
        status,
        None if one.status == Status.NO_UPDATE else UPDATED_ON,
    ]


def workbook(headings, rows):
    """Answer the bytes of a workbook as Excel would save it, of rows of texts, whole numbers, days and None."""
    file = BytesIO()
    with Workbook(file, {"default_date_format": "d mmmm yyyy", "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Activities")
        for row, cells in enumerate([headings, *rows]):
            sheet.write_row(row, 0, cells)
    return file.getvalue()


def with_other_titles(content):
    """Answer the bytes of a workbook like `content`, an export of ours, with another title in each row."""
    headings, *rows = read_alone(content)
    place = headings.index(columns.TITLE.heading)
    for cells in rows:
        cells[place] += ", again"
    return workbook(headings, rows)


def read_alone(content):
    """Answer the rows of the first sheet of a workbook, read by python-calamine and nothing else."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only those who read pay for it

    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def write_alone(rows):
    """Write rows that `read_alone` answered into a workbook with a constant-memory writer, and nothing but them."""
    with Workbook(BytesIO(), {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "d mmmm yyyy"})
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, day)
                else:
                    sheet.write_number(row, column, cell)


def _of(things, place):
    return things[place % len(things)]
