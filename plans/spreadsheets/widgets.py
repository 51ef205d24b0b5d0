"""How the values of columns are read from cells and written to them: widgets, as django-import-export knows them.

A value has three forms. A widget's `clean` makes the value of the text of a cell, or raises `ValueError` in words;
`render` makes the cell of the value: text, a whole number, a date or None; and `load` makes the value of what the
database holds, as `plans.querysets.exporting` reads it.
"""

import json
import re
from datetime import date, datetime, timedelta

from django.utils.timezone import get_default_timezone, localdate
from import_export.widgets import Widget

from plans.actions.reporting_rules import MOST_LINKS, TOO_MANY_LINKS
from plans.models import Activity
from plans.spreadsheets.cell_text import CUT_NOTE
from plans.spreadsheets.descriptions import Description, Item, join_description, split_description, tidy, tidy_title
from plans.summaries.record.words import day_in_words
from plans.web_links import Link, links_in_words, read_links

YES = "Yes"
TITLE_LENGTH = Activity._meta.get_field("title").max_length


class CellWidget(Widget):
    """A value that is its own cell, such as a whole number; no one reads it from one."""

    def render(self, value, obj=None, **kwargs):
        """Return what stands in the cell of a value."""
        return value

    def load(self, stored, names):
        """Return the value of what the database holds; `names` are `plans.summaries.reference_names.Names`."""
        return stored

    def store(self, value):
        """Return what the activity's own column holds of a value; the inverse of `load`."""
        return value

    def choices(self, names):
        """Return what a drop-down offers, as texts; none for a column of any text."""
        return []

    drop_down: dict[str, object] = {}
    """XlsxWriter's options for the drop-down; without others, nothing but what is in the list is taken."""


class TitleWidget(CellWidget):
    """The title of an activity, on one line."""

    def clean(self, value, row=None, **kwargs):
        """Return the title. Raises `ValueError` when there are no words, or too many."""
        # Word draws it where a title is formatted as an item.
        text = tidy_title(value).removeprefix("• ")
        if not text:
            raise ValueError("enter a title, or leave the cell blank to keep the current one.")
        if len(text) > TITLE_LENGTH:
            raise ValueError(f"a title has at most {TITLE_LENGTH} characters; this one has {len(text)}.")
        return text

    def render(self, value, obj=None, **kwargs):
        """Return the title as it is kept."""
        return tidy_title(value)


class DescriptionWidget(CellWidget):
    """A `Description`: a text with its sub-activities and their footnotes."""

    def clean(self, value, row=None, **kwargs):
        """Return the `Description`. Raises `ValueError` when there are no words, or when some were cut off."""
        if CUT_NOTE in value:
            raise ValueError(
                "the text was cut when it was exported to Excel. Leave the cell blank to keep the description as it is."
            )
        description = split_description(value)
        if not (description.text or description.items):
            raise ValueError("enter a description, or leave the cell blank to keep the current one.")
        return description

    def render(self, value, obj=None, **kwargs):
        """Return text and items as one text."""
        return join_description(value)

    def load(self, stored, names):
        """Return the `Description` of (text, items as JSON without brackets)."""
        text, items = stored
        return Description(tidy(text), _items(items) if items else ())

    def store(self, value):
        """Return the text alone: items have rows of their own."""
        return value.text


class AreaWidget(CellWidget):
    """A focus area or a priority area, by any of its names; `many` is what `Names` calls all of them."""

    drop_down = {"error_type": "warning"}
    """Codes of areas are as good as what is in the list."""

    def __init__(self, kind, many, name_of):
        """`kind` is the word in messages; `name_of` returns what an export writes of an area."""
        super().__init__()
        self.kind, self.many, self.name_of = kind, many, name_of

    def clean(self, value, row=None, *, find, **kwargs):
        """Return the area. Raises `ValueError` when nothing is called that."""
        return find(self.kind, value)

    def render(self, value, obj=None, **kwargs):
        """Return the name of the area."""
        return tidy(self.name_of(value))

    def load(self, stored, names):
        """Return the area of an id."""
        return getattr(names, self.many)[stored]

    def store(self, value):
        """Return the id of the area."""
        return value.pk

    def choices(self, names):
        """Return the names of all areas."""
        return [self.render(area) for area in getattr(names, self.many).values()]


