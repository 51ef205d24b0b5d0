"""What people know of a published plan and its text does not say: codes, names, kinds, items inside descriptions."""

import tomllib
import unicodedata
from dataclasses import MISSING, dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError

from plans.choices import NO_LEAD, PRINTED_HEADINGS, AgencyKind
from plans.models import Agency, AgencyAlias, Plan
from plans.spreadsheets.published.printed_table import AppendixError, PrintedSubActivity, Problems
from plans.text import fold

KINDS_OF_VALUE = {str: "text", int: "a whole number", bool: "true or false", date: "a date", tuple: "a list of texts"}


@dataclass(frozen=True)
class PlanFacts:
    """The plan, beyond its title line. `marking` is a value of `Marking`."""

    slug: str
    short_name: str
    marking: str
    programme: str = ""
    published: bool = False


@dataclass(frozen=True)
class Party:
    """A party that leads or supports. `kind` is a value of `AgencyKind`, `part_of` and `members` are codes."""

    code: str
    name: str
    kind: str
    name_mi: str = ""
    name_en: str = ""
    aliases: tuple = ()
    part_of: str = ""
    members: tuple = ()
    ended_on: date | None = None
    note: str = ""

    @property
    def names(self):
        """All that it is called: as printed, other names, te reo, English."""
        return [name for name in (self.name, *self.aliases, self.name_mi, self.name_en) if name]

    def as_agency(self):
        """Return the unsaved `Agency`, without its parent and members."""
        columns = ("code", "name", "name_mi", "name_en", "kind", "ended_on", "note")
        return Agency(**{column: getattr(self, column) for column in columns})


@dataclass(frozen=True)
class Note:
    """A judgement call to show to readers: about a cell of an activity's row, or about the plan at large."""

    text: str
    activity: int = 0
    cell: str = ""


@dataclass(frozen=True)
class Guide:
    """A checked guide. `sub_activities` is {number of an activity: its items in order}."""

    plan: PlanFacts
    to_be_finalised: tuple[str, ...]
    parties: tuple[Party, ...]
    sub_activities: dict[int, tuple[PrintedSubActivity, ...]]
    notes: tuple[Note, ...] = ()


def load_guide(text):
    """Return the `Guide` written in a TOML text. Raise `AppendixError` with all that is wrong with it."""
    problems = Problems()
    try:
        content = tomllib.loads(unicodedata.normalize("NFC", text))
        plan = _make(PlanFacts, content.pop("plan", {}), "plan", problems)
        parties = [_make(Party, table, _named(table), problems) for table in content.pop("party", [])]
        wording = content.pop("wording", {}).get("to_be_finalised")
        items = _make_items(content.pop("description", []), problems)
        notes = [
            _make(Note, table, f"note {place}", problems) for place, table in enumerate(content.pop("note", []), 1)
        ]
    except tomllib.TOMLDecodeError as error:
        raise AppendixError([f"Guide: is not TOML. {error}."]) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise AppendixError(
            ["Guide: is not laid out as [plan], [wording], [[party]], [[description]] and [[note]]."]
        ) from None
    for key in content:
        problems.elsewhere(f"Guide: '{key}' means nothing here.")
    if not (wording and isinstance(wording, list) and all(isinstance(text, str) and text.strip() for text in wording)):
        problems.elsewhere("Guide, wording: to_be_finalised should be a list of sentences.")
    problems.raise_any()
    _check_plan(plan, problems)
    _check_parties(parties, problems)
    _check_notes(notes, problems)
    problems.raise_any()
    return Guide(plan, tuple(wording), tuple(parties), items, tuple(notes))


def _named(table):
    return f"party '{table.get('code', '?')}'"


