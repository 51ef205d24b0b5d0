"""What each person owes in the open rounds, and whether today is a day on which they are reminded of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Max
from django.utils.timezone import get_default_timezone, localdate

from plans.activity_number import Number
from plans.choices import Status
from plans.models import Reminder, ReportingRound, StatusUpdate
from plans.summaries.parties import Parties
from plans.summaries.reminders import Recipient, agencies_to_remind, letters_to
from plans.summaries.rounds import RoundRow, summarise_round

SOON = timedelta(days=7)
"""How long before the due date people are reminded, and how often afterwards."""


class OwedActivity(NamedTuple):
    """An activity whose update is outstanding: its status, and the day of the last update with one, or None."""

    number: Number
    name: str
    is_joint: bool
    status: Status
    last_on: date | None


@dataclass(frozen=True)
class OwedInRound:
    """What one person owes in an open round. `told_on` is the day on which they were last reminded of it, or None.

    `agency_ids` are the lead agencies that they owe it for; `activities` are [OwedActivity], or [RoundRow] of a letter.
    """

    round: ReportingRound
    activities: Sequence[Any]
    agency_ids: list[int]
    told_on: date | None = None

    def is_to_be_told(self, day: date, told_on: date = date.min) -> bool:
        """Return whether the person is to be reminded on `day`: they have not been since the last occasion for it.

        `told_on` is a later day on which they will have been.
        """
        occasion = last_occasion(self.round.opened_on, self.round.due_on, day)
        return occasion is not None and max(self.told_on or date.min, told_on) < occasion


def last_occasion(opened_on: date, due_on: date, day: date) -> date | None:
    """Return the last day until `day` on which people are reminded of a round; None before it opens.

    When it opens, seven days before it is due, on the due date, and every seven days after that. Since each is looked
    back for, a day on which nothing could be sent is made up for on the next one.
    """
    if day < opened_on:
        return None
    weeks = (day - due_on) // SOON
    occasions = (opened_on, due_on - SOON, due_on, due_on + weeks * SOON if weeks > 0 else due_on)
    return max(one for one in occasions if one <= day and one >= opened_on)


def owed_by_people(people: Collection[int] | None = None) -> dict[Recipient, list[OwedInRound]]:
    """Return {person: what they owe in each open round of a published plan, the first due first}.

    For the `people` of these ids, or for everyone. Some eight queries for each open round, however many people.
    """
    rounds = ReportingRound.objects.filter(closed_at=None, plan__is_published=True).select_related("plan")
    in_order = list(rounds.order_by("due_on", "pk"))
    told = _told([one.pk for one in in_order])
    found: dict[Recipient, list[OwedInRound]] = {}
    for one in in_order:
        agencies = agencies_to_remind(summarise_round(one), Parties(one.plan))
        last = _last_updates(one)
        every_code = {each.lead.code.lower() for each in agencies}
        for letter in letters_to(agencies, every_code):
            activities = [_owed(row, last) for row in letter.rows]
            for person, ids in letter.agencies_of.items():
                if people is None or person.pk in people:
                    owed = OwedInRound(one, activities, ids, told.get((one.pk, person.pk)))
                    found.setdefault(person, []).append(owed)
    return found


def _told(rounds: Collection[int]) -> dict[tuple[int, int], date]:
    """Return {(id of a round, id of a person): day of the last reminder that was sent}. One query."""
    sent = Reminder.objects.filter(round__in=rounds).sent().order_by()
    days = sent.values_list("round", "person").annotate(latest=Max("day"))
    return {(in_round, person): day for in_round, person, day in days}


def _last_updates(reporting_round: ReportingRound) -> Mapping[Number, datetime]:
    """Return {number of an activity: when its last update with a status was made}. One query."""
    updates = StatusUpdate.objects.filter(activity__plan=reporting_round.plan_id).with_status().order_by()
    return dict(updates.values_list("activity__number").annotate(latest=Max("made_at")))


def _owed(row: RoundRow, last: Mapping[Number, datetime]) -> OwedActivity:
    moment = last.get(row.number)
    day = localdate(moment, get_default_timezone()) if moment else None
    return OwedActivity(row.number, row.name, len(row.leads) > 1, row.status, day)
