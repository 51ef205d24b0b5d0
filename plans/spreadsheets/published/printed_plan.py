"""A plan put together from the cells of its published table."""

from dataclasses import dataclass

from plans.choices import DescriptionState, Role
from plans.spreadsheets.published.printed_table import (
    PartyNames,
    PrintedSubActivity,
    Problems,
    read_activity,
    read_description,
    read_focus,
    read_parties,
    read_table,
)


@dataclass(frozen=True)
class PrintedActivity:
    """A row of the table, read. `parties` is {role: codes in printed order}; `as_printed` keeps the six cells."""

    number: int
    title: str
    description: str
    state: DescriptionState
    focus_code: str
    priority_name: str
    parties: dict[Role, tuple[str, ...]]
    sub_activities: tuple[PrintedSubActivity, ...]
    as_printed: dict[str, str]


@dataclass(frozen=True)
class PrintedPlan:
    """A published plan. `focus_areas` is {code: statement}; areas and parties are in order of first appearance."""

    name: str
    source: str
    focus_areas: dict[str, str]
    priority_names: tuple[str, ...]
    party_codes: tuple[str, ...]
    activities: tuple[PrintedActivity, ...]


def read_appendix(text, guide):
    """Return the `PrintedPlan` of a text. Raise `AppendixError` with all that is wrong with it, line by line."""
    problems = Problems()
    table = read_table(text, problems)
    rows = [row for row in table.rows if row]
    focus_codes, focus_areas = _read_focus_column(table.rows, problems)
    names = PartyNames(guide.parties)
    activities = [_read_row(row, focus_codes[row.line], names, guide, problems) for row in rows]
    _check_numbers(rows, activities, problems)
    if not problems:
        _check_guide_is_used(activities, guide, problems)
    problems.raise_any()
    return PrintedPlan(
        name=table.name,
        source=table.source,
        focus_areas=focus_areas,
        priority_names=tuple(dict.fromkeys(activity.priority_name for activity in activities)),
        party_codes=_parties_of(activities),
        activities=tuple(activities),
    )


def _read_focus_column(rows, problems):
    """({line: code}, {code: statement}). A blank cell has the code of the row above."""
    codes, statements, code, is_lost = {}, {}, "", False
    for row in rows:
        if row is None:
            is_lost = True
            continue
        if row.cell("focus_area"):
            focus = read_focus(row, problems)
            is_lost, code = focus is None, focus[0] if focus else code
            if focus and statements.setdefault(*focus) != focus[1]:
                problems.at(row.line, f"{code} has another statement further up.", "focus_area")
        elif not code and not is_lost:
            problems.at(row.line, "is blank, and there is no row above to take it from.", "focus_area")
            is_lost = True
        codes[row.line] = code
    return codes, statements


def _read_row(row, focus_code, names, guide, problems):
    number, title = read_activity(row, problems)
    if not row.cell("priority_area"):
        problems.at(row.line, "is blank.", "priority_area")
    description = read_description(row, guide.sub_activities.get(number, ()), guide.to_be_finalised, problems)
    return PrintedActivity(
        number=number,
        title=title,
        description=description.text,
        state=description.state,
        focus_code=focus_code,
        priority_name=row.cell("priority_area"),
        parties=_read_roles(row, names, problems),
        sub_activities=description.sub_activities,
        as_printed=dict(row.cells),
    )


def _read_roles(row, names, problems):
    leads = read_parties(row, "agency_lead", names, problems)
    supports = read_parties(row, "support_agencies", names, problems)
    for code in supports:
        if code in leads:
            problems.at(row.line, f"'{code}' leads this activity, so it cannot support it.", "support_agencies")
    return {Role.LEAD: leads, Role.SUPPORT: supports}


def _parties_of(activities):
    return tuple(
        dict.fromkeys(code for activity in activities for codes in activity.parties.values() for code in codes)
    )


def _check_numbers(rows, activities, problems):
    """Note numbers that stand twice; else the first that does not follow the one above, if all rows could be read."""
    lines = {}
    for row, activity in zip(rows, activities, strict=True):
        if activity.number and lines.setdefault(activity.number, row.line) != row.line:
            problems.at(
                row.line, f"number {activity.number} stands on line {lines[activity.number]} already.", "activity"
            )
    if problems:
        return
    for expected, (line, number) in enumerate(zip(lines.values(), lines, strict=True), 1):
        if number != expected:
            problems.at(line, f"{number} stands where {expected} should. Is a row missing?", "activity")
            return


def _check_guide_is_used(activities, guide, problems):
    """Note what the guide lists and the text does not have."""
    numbers = {activity.number for activity in activities}
    for number in sorted(guide.sub_activities.keys() - numbers):
        problems.elsewhere(f"Guide, description of activity {number}: the text has no such activity.")
    named = _parties_of(activities)
    for party in guide.parties:
        if party.code not in named:
            problems.elsewhere(f"Guide, party '{party.code}': the text does not name it.")
