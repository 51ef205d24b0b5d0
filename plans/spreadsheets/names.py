"""Finding what people mean by a name in a spreadsheet."""

from difflib import get_close_matches

from django.utils.text import camel_case_to_spaces

from plans.models import Agency
from plans.text import fold

SHORT = 80
MOST_HINTS = 200
"""Looking for the nearest name costs a thousand times what finding one does; a file may hold many that are unknown."""


class UnmatchedName(ValueError):
    """A name that means nothing, or several things; its text is a sentence that says so.

    `written` is the name, `nearest` the thing that it was most likely meant to be, or None.
    """

    def __init__(self, sentence, written, nearest=None):
        """Take over the sentence and what it is about."""
        super().__init__(sentence)
        self.written, self.nearest = written, nearest


class Names:
    """Things of one kind by their names. Case, macrons and stray spaces do not matter."""

    def __init__(self, kind, entries):
        """`kind` is the word in messages; `entries` are (thing, label, names)."""
        self.kind = kind
        self.labels, self._things, self._hints_left = [], {}, MOST_HINTS
        self.most_words = 0
        """How many words the longest name has."""
        for entry in entries:
            self.add(*entry)

    def add(self, thing, label, names):
        """Know one more thing by its names."""
        self.labels.append(label)
        for key in {fold(name) for name in names} - {""}:
            self._things.setdefault(key, []).append((thing, label))
            self.most_words = max(self.most_words, len(key.split()))

    def get(self, written):
        """Return the one thing called `written`; None when there is none, or when there are several."""
        found = self._things.get(fold(written), [])
        return found[0][0] if len(found) == 1 else None

    def find(self, written):
        """Return the thing called `written`. Raises `UnmatchedName`, with a near name if there is one."""
        key = fold(written)
        found = self._things.get(key, [])
        if len(found) == 1:
            return found[0][0]
        if found:
            labels = " and ".join(label for _, label in found)
            raise UnmatchedName(f"'{_short(written)}' may mean {labels}. Write which.", written)
        nearest, label = self._nearest(key)
        hint = f"Did you mean {label}?" if label else self._choices()
        raise UnmatchedName(f"no {self.kind} is called '{_short(written)}'. {hint}", written, nearest)

    def _nearest(self, key):
        self._hints_left -= 1
        near = get_close_matches(key, self._things, n=1) if self._hints_left >= 0 else []
        return self._things[near[0]][0] if near else (None, "")

    def _choices(self):
        known = list(dict.fromkeys(self.labels))
        return f"Choose from: {'; '.join(known)}." if len(known) <= 10 else "Check its spelling, or add it first."


def _short(written):
    return written if len(written) <= SHORT else f"{written[: SHORT - 1]}…"


def agency_names():
    """Agencies by code, printed name, te reo and English name and alias, as `Names`. Two queries."""
    return names_of_agencies(Agency.objects.prefetch_related("aliases"))


def names_of_agencies(agencies):
    """Those `agencies` by every name that they go by, as `Names`. No query, if their aliases are prefetched."""
    return Names("agency", [(each, each.name, names_of(each)) for each in agencies])


def names_of(agency):
    """Return every name that `agency` goes by, as a list: code, names, aliases. No query, if these are prefetched."""
    return [agency.code, *agency.names, *map(str, agency.aliases.all())]


def names_of_focus_areas(areas):
    """Focus areas by code, statement, or both as printed, as `Names`. No query."""
    return Names("focus area", [(each, each.code, [each.code, each.statement, str(each)]) for each in areas])


def names_of_priority_areas(areas):
    """Priority areas by code or name, as `Names`. No query."""
    return Names("priority area", [(each, each.name, [each.code, each.name]) for each in areas])


def names_of_choices(choices):
    """Members of one of `plans.choices` by their labels, as `Names`."""
    kind = camel_case_to_spaces(choices.__name__)
    return Names(kind, [(each, each.label, [each.value, each.label]) for each in choices])