def _make_items(tables, problems):
    """{number of an activity: its items}."""
    items = {}
    for table in tables:
        number = int(table["activity"])
        where = f"description of activity {number}"
        if number in items:
            problems.elsewhere(f"Guide, {where}: is listed twice.")
        items[number] = tuple(_make(PrintedSubActivity, item, where, problems) for item in table["sub_activity"])
        if not items[number] or any(item and not item.text.strip() for item in items[number]):
            problems.elsewhere(f"Guide, {where}: a sub-activity is blank.")
    return items


def _make(shape, table, where, problems):
    """A `shape` of a table's values; None when a value is missing, unknown or of another kind."""
    known = {field.name: field for field in fields(shape)}
    wrong = [f"'{key}' means nothing here" for key in table if key not in known]
    wrong += [f"{name} is missing" for name, f in known.items() if f.default is MISSING and name not in table]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    for key, value in values.items():
        if key in known and not _is_a(value, kind := _kind_of(known[key])):
            wrong.append(f"{key} should be {KINDS_OF_VALUE[kind]}")
    for sentence in wrong:
        problems.elsewhere(f"Guide, {where}: {sentence}.")
    return None if wrong else shape(**values)


def _kind_of(field):
    """Return which of `KINDS_OF_VALUE` a field takes: a date also where it may have none."""
    return next(kind for kind in KINDS_OF_VALUE if field.type in (kind, kind | None))


def _is_a(value, kind):
    """Return whether a value of the TOML text is of a kind in `KINDS_OF_VALUE`. A moment is no date."""
    return type(value) is kind and (kind is not tuple or all(isinstance(text, str) for text in value))


def _check_plan(facts, problems):
    plan = Plan(slug=facts.slug, short_name=facts.short_name, programme=facts.programme, marking=facts.marking)
    note_invalid(plan, "Guide, plan", problems, exclude=["name"])


def _check_parties(parties, problems):
    by_code, by_key = {}, {}
    for party in parties:
        where = f"Guide, {_named({'code': party.code})}"
        note_invalid(party.as_agency(), where, problems)
        for alias in party.aliases:
            note_invalid(AgencyAlias(alias=alias), where, problems, exclude=["agency"])
        if party.code == NO_LEAD:
            problems.elsewhere(f"{where}: this code means that there is no lead. Choose another.")
        if by_code.setdefault(party.code, party) is not party:
            problems.elsewhere(f"{where}: is listed twice.")
        for name in party.names:
            if by_key.setdefault(fold(name), party) is not party:
                problems.elsewhere(f"{where}: '{name}' means '{by_key[fold(name)].code}' already.")
    for party in parties:
        _check_relations(party, by_code, problems)


def _check_relations(party, by_code, problems):
    where = f"Guide, {_named({'code': party.code})}"
    for code in (*party.members, *filter(None, [party.part_of])):
        if code not in by_code:
            problems.elsewhere(f"{where}: there is no party '{code}'.")
    if (party.kind == AgencyKind.UNIT) != bool(party.part_of):
        problems.elsewhere(f"{where}: a unit has part_of, and nothing else has.")
    elif party.part_of in by_code and by_code[party.part_of].kind == AgencyKind.UNIT:
        problems.elsewhere(f"{where}: cannot be part of a unit.")
    if (party.kind == AgencyKind.GROUP) != bool(party.members):
        problems.elsewhere(f"{where}: a group has members, and nothing else has.")


def _check_notes(notes, problems):
    for place, note in enumerate(notes, 1):
        if bool(note.activity) != bool(note.cell):
            problems.elsewhere(f"Guide, note {place}: name both the activity and the cell, or neither.")
        elif note.cell and note.cell not in PRINTED_HEADINGS:
            problems.elsewhere(f"Guide, note {place}: there is no cell '{note.cell}'.")


def note_invalid(row, where, problems, exclude=()):
    """Note each value of an unsaved `row` that its column cannot hold. No queries."""
    try:
        row.clean_fields(exclude={"parent", *exclude})
    except ValidationError as error:
        for column, sentences in error.message_dict.items():
            problems.elsewhere(f"{where}, {column}: {' '.join(sentences)}")
