"""What boards decided, as the pages of what it is about tell it."""

from plans.models import Activity, Decision


def read_decisions(activity: Activity) -> list[Decision]:
    """Return the decisions on asks about an activity, with ask, pack and agency: open first, by due date. One query."""
    found = Decision.objects.filter(ask__activity=activity).select_related("agency", "ask__pack__plan")
    return sorted(found, key=lambda one: (one.done_on is not None, one.due_on))
