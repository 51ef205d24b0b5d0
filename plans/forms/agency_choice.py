"""Choosing agencies from the list of all: a row each with its full name, so that no name is typed."""

from dataclasses import dataclass

from django import forms
from django.utils.text import capfirst
from django.utils.timezone import localdate

from plans.choices import Role
from plans.models import Agency
from plans.text import whole_number

AGENCY_FIELDS = {"leads": Role.LEAD, "supports": Role.SUPPORT}
LIST = "agencies"
"""The id of the list on the page, where an error about either field leads."""


@dataclass(frozen=True)
class AgencyRow:
    """An agency in the list: its role, blank for none, and its place among those in that role, from 1."""

    agency: Agency
    role: str = ""
    place: int | None = None

    @property
    def words(self):
        """All that the agency is called, folded, for the search box."""
        return " ".join([self.agency.search_text, *(alias.key for alias in self.agency.aliases.all())])


class AgencyListWidget(forms.Widget):
    """Reads the agencies in one role from the rows of the list, as their printed names with semicolons between.

    A form has to set `agencies`, all of them in the order of the list, and `places`, {id: (role, place)} of those that
    have a role now.
    """

    def __init__(self, role):
        super().__init__()
        self.role, self.agencies, self.places = role, (), {}

    def id_for_label(self, id_):
        """Return the id of the list, which both roles share."""
        return LIST

    def value_omitted_from_data(self, data, files, name):
        """Return False: a list without a chosen row says that there is no agency."""
        return False

    def value_from_datadict(self, data, files, name):
        """Return the names of the chosen agencies in order.

        A page that was opened before there was a list sends the names themselves, and so do forms kept since then.
        """
        if name in data:
            return data.get(name)
        chosen = [agency for agency in self.agencies if data.get(f"role_{agency.pk}") == self.role]
        return join_names(sorted(chosen, key=lambda agency: self._order(agency, data.get(f"place_{agency.pk}", ""))))

    def _order(self, agency, written):
        """Return where an agency sorts: by its number; last without one, or with that of the role that it had.

        Who is given the number of another goes before it when moved up or new, after it when moved down.
        """
        role, place = self.places.get(agency.pk, ("", None))
        number = whole_number(written)
        if number is None or (role != self.role and number == place):
            return (True, 0, 0)
        before = place if role == self.role else number + 1
        return (False, number, (number > before) - (number < before))


class AgencyNamesField(forms.CharField):
    """Agencies in one role: chosen from the list, or by any of their names. The value is their printed names.

    `find` returns the agency of a name, or raises `ValueError` with a sentence; a form has to set it.
    """

    find = None

    def clean(self, value):
        """Return the printed names of the agencies; raises `ValidationError` that says which name means nothing."""
        self.agencies, problems = [], []
        for agency, problem in self.read(super().clean(value)):
            if problem:
                problems.append(problem)
            elif agency in self.agencies:
                problems.append(f"{agency} is listed twice. Remove one.")
            else:
                self.agencies.append(agency)
        if problems:
            raise forms.ValidationError(problems)
        return join_names(self.agencies)

    def read(self, value):
        """Return [(agency or None, what is wrong with the name or blank)] of names with semicolons between."""
        found = []
        for written in filter(None, map(str.strip, (value or "").split(";"))):
            try:
                found.append((self.find(written), ""))
            except ValueError as problem:
                found.append((None, capfirst(str(problem))))
        return found


class AgencyListMixin:
    """A form with the fields `leads` and `supports`, which the page shows as one list of all agencies."""

    shows_others = False
    """Whether the agencies that are not involved stand open, for whoever came to choose one."""

    def set_agencies(self, agencies, find, links):
        """Give the fields all `agencies`, how to `find` one by name, and the `links` now: {field: [ActivityAgency]}."""
        self.all_agencies = agencies
        places = {
            link.agency_id: (AGENCY_FIELDS[name], place)
            for name, rows in links.items()
            for place, link in enumerate(rows, start=1)
        }
        for name, rows in links.items():
            field = self.fields[name]
            field.find = find
            field.widget.agencies, field.widget.places = agencies, places
            self.initial[name] = join_names(link.agency for link in rows)

    @property
    def chosen_rows(self):
        """The rows of agencies that have a role in the form, as [AgencyRow]: leads in order, then supports in order."""
        chosen = {}
        for name, role in AGENCY_FIELDS.items():
            agencies = [agency for agency, _ in self.fields[name].read(self[name].value()) if agency]
            for place, agency in enumerate(dict.fromkeys(agencies), start=1):
                chosen.setdefault(agency.pk, AgencyRow(agency, role, place))
        return list(chosen.values())

    @property
    def ended_leads(self):
        """The agencies that lead in the form and have ended."""
        today = localdate()
        return [row.agency for row in self.chosen_rows if row.role == Role.LEAD and row.agency.has_ended(today)]

    @property
    def other_rows(self):
        """The rows of all other agencies, as [AgencyRow] in the order of their names."""
        chosen = {row.agency.pk for row in self.chosen_rows}
        return [AgencyRow(agency) for agency in self.all_agencies if agency.pk not in chosen]


def rows_to_tick(field):
    """Return the agencies that can be chosen in a bound field of several, as [(agency, whether it is chosen)].

    Those that are chosen come first. Two queries.
    """
    chosen = {str(getattr(one, "pk", one)) for one in field.value() or ()}
    agencies = field.field.queryset.prefetch_related("aliases")
    return sorted(((one, str(one.pk) in chosen) for one in agencies), key=lambda row: not row[1])


def join_names(agencies):
    """Return the printed names of agencies as a cell of the plan holds them."""
    return "; ".join(agency.name for agency in agencies)