class AgenciesWidget(CellWidget):
    """The agencies that have one role in an activity, in their order."""

    kind = "agencies"
    drop_down = {
        "show_error": False,
        "input_title": "Agencies",
        "input_message": "Choose one, or type several separated by semicolons: Police; MSD.",
    }
    """A cell may name several, so that the list only offers."""

    def __init__(self, sign):
        """`sign` is that of the ids of the agencies where the database lists those of both roles."""
        super().__init__()
        self.sign = sign

    def clean(self, value, row=None, *, find, **kwargs):
        """Return the agencies. Raises `ValueError` for names that mean nothing."""
        return find(self.kind, value)

    def render(self, value, obj=None, **kwargs):
        """Return the names of the agencies."""
        return "; ".join([tidy(agency.name) for agency in value])

    def load(self, stored, names):
        """Return the agencies of ids as JSON without brackets: those that support stand there below zero."""
        return [names.agencies[pk * self.sign] for pk in json.loads(f"[{stored or ''}]") if pk * self.sign > 0]

    def choices(self, names):
        """Return the names of all agencies."""
        return [tidy(agency.name) for agency in names.agencies.values()]


class AgencyWidget(CellWidget):
    """One agency, by any of its names."""

    kind = "agency"

    def clean(self, value, row=None, *, find, **kwargs):
        """Return the agency. Raises `ValueError` when none is called that."""
        return find(self.kind, value)

    def render(self, value, obj=None, **kwargs):
        """Return the name of the agency."""
        return tidy(value.name)


class ChoiceWidget(CellWidget):
    """A member of one of `plans.choices`, by its label."""

    def __init__(self, members, not_offered=()):
        """`not_offered` are members that no one chooses."""
        super().__init__()
        self.kind = members
        self.members = {member.value: member for member in members}
        self.labels = {member.value: member.label for member in members}
        self.offered = [member.label for member in members if member not in not_offered]

    def clean(self, value, row=None, *, find, **kwargs):
        """Return the member. Raises `ValueError` when none is called that."""
        return find(self.kind, value)

    def render(self, value, obj=None, **kwargs):
        """Return the label of a member or of its value."""
        return self.labels[value]

    def load(self, stored, names):
        """Return the member of a value."""
        return self.members[stored]

    def store(self, value):
        """Return the value of the member."""
        return value.value

    def choices(self, names):
        """Return the labels."""
        return self.offered


class OptionalChoiceWidget(ChoiceWidget):
    """A member of one of `plans.choices`, by its label, or ""."""

    def __init__(self, members, not_offered=()):
        """`not_offered` are members that no one can choose."""
        super().__init__(members, not_offered)
        self.refused = tuple(not_offered)
        self.members[""] = self.labels[""] = ""

    def clean(self, value, row=None, *, find, **kwargs):
        """Return the member. Raises `ValueError` when none that can be chosen is called that."""
        member = find(self.kind, value)
        if member in self.refused:
            raise ValueError(f"“{member.label}” cannot stand here. Choose from: {', '.join(self.offered)}.")
        return member

    def store(self, value):
        """Return the value of the member, or ""."""
        return value and value.value


class SentenceWidget(CellWidget):
    """A text on one line, as long as the column `name` of an activity holds."""

    def __init__(self, name):
        """`name` is that of the activity's column."""
        super().__init__()
        self.length = Activity._meta.get_field(name).max_length

    def clean(self, value, row=None, **kwargs):
        """Return the text. Raises `ValueError` when it is too long."""
        text = tidy_title(value)
        if len(text) > self.length:
            raise ValueError(f"there is room for {self.length} characters; this one has {len(text)}.")
        return text

    def render(self, value, obj=None, **kwargs):
        """Return the text as it is kept."""
        return tidy_title(value)


class FlagWidget(CellWidget):
    """Something that is true, "Yes", or not, which is blank; no one reads it from a cell."""

    def render(self, value, obj=None, **kwargs):
        """Return "Yes" for what is true."""
        return YES if value else ""

    def load(self, stored, names):
        """Return whether it is true; SQLite says 1 or 0."""
        return bool(stored)


