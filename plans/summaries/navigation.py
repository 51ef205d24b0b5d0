"""Where each person can go from every page: the entries of the menus, with their counts.

A page that is new gets its entry here, once its address exists. The header and the page Manage show the same entries.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from plans.fast.fragments import made_once

if TYPE_CHECKING:
    from plans.models import Plan


ON_CARDS = "Tell a channel when something goes off track, is escalated, or a round opens or closes."


@dataclass(frozen=True)
class Entry:
    """A link of a menu: `count` ("3 due") stands beside it where there is something to do, `hint` on the page Manage.

    `section` is what the pages behind it say of themselves, by which the entry knows that it is the current one.
    """

    label: str
    path: str
    section: str = ""
    count: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Menu:
    """Entries under one name, folded away in the header."""

    label: str
    entries: tuple[Entry, ...]

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections of the pages behind it."""
        return tuple(entry.section for entry in self.entries if entry.section)


@dataclass(frozen=True)
class Navigation:
    """What the header shows: the entries of everybody and of the person, then the menus of a programme admin."""

    entries: tuple[Entry, ...]
    menus: tuple[Menu, ...]


@dataclass(frozen=True)
class PlanFacts:
    """What the menus say of a plan, as plain values; see `PlanQuerySet.with_menu_counts`. None: not for this person."""

    slug: str
    round: int | None
    round_name: str
    barrier_count: int
    due_count: int | None
    finalise_count: int
    to_end_count: int = 0
    check_count: int | None = None
    no_contact_count: int | None = None


def navigation_of(
    plan: "Plan | None",
    *,
    is_admin: bool,
    is_staff: bool,
    check_count: int | None = None,
    no_contact_count: int | None = None,
) -> Navigation:
    """Return where a person can go from the pages of `plan`, which was fetched with what the menus count.

    `is_admin` is whether they are a programme admin, `is_staff` whether they may use Django's admin.
    `check_count` is how many activities fail a plan check, `no_contact_count` how many lead agencies have no contact,
    where those were counted: on the page Manage alone, since they take longer than a header may. No query.
    """
    return _navigation(plan and _facts_of(plan, check_count, no_contact_count), is_admin, is_staff)


def first_page_of(plan: "Plan | None") -> str:
    """Return where the person that `plan` was fetched for begins: at My updates while any are due, else at the plan."""
    if plan and hasattr(plan, "due_count") and plan.due_count:
        return reverse("plans:my_updates", args=[plan.slug])
    return reverse("plans:home")


def _facts_of(plan: "Plan", check_count: int | None, no_contact_count: int | None) -> PlanFacts:
    return PlanFacts(
        slug=plan.slug,
        round=plan.open_round.pk if plan.open_round else None,
        round_name=plan.open_round.name if plan.open_round else "",
        barrier_count=plan.barrier_count,
        due_count=plan.due_count if getattr(plan, "is_in_agency", False) else None,
        finalise_count=getattr(plan, "finalise_count", 0),
        to_end_count=getattr(plan, "to_end_count", 0),
        check_count=check_count,
        no_contact_count=no_contact_count,
    )


@made_once
def _navigation(facts: PlanFacts | None, is_admin: bool, is_staff: bool) -> Navigation:
    # Making twenty addresses takes longer than finding the counts.
    own = (*_of_updaters(facts), *_of_everybody(facts)) if facts else ()
    reporting = (_reporting(facts),) if facts else ()
    return Navigation(own, (*reporting, _manage(facts, is_staff)) if is_admin else ())


def _entry(label: str, view: str, *at: object, section: str = "", count: str = "", hint: str = "") -> Entry:
    """Return the entry that leads to a view of the product `at` those arguments; its `section` is the view's name."""
    return Entry(label, reverse(f"plans:{view}", args=at), section or view, count, hint)


def _of_updaters(facts: PlanFacts) -> tuple[Entry, ...]:
    if facts.due_count is None:
        return ()
    count = _some(facts.due_count, "due")
    return (_entry("My updates", "my_updates", facts.slug, section="updates", count=count),)


def _of_everybody(facts: PlanFacts) -> tuple[Entry, ...]:
    count = _some(facts.barrier_count)
    return (
        _entry("Overview", "overview", facts.slug),
        _entry("Activities", "activity_list", facts.slug, section="activities"),
        _entry("Agencies", "agency_list", facts.slug, section="agencies"),
        _entry("Barriers", "barrier_list", facts.slug, section="barriers", count=count),
        _entry("Due dates", "due_dates", facts.slug),
        _entry("Summary tables", "matrix", facts.slug),
    )


