"""What can be decided about a file, as a form."""

from plans.choices import ImportScope
from plans.forms.imports import DecisionsForm
from plans.models import Agency, FocusArea, PriorityArea
from plans.spreadsheets import columns, update_columns


def decisions_form(source, plan, user, data=None):
    """Answer the form for an import; one query more for each kind of names that the file does not get right."""
    ours = [column.heading for column in columns.COLUMNS if not column.readonly]
    return DecisionsForm(
        data,
        source=source,
        headings=[*ours, *update_columns.HEADINGS],
        names={kind: _named(kind) for kind in _kinds(source)},
        may_create=["agency"] if source.scope == ImportScope.PLAN else [],
    )


def _kinds(source):
    unknown = {one["kind"] for one in source.findings.get("unknown_names", [])}
    return unknown | set(source.options.get("names", {}))


def _named(kind):
    if kind == "agency":
        return [(one.code, one.label) for one in Agency.objects.order_by("name")]
    model = {"focus area": FocusArea, "priority area": PriorityArea}.get(kind)
    return [(one.code, str(one)) for one in model.objects.all()] if model else []
