"""Activities that get other numbers: which of these can be given, and giving them without two having the same one."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import F, Max

from plans.actions.bulk import ROWS_AT_A_TIME
from plans.models import Activity

TRACE = ("activity_id", "before", "after")


def blocked_moves(moves, holders, newcomers=()):
    """Return the ids of activities that cannot get the number that they would.

    `moves` is {id: number wanted}, `holders` {number: id} of all activities of the plan, `newcomers` numbers that new
    activities get. A move is blocked where the number is that of an activity that keeps it, or is wanted twice. What
    is blocked keeps its own number, which may block others.
    """
    left, blocked = dict(moves), set()
    while True:
        wanted = Counter(left.values()) + Counter(newcomers)
        found = {
            pk
            for pk, number in left.items()
            if wanted[number] > 1 or (number in holders and holders[number] not in left)
        }
        if not found:
            return blocked
        blocked |= found
        left = {pk: number for pk, number in left.items() if pk not in found}


def park_numbers(plan, moves, others=()):
    """Give the activities of `moves` {id: number that each is about to get} numbers that nobody has or gets.

    `others` are numbers that other activities are about to get.

    Call it in a transaction with the plan locked; each has to get its number in the same one. No history is written.
    """
    if not moves:
        return
    highest = Activity.objects.filter(plan=plan).aggregate(highest=Max("number"))["highest"]
    above, pks = max(highest, *moves.values(), *others), sorted(moves)
    for start in range(0, len(pks), ROWS_AT_A_TIME):
        Activity.objects.filter(pk__in=pks[start : start + ROWS_AT_A_TIME]).update(number=F("number") + above)


@dataclass
class NumbersBack:
    """What undoing an import does to numbers: `given` is {id: number that it gets}, `before` {id: the one it has}."""

    given: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)


def numbers_back(source, withdrawn):
    """Return the `NumbersBack` of an import that renumbered activities; `withdrawn` are ids that its undo withdraws.

    An activity gets its number back if it has the one that the import gave it, and if the old one is free by then. One
    that is withdrawn leaves its number to the activity that had it, for one above all others. Two queries.
    """
    rows = source.rows.filter(before__has_key="number")
    moved = {pk: (before["number"], after["number"]) for pk, before, after in rows.values_list(*TRACE)}
    if not moved:
        return NumbersBack()
    now = dict(Activity.objects.filter(plan=source.plan_id).values_list("pk", "number"))
    moves = {pk: old for pk, (old, new) in moved.items() if now.get(pk) == new}
    holders = {number: pk for pk, number in now.items() if pk not in withdrawn}
    for pk in blocked_moves(moves, holders):
        del moves[pk]
    wanted, highest = set(moves.values()), max(now.values())
    leaving = sorted(pk for pk in withdrawn if now.get(pk) in wanted and pk not in moves)
    moves |= {pk: highest + place for place, pk in enumerate(leaving, start=1)}
    return NumbersBack(moves, {pk: now[pk] for pk in moves})