class EvidenceWidget(CellWidget):
    """Links to evidence: "Evaluation <https://…>; <https://…>"."""

    def clean(self, value, row=None, **kwargs):
        """Return the links as a tuple. Raises `ValueError` for a part that is none, or too many of them."""
        links = tuple(read_links(value))
        if len(links) > MOST_LINKS:
            raise ValueError(TOO_MANY_LINKS)
        return links

    def render(self, value, obj=None, **kwargs):
        """Return the links as one text."""
        return links_in_words(value)

    def load(self, stored, names):
        """Return the links of [address, label] as JSON without brackets."""
        return tuple(Link(*one) for one in json.loads(f"[{stored or ''}]"))


class DayWidget(CellWidget):
    """A day, or the day of a moment where the programme is; None and "" where there is none."""

    def clean(self, value, row=None, **kwargs):
        """Return the date. Raises `ValueError` when the text names none."""
        return read_day(value)

    def render(self, value, obj=None, **kwargs):
        """Return the date, which spreadsheets show as they do."""
        if isinstance(value, datetime):
            return value.astimezone(get_default_timezone()).date()
        return value or None

    def store(self, value):
        """Return the date, or None."""
        return value or None


class PastDayWidget(DayWidget):
    """A day on which something has happened."""

    def clean(self, value, row=None, **kwargs):
        """Return the date. Raises `ValueError` when the text names none, or one in the future."""
        day = super().clean(value)
        if day > localdate(timezone=get_default_timezone()):
            raise ValueError(f"{day_in_words(day)} is in the future. Enter today or an earlier day.")
        return day


def _items(in_order):
    """Return the `Item`s of a description."""
    found = [Item(tidy(text), tidy(footnote)) for text, footnote in json.loads(f"[{in_order}]")]
    return tuple([item for item in found if item.text])


# Days as people write them: day first, never month first.

SHORT_DAY = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})")
ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
DAY_IN_WORDS = re.compile(
    r"(?:[a-z]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})", re.IGNORECASE
)
MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
EXCEL_SERIAL = re.compile(r"(\d{1,7})(?:\.\d+)?")
TIME_BEHIND = re.compile(r"(?<![\sT])[\sT]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?\s*([ap]\.?m\.?)?$", re.IGNORECASE)
LONGEST_DAY = 60
"""Characters; what is longer names no day."""

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
EXCEL_BEGINS = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 61, 2_958_465
"""From 1 March 1900, before which Excel counts a day that never was, to the end of its calendar."""


def read_day(text):
    """Return the date that a text names: "1 July 2024", "1/7/2024" (1 July), "2024-07-01", or Excel's 45474.

    Raises `ValueError` with a sentence that says how to write it.
    """
    text = text.strip()
    try:
        found = _day(TIME_BEHIND.sub("", text)) if len(text) <= LONGEST_DAY else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise ValueError(f"“{text[:LONGEST_DAY]}” is not a date. Use a date like 1 July 2024 or 1/7/2024.")
    return found


def _day(text):
    if match := ISO_DAY.fullmatch(text):
        return date(*map(int, match.groups()))
    if match := SHORT_DAY.fullmatch(text):
        return date(_year(match[3]), int(match[2]), int(match[1]))
    if match := DAY_IN_WORDS.fullmatch(text):
        return date(_year(match[3]), _month(match[2]), int(match[1]))
    if match := MONTH_FIRST.fullmatch(text):
        return date(int(match[3]), _month(match[1]), int(match[2]))
    if (match := EXCEL_SERIAL.fullmatch(text)) and FIRST_SERIAL <= int(match[1]) <= LAST_SERIAL:
        return EXCEL_BEGINS + timedelta(days=int(match[1]))
    return None


def _month(word):
    """Return the number of a month by its name or the first letters of it, three or more."""
    found = [number for number, name in enumerate(MONTHS, start=1) if name.startswith(word.lower())]
    if word.lower() == "sept":
        found = [9]
    if len(found) != 1:
        raise ValueError(word)
    return found[0]


def _year(digits):
    return int(digits) + 2000 if len(digits) == 2 else int(digits)