def _reporting(facts: PlanFacts) -> Menu:
    on_rounds = "The open round, and the results of closed ones."
    rounds = _entry("All rounds", "round_list", facts.slug, section="rounds", hint=on_rounds)
    if facts.round is None:
        on_opening = "Ask lead agencies for an update by a due date."
        return Menu("Reporting", (_entry("Open a round", "round_open", facts.slug, hint=on_opening), rounds))
    at = (facts.slug, facts.round)
    on_round, on_reminders = (
        "Which updates are received, and which outstanding.",
        "Remind agencies of their outstanding updates.",
    )
    this_round = _entry(facts.round_name, "round", *at, hint=on_round)
    reminders = _entry("Send reminders", "round_reminders", *at, section="reminders", hint=on_reminders)
    return Menu("Reporting", (this_round, reminders, rounds))


def _manage(facts: PlanFacts | None, is_staff: bool) -> Menu:
    entries = (
        *(_manage_plan(facts) if facts else ()),
        *((_entry("Cards to Teams", "webhook", facts.slug, hint=ON_CARDS),) if facts else ()),
        _entry("People", "people", hint="Add people and link them to agencies."),
        _entry("Plans", "plan_list", section="plans", hint="The current plan and those of other years."),
        _entry("Add a plan", "plan_new", hint="Start next year's plan, and make it the current one."),
        _entry("Email", "mail", hint="Who gets which email, what went, and what failed."),
        _entry("Audit trail", "audit_trail", section="audit", hint="Sign-ins, invitations, changes of rights."),
    )
    rare = Entry("All plan data", reverse("admin:index"), hint="The admin site, for what is rarely changed.")
    return Menu("Manage", (*entries, rare) if is_staff else entries)


def _to_end(facts: PlanFacts) -> tuple[Entry, ...]:
    """Return the entry that leads to activities which are complete and not ended, while there are any."""
    if not facts.to_end_count:
        return ()
    complete = f"{reverse('plans:activity_list', args=[facts.slug])}?status=complete&ending=open"
    hint = "Activities that are complete, and that the programme has not ended yet."
    return (Entry("Activities to end", complete, count=_some(facts.to_end_count), hint=hint),)


def _manage_plan(facts: PlanFacts) -> tuple[Entry, ...]:
    to_finalise = f"{reverse('plans:activity_list', args=[facts.slug])}?description=to_be_finalised"
    workbooks = f"{reverse('plans:import_list', args=[facts.slug])}#templates"
    return (
        _entry("Add an activity", "activity_new", facts.slug, hint="A new activity in this plan."),
        Entry(
            "Descriptions to finalise",
            to_finalise,
            count=_some(facts.finalise_count),
            hint="Activities whose description is not agreed yet.",
        ),
        *_to_end(facts),
        _entry(
            "Plan checks",
            "plan_checks",
            facts.slug,
            count=_some(facts.check_count or 0),
            hint="Where the plan does not add up, and what would settle it.",
        ),
        _entry(
            "Board packs",
            "pack_list",
            facts.slug,
            section="packs",
            hint="What is put before the board, what it is asked, and what it decided.",
        ),
        _entry(
            "Import a spreadsheet",
            "import_list",
            facts.slug,
            section="import",
            hint="You see every change before it is made.",
        ),
        Entry("Reporting workbooks", workbooks, hint="An Excel file for each agency to report in."),
        _entry("Add an agency", "agency_new", facts.slug, hint="A new agency, unit or group."),
        *_contacts(facts),
        _entry("Merge agencies", "agency_merges", facts.slug, hint="When one takes over another. It can be undone."),
        _entry(
            "Roll over to the next plan",
            "roll_over",
            facts.slug,
            hint="What becomes of each activity, and the draft of the next plan.",
        ),
        _entry("Closing report", "closing_report", facts.slug, hint="How the activities of this plan ended."),
        _entry("Edit this plan", "plan_edit", facts.slug, hint="Its name, dates and marking, and who can see it."),
    )


def _contacts(facts: PlanFacts) -> tuple[Entry, ...]:
    """Return the entry of lead agencies without a contact, where they were counted: on the page Manage alone."""
    if facts.no_contact_count is None:
        return ()
    path = f"{reverse('plans:agency_list', args=[facts.slug])}?contact=none"
    hint = "Lead agencies where no one is named to ask."
    return (Entry("Agencies without a contact", path, count=_some(facts.no_contact_count), hint=hint),)


def _some(count: int, words: str = "") -> str:
    return f"{count} {words}".rstrip() if count else ""
