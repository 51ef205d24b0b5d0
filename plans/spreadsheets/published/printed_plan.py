"""A plan put together from the cells of its published table, and put into the database."""

from dataclasses import dataclass
from itertools import count

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from plans.choices import DescriptionState, Role
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    FocusArea,
    Plan,
    PriorityArea,
    ReadingNote,
    SubActivity,
)
from plans.spreadsheets.published.guide import note_invalid
from plans.spreadsheets.published.printed_table import (
    AppendixError,
    PartyNames,
    PrintedSubActivity,
    Problems,
    read_activity,
    read_description,
    read_focus,
    read_parties,
    read_table,
)
from plans.text import fold


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


# A plan that was read, put into the database: whole or not at all, with its history.

CHANGE_REASON = "Read from the published appendix"


@dataclass(frozen=True)
class Receipt:
    """What was saved. `kept` are the parties and areas that were there already, and were left as they were."""

    plan: Plan
    activities: int
    priority_areas: int
    parties: int
    sub_activities: int
    leads: int
    supports: int
    to_be_finalised: tuple[int, ...]
    kept: tuple[str, ...]


def save_plan(printed, guide, slug=None):
    """Save a `PrintedPlan` and return its `Receipt`. Raise `AppendixError`, with nothing saved, when it cannot be.

    `slug` is the plan's address when it is not the guide's. Parties and areas that are in the database already are
    taken as they are, since people may have edited them: parties by code, focus areas by code, priority areas by
    name. The plan becomes the current one when no plan is, and it is published.
    Up to 40 queries, for a plan of any size.
    """
    try:
        with transaction.atomic():
            return _save(printed, guide, slug or guide.plan.slug)
    except IntegrityError:
        raise AppendixError(["Someone else changed plans or agencies at the same moment. Try again."]) from None


def _save(printed, guide, slug):
    problems = Problems()
    plan = _new_plan(printed, guide, slug, problems)
    _check_names(guide, problems)
    _check_notes(guide, printed, problems)
    problems.raise_any()
    _create(Plan, [plan])
    agencies, kept = _save_agencies(guide)
    focus_areas, kept_focus = _save_focus_areas(printed)
    priority_areas, kept_priority = _save_priority_areas(printed)
    activities = _create(
        Activity,
        [_new_activity(plan, row, focus_areas, priority_areas) for row in printed.activities],
    )
    pairs = list(zip(activities, printed.activities, strict=True))
    links = _create(ActivityAgency, [link for activity, row in pairs for link in _new_links(activity, row, agencies)])
    _create(ReadingNote, _new_notes(plan, guide, activities))
    items = _create(SubActivity, [item for activity, row in pairs for item in _new_items(activity, row)])
    return Receipt(
        plan=plan,
        activities=len(activities),
        priority_areas=len(printed.priority_names),
        parties=len(printed.party_codes),
        sub_activities=len(items),
        leads=sum(link.role == Role.LEAD for link in links),
        supports=sum(link.role == Role.SUPPORT for link in links),
        to_be_finalised=tuple(activity.number for activity in activities if activity.is_to_be_finalised),
        kept=(*kept, *kept_focus, *kept_priority),
    )


def _create(model, rows):
    return bulk_create_with_history(rows, model, default_change_reason=CHANGE_REASON)


def _new_plan(printed, guide, slug, problems):
    plan = Plan(
        slug=slug,
        name=printed.name,
        short_name=guide.plan.short_name,
        programme=guide.plan.programme,
        source=printed.source,
        marking=guide.plan.marking,
        is_published=guide.plan.published,
        is_current=guide.plan.published and not Plan.objects.filter(is_current=True).exists(),
    )
    note_invalid(plan, "Plan", problems)
    if Plan.objects.filter(slug=slug).exists():
        problems.elsewhere(f"There is a plan '{slug}' already. Give this one another address with --plan.")
    return plan


