"""Finding what people mean by a name in a spreadsheet."""

from difflib import get_close_matches

from plans.choices import DescriptionState, Status
from plans.models import Agency, FocusArea, PriorityArea
from plans.text import fold


class UnknownName(ValueError):
    """A name that means nothing, or several things; its text is a sentence that says so."""


class Names:
    """Things of one kind by their names. Case, macrons and stray spaces do not matter."""

    def __init__(self, kind, entries):
        """`kind` is the word in messages; `entries` are (thing, label, names)."""
        self.kind = kind
        self.entries = [(thing, label, {fold(name) for name in names if name}) for thing, label, names in entries]

    def find(self, written):
        """Answer the thing called `written`. Raises `UnknownName`, with a near name if there is one."""
        key = fold(written)
        found = [(thing, label) for thing, label, names in self.entries if key in names]
        if len(found) == 1:
            return found[0][0]
        if found:
            labels = " and ".join(label for _, label in found)
            raise UnknownName(f"'{written}' may mean {labels}. Write which.")
        raise UnknownName(f"no {self.kind} is called '{_short(written)}'. {self._hint(key)}")

    def _hint(self, key):
        labels = {name: label for _, label, names in self.entries for name in names}
        near = get_close_matches(key, labels, n=1)
        if near:
            return f"Did you mean {labels[near[0]]}?"
        known = list(dict.fromkeys(label for _, label, _ in self.entries))
        return f"Choose from: {'; '.join(known)}." if len(known) <= 10 else "Check its spelling, or add it first."


def _short(written):
    return written if len(written) <= 80 else f"{written[:79]}…"


def agency_names():
    """Agencies by code, printed name, te reo and English name and alias, as `Names`. Two queries."""
    return Names(
        "agency",
        [
            (each, each.name, [each.code, each.name, each.name_mi, each.name_en, *map(str, each.aliases.all())])
            for each in Agency.objects.prefetch_related("aliases")
        ],
    )


def focus_area_names():
    """Focus areas by code, statement, or both as printed, as `Names`. One query."""
    return Names(
        "focus area", [(each, each.code, [each.code, each.statement, str(each)]) for each in FocusArea.objects.all()]
    )


def priority_area_names():
    """Priority areas by code or name, as `Names`. One query."""
    return Names("priority area", [(each, each.name, [each.code, each.name]) for each in PriorityArea.objects.all()])


def status_names():
    """Statuses by their labels, as `Names`."""
    return Names("status", [(each, each.label, [each.value, each.label]) for each in Status])


def description_state_names():
    """States of a description by their labels, as `Names`."""
    return Names("description state", [(each, each.label, [each.value, each.label]) for each in DescriptionState])
