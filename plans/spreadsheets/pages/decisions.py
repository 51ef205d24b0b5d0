"""The form in which somebody decides about a file that was checked."""

import re

from django import forms

from plans.choices import NO_LEAD, REPORTABLE, ImportScope, WordKind
from plans.models import Agency, FocusArea, PriorityArea
from plans.spreadsheets import columns
from plans.spreadsheets.importing.outcome import CheckSummary, UnknownName
from plans.spreadsheets.importing.questions import DATES
from plans.spreadsheets.names import STATUS
from plans.spreadsheets.pages.rows import list_columns, list_questions
from plans.spreadsheets.reading.protocol import ALL_SHEETS

MOST_NAMES = 50
"""How many unknown names are asked about at once; the others are asked about after these."""
CHOICE = re.compile(r"choice:([0-9A-Za-z.-]{1,20}):(.{1,200})", re.DOTALL)
SIDES = ("theirs", "ours")
NOT_READ = ("", "Ignore this column")
WHY_DATES_MOVE = "Reason for moving these due dates"
UNDECIDED = ("", "Choose")
CREATE, USE = "create", "use:"


class DecisionsForm(forms.Form):
    """What somebody decides about a file that was checked. Its fields follow from what the file was found to be.

    `source` is the import, `headings` are those of ours that can be read, `names` are {kind: [(code, label)]} of what
    a name in the file can mean, `may_create` the kinds of which a new one may be made. `decided()` returns the
    decisions as `Import.options` keeps them.
    """

    fingerprint = forms.CharField(widget=forms.HiddenInput, required=False)
    leave_out_errors = forms.BooleanField(required=False, label="Skip rows with errors and import the rest")

    def __init__(self, data=None, *, source, headings, names, may_create=()):
        super().__init__(data)
        self.found, self.before, self.names = CheckSummary.of_import(source), source.options, names
        self.may_remember = source.scope == ImportScope.PLAN
        self.columns, self.questions = list_columns(source), list_questions(source)
        self.fields["fingerprint"].initial = self.found.fingerprint
        self.fields["leave_out_errors"].initial = self.before.get("leave_out_errors", False)
        self._add_sheets()
        self._add_columns(headings)
        self._add_names(may_create)
        self._add_questions()

    def _add_sheets(self):
        sheets = self.found.sheets
        if len(sheets) > 1:
            choices = [*((sheet, sheet) for sheet in sheets), (ALL_SHEETS, "All sheets with these headings")]
            self.fields["sheet"] = forms.ChoiceField(choices=choices, initial=self.found.sheet, required=False)

    def _add_columns(self, headings):
        choices = [NOT_READ, *((one, one) for one in headings)]
        for one in self.columns:
            # A heading that nobody can choose, such as that of the hidden column, stays what it is.
            known = choices if one.heading in ("", *headings) else [(one.heading, one.heading)]
            label = f"Column {one.place}, “{one.written}”, is matched to"
            self.fields[f"column_{one.place}"] = forms.ChoiceField(
                choices=known, initial=one.heading, label=label, required=False
            )
            if one.heading in self.found.clearable:
                self.fields[f"clear_{one.place}"] = forms.BooleanField(required=False, initial=one.clears)

    def _add_names(self, may_create):
        for place, one in enumerate(self.asked_names()):
            choices = [UNDECIDED, *((f"{USE}{code}", label) for code, label in self.names.get(one.kind, []))]
            if one.kind in may_create:
                choices.insert(1, (CREATE, f"Create a new {one.kind} called “{one.written}”"))
            self.fields[f"name_{place}"] = forms.ChoiceField(
                choices=choices, initial=self._initial_name(one), label=f"“{one.written}” means", required=False
            )

    def _add_questions(self):
        # None is chosen beforehand: each takes something away, or moves it.
        for one in self.questions:
            self.fields[one.field] = forms.ChoiceField(choices=one.choices, initial=one.chosen, required=False)
            if one.kind == DATES:
                reason = forms.CharField(label=WHY_DATES_MOVE, max_length=500, required=False)
                self.fields["date_reason"] = reason
                reason.initial = self.before.get("date_reason", "")

    def _initial_name(self, one):
        decided = self.before.get("names", {}).get(one.kind, {}).get(one.written, {})
        if decided:
            return f"{USE}{decided['use']}" if "use" in decided else CREATE
        known = self.names.get(one.kind, [])
        near = one.suggestion
        return next((f"{USE}{code}" for code, label in known if near and near in (code, label)), "")

    @property
    def remembers(self):
        """Whether answers about words are kept for the next file."""
        return self.may_remember and any(one.kind in WordKind.values for one in self.asked_names())

    @property
    def more_name_count(self):
        """How many names are asked about only once these are decided."""
        return max(0, len(self.found.unknown_names) - MOST_NAMES)

    def asked_names(self):
        """Return the names to ask about: those that nothing is called by, and those that were decided on before."""
        unknown = self.found.unknown_names
        known = {(one.kind, one.written) for one in unknown}
        decided = [
            UnknownName(kind, written, [], "")
            for kind, names in self.before.get("names", {}).items()
            for written in names
            if (kind, written) not in known
        ]
        return [one for one in [*unknown, *decided] if self.names.get(one.kind)][:MOST_NAMES]

    @property
    def column_rows(self):
        """The columns of the file with their fields: [(`ColumnShown`, field, field that clears or None)]."""
        return [(one, self[f"column_{one.place}"], self._field(f"clear_{one.place}")) for one in self.columns]

    @property
    def name_rows(self):
        """The names to ask about with their fields: [(name, field)]."""
        return [(one, self[f"name_{place}"]) for place, one in enumerate(self.asked_names())]

    def _field(self, name):
        return self[name] if name in self.fields else None

    def decided(self):
        """Return the decisions, those of before included where the page did not ask again. Takes a valid form."""
        sheet = self.cleaned_data.get("sheet", self.before.get("sheet", ""))
        # Places mean other columns on another sheet.
        is_other_sheet = sheet != self.found.sheet and "sheet" in self.fields
        was_chosen = "sheet" in self.fields and (is_other_sheet or self.before.get("sheet"))
        return {
            **self.before,
            "sheet": sheet if was_chosen else self.before.get("sheet", ""),
            "columns": {} if is_other_sheet else self._columns(),
            "clears": [] if is_other_sheet else self._clears(),
            "names": self._names(),
            "leave_out_errors": self.cleaned_data["leave_out_errors"],
            **self._sides(),
            "answers": self._answers(),
            "date_reason": self.cleaned_data.get("date_reason", self.before.get("date_reason", "")),
        }

    def _columns(self):
        before, columns = self.before.get("columns", {}), {}
        for one in self.columns:
            place, heading = str(one.place), self.cleaned_data[f"column_{one.place}"]
            if heading != one.heading or place in before:
                columns[place] = heading
        return columns

    def _clears(self):
        places = [one.place for one in self.columns]
        chosen = {self.cleaned_data[f"column_{place}"] for place in places if self.cleaned_data.get(f"clear_{place}")}
        return sorted(chosen - {""})

    def _names(self):
        names = {kind: dict(decided) for kind, decided in self.before.get("names", {}).items()}
        for place, one in enumerate(self.asked_names()):
            value, of_kind = self.cleaned_data[f"name_{place}"], names.setdefault(one.kind, {})
            of_kind.pop(one.written, None)
            if value == CREATE:
                of_kind[one.written] = {"create": one.written}
            elif value:
                of_kind[one.written] = {"use": value.removeprefix(USE)}
        return {kind: decided for kind, decided in names.items() if decided}

    def _answers(self):
        given = {one.kind: self.cleaned_data[one.field] for one in self.questions}
        return {kind: side for kind, side in {**self.before.get("answers", {}), **given}.items() if side}

    def _sides(self):
        """Return the choices between both sides; one for all takes the place of those made one by one."""
        if (everywhere := self.data.get("all_conflicts")) in SIDES:
            return {"all_conflicts": everywhere, "choices": {}}
        choices = {number: dict(sides) for number, sides in self.before.get("choices", {}).items()}
        for name, side in self.data.items():
            if (match := CHOICE.fullmatch(name)) and side in SIDES:
                choices.setdefault(match[1], {})[match[2]] = side
        return {"choices": choices}


def decisions_form(source, plan, user, data=None):
    """Return the form for an import; one query more for each kind of names that the file does not get right."""
    ours = [column.heading for column in columns.COLUMNS if not column.readonly]
    return DecisionsForm(
        data,
        source=source,
        headings=[*ours, *columns.UPDATE_HEADINGS],
        names={kind: _named(kind) for kind in _kinds(source)},
        may_create=["agency"] if source.scope == ImportScope.PLAN else [],
    )


def _kinds(source):
    unknown = {one.kind for one in CheckSummary.of_import(source).unknown_names}
    return unknown | set(source.options.get("names", {}))


def _named(kind):
    if kind == "agency":
        agencies = Agency.objects.unmerged().order_by("name")
        return [(NO_LEAD, "No agency yet"), *((one.code, one.label) for one in agencies)]
    if kind == STATUS:
        statuses = [(one.value, one.label) for one in REPORTABLE]
        return [*statuses, (NO_LEAD, "Nothing: keep the status as it is")]
    model = {"focus area": FocusArea, "priority area": PriorityArea}.get(kind)
    return [(one.code, str(one)) for one in model.objects.all()] if model else []