def _check_names(guide, problems):
    """Note names of parties not yet saved that mean another party in the database."""
    saved = set(Agency.objects.values_list("code", flat=True))
    owners = dict(AgencyAlias.objects.values_list("key", "agency__code"))
    for code, *keys in Agency.objects.values_list("code", "name_key", "name_mi_key", "name_en_key"):
        owners |= dict.fromkeys(keys, code)
    for party in guide.parties:
        if party.code in saved:
            continue
        for name in party.names:
            if owner := owners.get(fold(name)):
                problems.elsewhere(f"Guide, party '{party.code}': '{name}' means '{owner}' in the database already.")


def _check_notes(guide, printed, problems):
    """Note judgement calls about an activity that the text does not have."""
    numbers = {row.number for row in printed.activities}
    for place, note in enumerate(guide.notes, 1):
        if note.activity and note.activity not in numbers:
            problems.elsewhere(f"Guide, note {place}: the text has no activity {note.activity}.")


def _save_agencies(guide):
    """({code: agency}, [name of one that was there already])."""
    agencies = Agency.objects.in_bulk([party.code for party in guide.parties], field_name="code")
    kept = [agency.name for agency in agencies.values()]
    new = [party for party in guide.parties if party.code not in agencies]
    for parties in ([p for p in new if not p.part_of], [p for p in new if p.part_of]):
        rows = [party.as_agency() for party in parties]
        for party, row in zip(parties, rows, strict=True):
            row.parent = agencies.get(party.part_of)
        agencies |= {agency.code: agency for agency in _create(Agency, rows)}
    _create(AgencyAlias, [AgencyAlias(agency=agencies[p.code], alias=alias) for p in new for alias in p.aliases])
    for party in new:
        if party.members:
            group = agencies[party.code]
            group._change_reason = CHANGE_REASON
            group.members.set(agencies[code] for code in party.members)
    return agencies, kept


def _save_focus_areas(printed):
    """({code: focus area}, [code of one that was there already])."""
    saved = {area.code.upper(): area for area in FocusArea.objects.all()}
    last = max((area.position for area in saved.values()), default=0)
    new = [code for code in printed.focus_areas if code not in saved]
    rows = [
        FocusArea(code=code, statement=printed.focus_areas[code], position=position)
        for position, code in enumerate(new, last + 1)
    ]
    kept = [code for code in printed.focus_areas if code in saved]
    return saved | {area.code: area for area in _create(FocusArea, rows)}, kept


def _save_priority_areas(printed):
    """({name: priority area}, [code of one that was there already]). The plan prints no codes, so they are counted."""
    saved = {fold(area.name): area for area in PriorityArea.objects.all()}
    taken = {area.code.upper() for area in saved.values()}
    free = (number for number in count(1) if f"P{number}" not in taken)
    new = [name for name in printed.priority_names if fold(name) not in saved]
    rows = [PriorityArea(code=f"P{(number := next(free))}", name=name, position=number) for name in new]
    kept = [saved[fold(name)].code for name in printed.priority_names if fold(name) in saved]
    everything = saved | {fold(area.name): area for area in _create(PriorityArea, rows)}
    return {name: everything[fold(name)] for name in printed.priority_names}, kept


def _new_activity(plan, row, focus_areas, priority_areas):
    return Activity(
        plan=plan,
        number=row.number,
        title=row.title,
        description=row.description,
        description_state=row.state,
        focus_area=focus_areas[row.focus_code],
        priority_area=priority_areas[row.priority_name],
        as_printed=row.as_printed,
    )


def _new_links(activity, row, agencies):
    return [
        ActivityAgency(activity=activity, agency=agencies[code], role=role, position=position)
        for role, codes in row.parties.items()
        for position, code in enumerate(codes, 1)
    ]


def _new_items(activity, row):
    return [
        SubActivity(activity=activity, text=item.text, footnote=item.footnote, position=position)
        for position, item in enumerate(row.sub_activities, 1)
    ]


def _new_notes(plan, guide, activities):
    by_number = {activity.number: activity for activity in activities}
    return [
        ReadingNote(plan=plan, position=position, text=note.text, activity=by_number.get(note.activity), cell=note.cell)
        for position, note in enumerate(guide.notes, 1)
    ]
