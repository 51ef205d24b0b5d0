"""What has to be true of a report, whichever way it comes in: by the form, in a spreadsheet or from other code."""

from plans.choices import Status
from plans.models import Agency

EXPLAINED = frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.PAUSED})
"""The statuses that nobody may report without a word of why."""

PRIVACY_HINT = "Do not name whānau, clients or gang members. Everyone who can read the plan can read this."
"""What stands wherever people write free text."""

NOT_REPORTABLE = f"Choose a status. “{Status.NO_UPDATE.label}” is only for activities with no updates."
WHY_SET = "Enter why you set the status."
NOT_YET_DONE = "Enter today or an earlier date."
ONLY_A_DAY = "Tick the sub-activity, or clear its date."
MOST_LINKS = 5
"""How many links an update can have; an activity can have any number."""
TOO_MANY_LINKS = f"An update can have {MOST_LINKS} links. Add the others on the page of the activity."
NO_EVIDENCE = "Add a link to evidence that it is complete, or say why there is none."
EVIDENCE_AND_NONE = "You have added a link to evidence, so clear why there is none."


def report_problems(
    *,
    status: str,
    agency: Agency | int | None,
    what_happened: str = "",
    barrier: str = "",
    needs_escalation: bool = False,
    is_no_change: bool = False,
) -> list[tuple[str, str]]:
    """Return what is wrong with a report, as [(name of the part, sentence)]; nothing when it may be recorded.

    The names are those of the parameters of `record_update`. `status` is a value of `Status`, blank when none is
    chosen; `agency` is None for a programme admin who sets the status, else whoever reports. `is_no_change` says
    that the report repeats the one before, which said its why.
    """
    problems = []
    if sentence := status_problem(status):
        problems.append(("status", sentence))
    elif status in EXPLAINED and not (is_no_change or what_happened.strip() or barrier.strip()):
        problems.append(("what_happened", f"Explain in a sentence why it is {Status(status).label.lower()}."))
    if agency is None and not what_happened.strip():
        problems.append(("what_happened", WHY_SET))
    if needs_escalation and not barrier.strip():
        problems.append(("barrier", "Describe the barrier you want to escalate."))
    return problems


def asks_for_evidence(status: str, agency: Agency | int | None, *, is_no_change: bool = False) -> bool:
    """Return whether a report has to say what shows it: an agency says that all is done, not only once more.

    A programme admin who sets the status says why instead.
    """
    return status == Status.COMPLETE and agency is not None and not is_no_change


def evidence_problems(
    *, is_asked: bool, has_link: bool, is_evidenced: bool, no_evidence_reason: str
) -> list[tuple[str, str]]:
    """Return what is wrong with the evidence of a report, as `report_problems` does.

    `is_asked` says whether it `asks_for_evidence`, `has_link` whether it has a link itself, `is_evidenced` whether its
    activity has one from before.
    """
    if has_link and no_evidence_reason.strip():
        return [("no_evidence_reason", EVIDENCE_AND_NONE)]
    if is_asked and not (has_link or is_evidenced or no_evidence_reason.strip()):
        return [("evidence", NO_EVIDENCE)]
    return []


def status_problem(status: str) -> str:
    """Return why nobody can report `status`, in a sentence; blank when they can."""
    if status == Status.NO_UPDATE:
        return NOT_REPORTABLE
    return "" if status in Status.values else "Choose a status."
