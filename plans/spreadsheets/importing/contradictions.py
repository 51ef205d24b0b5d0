"""What is wrong with values that are right alone, but not together or not for their activity."""

from plans.actions.reporting_rules import NOT_REPORTABLE
from plans.choices import DescriptionState, Status
from plans.spreadsheets import columns

NEEDED = {"focus_area": columns.FOCUS_AREA.heading, "priority_area": columns.PRIORITY_AREA.heading}


def contradictions(draft, current):
    """Yield (heading, sentence) for what `draft` would make wrong of the activity `current`, None for a new one."""
    if current is None:
        yield from (
            (heading, "a new activity needs one.") for name, heading in NEEDED.items() if not getattr(draft, name)
        )
    if current is not None and draft.status == Status.NO_UPDATE != current.status:
        yield columns.STATUS.heading, NOT_REPORTABLE
    yield from _blank_but_finalised(draft, current)
    yield from _double_roles(draft, current)


def _blank_but_finalised(draft, current):
    if draft.description is None and draft.description_state is None:
        return
    state, description = _after(draft, current, "description_state"), _after(draft, current, "description")
    if state == DescriptionState.FINALISED and not (description and description.text):
        cleared = draft.description_state is None
        heading = columns.DESCRIPTION.heading if cleared else columns.DESCRIPTION_STATE.heading
        yield heading, "a blank description cannot be finalised. Write it first."


def _double_roles(draft, current):
    if draft.leads is None and draft.supports is None:
        return
    leads, supports = (_after(draft, current, role) or [] for role in ("leads", "supports"))
    heading = columns.LEADS.heading if draft.leads is not None else columns.SUPPORTS.heading
    for agency in leads:
        if agency in supports:
            yield heading, f"{agency.name} cannot both lead and support. Name it in one column only."


def _after(draft, current, name):
    """Answer what the activity has as `name` once the draft is applied; None for what a new one does not give."""
    given = getattr(draft, name)
    return getattr(current, name, None) if given is None else given
