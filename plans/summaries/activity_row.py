"""What a row of a list shows of an activity, as plain values: the same values make the same row."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone

from plans.activity_number import Number
from plans.choices import BY_SERIOUSNESS, Due, Ending, Freshness, Role, Status
from plans.models import ActivityAgency, Agency, ReportingRound
from plans.querysets.due_dates import how_near
from plans.summaries.lead_positions import LeadPositions
from plans.summaries.parties import Involvement
from plans.text import count_of, excerpt, matches


class AgencyName(NamedTuple):
    """What a sentence calls an agency; `lang` is "mi" for a te reo name, `code` is what addresses call it."""

    label: str
    lang: str = ""
    code: str = ""


class Party(NamedTuple):
    """An agency as pages list it: `name` as the plan prints it, in `lang`, and its other names where they differ."""

    code: str
    name: str
    lang: str = ""
    name_mi: str = ""
    name_en: str = ""


class SaidBy(NamedTuple):
    """A status and the leads that reported it."""

    status: Status
    leads: tuple[AgencyName, ...]


class ActivityRow(NamedTuple):
    """An activity in a list.

    `title` is its number and name; `supported` says how many support it, `late` that its update is overdue or never
    came, `is_due` that the open round waits for one; `due_on` is when the work itself is due; `rating` is the
    programme's own, None without one; `was` is its status at the close of the last round where it was another; `ended`
    says how and when it ended; `leads_differ` that its leads report different statuses, and `said` which, where that
    was fetched; `involvements` say how the agencies that were asked for come to be on it; `excerpts`
    show where the words of a search stand when the name does not.
    """

    number: Number
    name: str
    title: str
    status: Status
    freshness: Freshness
    focus_area: str
    leads: tuple[AgencyName, ...]
    supports: tuple[AgencyName, ...]
    supported: str
    is_to_be_finalised: bool
    late: str
    updated_on: date | None
    is_due: bool = False
    due_on: date | None = None
    is_past_due: bool = False
    rating: Status | None = None
    was: Status | None = None
    ended: str = ""
    leads_differ: bool = False
    said: tuple[SaidBy, ...] = ()
    involvements: tuple[str, ...] = ()
    excerpts: tuple[str, ...] = ()


def row_of(
    activity: Any,
    *,
    open_round: ReportingRound | None,
    on: date,
    involvements: Iterable[Involvement] = (),
    words: Sequence[str] = (),
) -> ActivityRow:
    """Return the `ActivityRow` of an activity fetched with what rows show, agencies and freshness. No query.

    `open_round` is that of its plan or None, `on` the day; `involvements` are [Involvement], `words` the folded words
    of a search: with any, the activity has its sub-activities as well.
    """
    links = activity.agency_links.all()
    supports = [link for link in links if link.role == Role.SUPPORT]
    return ActivityRow(
        number=activity.number,
        name=activity.name,
        title=str(activity),
        status=activity.status_choice,
        freshness=Freshness(activity.freshness),
        focus_area=activity.focus_area.label,
        leads=tuple(name_of(link.agency) for link in links if link.role == Role.LEAD),
        supports=tuple(name_of(link.agency) for link in supports),
        supported=say_support(supports),
        is_to_be_finalised=activity.is_to_be_finalised,
        late=say_late(activity, open_round, on),
        updated_on=activity.last_update_at and activity.last_update_at.astimezone(get_default_timezone()).date(),
        is_due=open_round is not None and activity.freshness != Freshness.CURRENT,
        due_on=activity.due_on,
        is_past_due=is_past_due(activity, on),
        rating=activity.rating_choice,
        was=moved_from(activity),
        ended=say_ended(activity),
        leads_differ=activity.leads_differ,
        said=say_positions(activity, getattr(activity, "positions", None)),
        involvements=tuple(one.text for one in involvements),
        excerpts=tuple(_excerpts(activity, words)) if words else (),
    )


def is_past_due(activity: Any, on: date) -> bool:
    """Return whether an activity was due before the day `on`, and is neither complete nor has it ended. No query."""
    return activity.owes_updates and how_near(activity.due_on, on) == Due.LATE


def say_ended(activity: Any) -> str:
    """Return how and when an activity ended, in words; blank while it goes on. No query."""
    if not activity.has_ended:
        return ""
    return f"Ended: {Ending(activity.ending).label.lower()}, {date_format(activity.ended_on)}"


def moved_from(activity: Any) -> Status | None:
    """Return the other status that an activity had at the close of the last round; None where it was not fetched."""
    then = getattr(activity, "status_at_close", None)
    return Status(then) if then and then != activity.status else None


def say_positions(activity: Any, positions: LeadPositions | None) -> tuple[SaidBy, ...]:
    """Return who says what of an activity with its agencies, the most serious first; nothing without positions."""
    if positions is None:
        return ()
    reports = [(link.agency, positions.by_lead.get(link.agency_id)) for link in activity.lead_links]
    return by_status((report.status, name_of(agency)) for agency, report in reports if report)


def by_status(said: Iterable[tuple[str, AgencyName]]) -> tuple[SaidBy, ...]:
    """Return who says what of pairs (value of a status, lead that reported it), the most serious first."""
    leads: dict[str, list[AgencyName]] = {}
    for status, lead in said:
        leads.setdefault(status, []).append(lead)
    return tuple(SaidBy(status, tuple(leads[status])) for status in BY_SERIOUSNESS if status in leads)


def name_of(agency: Agency) -> AgencyName:
    """Return what a sentence calls an agency, as `AgencyName`."""
    return AgencyName(agency.label, agency.lang, agency.code)


def party_of(agency: Agency) -> Party:
    """Return an agency as pages list it, as `Party`."""
    others = [name if name != agency.name else "" for name in (agency.name_mi, agency.name_en)]
    return Party(agency.code, agency.name, agency.lang, *others)


def say_support(links: Sequence[ActivityAgency]) -> str:
    """Return how many agencies support an activity by `links`, in words; blank when none does."""
    if len(links) == 1 and links[0].agency.is_group:
        return f"{links[0].agency.label.lower()} supporting"
    return f"{len(links)} supporting" if links else ""


def say_late(activity: Any, open_round: ReportingRound | None, on: date) -> str:
    """Return what is said of a report that is late or was never made; blank where nothing is, or its status says so.

    Takes an activity with `with_freshness()`, the open round of its plan or None, and the day.
    """
    late_days = (on - open_round.due_on).days if open_round else 0
    if late_days > 0 and activity.freshness != Freshness.CURRENT:
        return f"Update overdue by {count_of(late_days, 'day,days')}"
    is_unsaid = activity.freshness == Freshness.NEVER and activity.status != Status.NO_UPDATE
    return Freshness.NEVER.label if is_unsaid else ""


def _excerpts(activity: Any, words: Sequence[str]) -> list[str]:
    """Return where words were found when the name does not show them: one excerpt at most."""
    hidden = [word for word in words if not matches(activity.name, [word])]
    if not hidden:
        return []
    found = (excerpt(text, hidden) for text in _texts_of(activity))
    return list(islice(filter(None, found), 1))


def _texts_of(activity: Any) -> Iterator[str]:
    """Yield what a word may have been found in besides the name, one by one: mostly the first has it."""
    items = activity.sub_activities.all()
    yield activity.description
    yield from (item.text for item in items)
    yield from (item.footnote for item in items)
    for link in activity.agency_links.all():
        for name in link.agency.names:
            yield f"{link.get_role_display()}: {name if name == link.agency.name else f'{name} ({link.agency})'}"
