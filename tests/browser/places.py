"""Every page of the site and every state of it that looks different: one line each, so that none goes unlooked at.

A new page is a new line in `PLACES`; `tests/browser/test_every_page.py` does the rest.
"""

from dataclasses import dataclass

from plans.actions.mail_choices import SALT as STOP_SALT
from plans.actions.update_links import NOT_ME_SALT, UPDATE_SALT
from plans.secret_links import sign
from tests.browser.listing import LIST, PLAN

# The key of every row that is made for these pages: a round, what stands in the way, a person.
MADE = 7001
LINK_MADE = "link-made-for-pages"


def by_link(salt):
    """Return what stands in the address of the link of the person of these pages."""
    return sign(LINK_MADE, salt=f"{salt}:person@agency.example")


NO_MAIL = "plans.views.reminders.is_mail_sent"


@dataclass(frozen=True)
class Place:
    """A page or state: what it is called, where it is, who looks (a fixture of the cast), how it answers.

    `template` shows a template at the address instead, for answers that are hard to bring about. `breaks` names a
    function that is made to fail, `denies` one that is made to say no. `opens` has all folded parts
    opened. `wrote` is sent to the address before, so that it is kept there.
    """

    name: str
    address: str
    by: str = ""
    status: int = 200
    template: str = ""
    breaks: str = ""
    opens: bool = True
    wrote: tuple = ()
    denies: str = ""


WROTE = (
    ("what_happened", "Two regions wait for staff."),
    ("barrier", "No funding after June."),
    ("name", "Two regions"),
)
PLACES = [
    Place("plans", "/plans/"),
    Place("adding a plan", "/plans/new/", by="programme_admin"),
    Place("plans, seen by an admin", "/plans/", by="programme_admin"),
    Place("editing a plan", "/plans/bare/edit/", by="programme_admin"),
    Place("making a plan current", "/plans/bare/make-current/", by="programme_admin"),
    Place("overview", PLAN),
    Place("overview since a day", f"{PLAN}?since=2024-07-01"),
    Place("overview since no day", f"{PLAN}?since=soon"),
    Place("overview as at no day", f"{PLAN}?at=soon", status=400),
    Place("overview of a plan without activities", "/plans/bare/"),
    Place("list", LIST),
    Place("list, folded", LIST, opens=False),
    Place("list by lead agency", f"{LIST}?group=lead&sort=status"),
    Place("list, filtered", f"{LIST}?agency=police&focus=supply&role=lead&q=operation"),
    Place("list, empty", f"{LIST}?q=kianga+ora"),
    Place("list, wrong filter", f"{LIST}?status=nonsense&role=boss&q=meth"),
    Place("list, wrong order", f"{LIST}?sort=colour"),
    Place("list as a table", f"{LIST}?view=table&group=priority"),
    Place("list of a plan without activities", "/plans/bare/activities/"),
    Place("activity with sub-activities and updates", f"{LIST}3/"),
    Place("activity to be finalised", f"{LIST}6/"),
    Place("activity, seen by an admin", f"{LIST}4/", by="programme_admin"),
    Place("activity, seen by an updater", f"{LIST}5/", by="police_updater"),
    Place("editing", f"{LIST}3/edit/", by="programme_admin"),
    Place("adding an activity", f"{LIST}new/", by="programme_admin"),
    Place("finalising a description", f"{LIST}6/finalise/", by="programme_admin"),
    Place("rating", f"{LIST}3/rating/", by="programme_admin"),
    Place("ending", f"{LIST}3/end/", by="programme_admin"),
    Place("use this data elsewhere", f"{PLAN}data/"),
    Place("board packs", f"{PLAN}packs/", by="programme_admin"),
    Place("making a pack", f"{PLAN}packs/make/", by="programme_admin"),
    Place("Word template of packs", f"{PLAN}packs/template/", by="programme_admin"),
    Place("rolling over", f"{PLAN}roll-over/", by="programme_admin"),
    Place("making the next plan", f"{PLAN}roll-over/make/", by="programme_admin"),
    Place("undoing a roll-over", f"{PLAN}roll-over/undo/", by="programme_admin"),
    Place("ending the activities of the old plan", f"{PLAN}roll-over/end/", by="programme_admin"),
    Place("closing report", f"{PLAN}closing-report/"),
    Place("withdrawing", f"{LIST}3/withdraw/", by="programme_admin"),
    Place("history", f"{LIST}3/history/"),
    Place("reporting", f"{LIST}1/update/", by="police_updater"),
    Place("reporting with an open barrier", f"{LIST}3/update/", by="programme_admin"),
    Place("correcting an update", f"{LIST}13/updates/{MADE}/correct/", by="programme_admin"),
    Place("answering an update", f"{LIST}13/updates/{MADE}/agreement/", by="other_updater"),
    Place("activity with an update that can be answered", f"{LIST}13/", by="other_updater"),
    Place("activity with an update that was replaced", f"{LIST}12/"),
    Place("adding a link to evidence", f"{LIST}1/evidence/add/", by="police_updater"),
    Place("removing a link to evidence", f"{LIST}13/evidence/{MADE}/remove/", by="programme_admin"),
    Place("note", f"{LIST}2/note/", by="police_updater"),
    Place("updates by a link", f"/u/{by_link(UPDATE_SALT)}/"),
    Place("updates by a link that were someone else's", f"/not-me/{by_link(NOT_ME_SALT)}/"),
    Place("emails turned off by a link", f"/unsubscribe/{sign(f'{MADE}-digest', salt=STOP_SALT)}/"),
    Place("link that opens nothing", "/u/x.y/", status=404),
    Place("my updates", f"{PLAN}updates/", by="police_updater"),
    Place("rounds", f"{PLAN}rounds/"),
    Place("rounds, seen by an admin", f"{PLAN}rounds/", by="programme_admin"),
    Place("opening a round", f"{PLAN}rounds/open/", by="programme_admin"),
    Place("round", f"{PLAN}rounds/{MADE}/"),
    Place("round, seen by an admin", f"{PLAN}rounds/{MADE}/", by="programme_admin"),
    Place("round, narrowed", f"{PLAN}rounds/{MADE}/?agency=police&receipt=received", by="programme_admin"),
    Place("changing a round", f"{PLAN}rounds/{MADE}/change/", by="programme_admin"),
    Place("reminders", f"{PLAN}rounds/{MADE}/chase/", by="programme_admin"),
    Place("reminders, for agencies without people", f"{PLAN}rounds/{MADE}/chase/?agency=moe", by="programme_admin"),
    Place("reminders without mail", f"{PLAN}rounds/{MADE}/chase/", by="programme_admin", denies=NO_MAIL),
    Place("closing a round", f"{PLAN}rounds/{MADE}/close/", by="programme_admin"),
    Place("due dates", f"{PLAN}dates/"),
    Place("due dates, wrong filter", f"{PLAN}dates/?due=never"),
    Place("plan checks", f"{PLAN}checks/", by="programme_admin"),
    Place("plan checks, read", f"{PLAN}checks/?checks=no_due_date&agency=police", by="reader"),
    Place("plan checks, wrong filter", f"{PLAN}checks/?checks=colour", by="programme_admin"),
    Place("accepted plan checks", f"{PLAN}checks/?state=accepted", by="programme_admin"),
    Place("accepting a plan check", f"{PLAN}checks/6/no_due_date/accept/", by="programme_admin"),
    Place("comparison", f"{PLAN}compare/"),
    Place("comparison, wrong dates", f"{PLAN}compare/?from=2999-01-01&to=soon"),
    Place("barriers", f"{PLAN}barriers/"),
    Place("barriers of an agency", f"{PLAN}barriers/?agency=tnoc"),
    Place("barriers, wrong filter", f"{PLAN}barriers/?agency=nobody"),
    Place("escalating", f"{PLAN}barriers/{MADE}/escalate/", by="programme_admin"),
    Place("resolving", f"{PLAN}barriers/{MADE}/resolve/", by="programme_admin"),
    Place("importing", f"{PLAN}import/", by="programme_admin"),
    Place("sending in a spreadsheet", f"{PLAN}import/", by="police_updater"),
    Place("import with errors", f"{PLAN}import/{MADE}/", by="programme_admin"),
    Place("import with conflicts", f"{PLAN}import/{MADE}/?kind=conflict", by="programme_admin"),
    Place("import that can be made", f"{PLAN}import/{MADE + 1}/", by="programme_admin"),
    Place("receipt", f"{PLAN}import/{MADE + 2}/", by="programme_admin"),
    Place("undoing an import", f"{PLAN}import/{MADE + 2}/undo/", by="programme_admin"),
    Place("undone import", f"{PLAN}import/{MADE + 3}/", by="programme_admin"),
    Place("import at work", f"{PLAN}import/{MADE + 4}/", by="programme_admin"),
    Place("refused file", f"{PLAN}import/{MADE + 5}/", by="programme_admin"),
    Place("focus area", f"{PLAN}focus-areas/resilience/"),
    Place("priority area", f"{PLAN}priority-areas/p4/"),
    Place("agencies", f"{PLAN}agencies/"),
    Place("agencies, seen by an admin", f"{PLAN}agencies/", by="programme_admin"),
    Place("adding an agency", f"{PLAN}add-agency/", by="programme_admin"),
    Place("merging agencies", f"{PLAN}merge-agencies/", by="programme_admin"),
    Place("what a merge comes to", f"{PLAN}merge-agencies/te-aka-whai-ora/into/te-whatu-ora/", by="programme_admin"),
    Place("a merge that cannot be", f"{PLAN}merge-agencies/police/into/all/", by="programme_admin"),
    Place("editing a group", f"{PLAN}agencies/all/edit/", by="programme_admin"),
    Place("contact of an agency", f"{PLAN}agencies/police/contact/", by="police_updater"),
    Place("agency, seen by its updater", f"{PLAN}agencies/police/", by="police_updater"),
    Place("agencies without a contact", f"{PLAN}agencies/?contact=none", by="police_updater"),
    Place("agencies that lead", f"{PLAN}agencies/?role=lead"),
    Place("agency", f"{PLAN}agencies/police/"),
    Place("agency with a te reo name", f"{PLAN}agencies/kainga-ora/"),
    Place("office of an agency", f"{PLAN}agencies/msd-rps-policy-office/"),
    Place("matrix", f"{PLAN}matrix/"),
    Place("about", f"{PLAN}about/"),
    Place("sign-in", "/accounts/login/"),
    Place("sign-in with a provider that failed", "/accounts/sso/police/callback/", status=400),
    Place("forgotten password", "/accounts/password/reset/"),
    Place("password link sent", "/accounts/password/reset/done/"),
    Place("changing the password", "/accounts/password/change/", by="reader"),
    Place("your account", "/account/", by="reader"),
    Place("your account, seen by an updater", "/account/", by="police_updater"),
    Place("access tokens", "/account/tokens/", by="reader"),
    Place("calendar feeds", "/account/feeds/", by="reader"),
    Place("calendar feed of a list", "/account/feeds/?plan=year-two&list=agency%3Dpolice%26due%3Dlate", by="reader"),
    Place("second step", "/accounts/second-step/", by="reader"),
    Place("setting up an app", "/accounts/second-step/app/", by="reader"),
    Place("adding a passkey", "/accounts/second-step/passkeys/add/", by="reader"),
    Place("recovery codes that were shown", "/accounts/second-step/codes/", by="reader"),
    Place("making new recovery codes", "/accounts/second-step/codes/new/", by="reader"),
    Place("removing a second step", f"/people/{MADE}/second-step/remove/", by="programme_admin"),
    Place("signing in again", "/accounts/confirm/", by="reader"),
    Place("signing out", "/accounts/logout/", by="reader"),
    Place("cards to Teams", f"{PLAN}webhook/", by="programme_admin"),
    Place("managing", "/manage/", by="programme_admin"),
    Place("email, before it goes and after", "/manage/email/", by="programme_admin"),
    Place("people", "/people/", by="programme_admin"),
    Place("person", f"/people/{MADE}/", by="programme_admin"),
    Place("inviting", "/people/invite/", by="programme_admin"),
    Place("audit trail", "/people/audit/", by="programme_admin"),
    Place("link that was used", "/people/welcome/", status=410),
    Place("filters that cannot be exported", f"{PLAN}activities.csv?status=nonsense", status=400),
    Place("forbidden", f"{LIST}3/edit/", by="reader", status=403),
    Place("forbidden, with words kept", f"{LIST}5/edit/", by="reader", status=403, wrote=WROTE),
    Place("form with words kept", f"{LIST}5/update/", by="police_updater", wrote=WROTE),
    Place("not found", "/plans/nowhere/", status=404),
    Place("not found, with words kept", "/plans/nowhere/", by="reader", status=404, wrote=WROTE),
    Place("address that leads elsewhere, with words kept", f"/people/{MADE}/open/", by="programme_admin", wrote=WROTE),
    Place(
        "broken, with words kept",
        f"{LIST}6/update/",
        by="police_updater",
        status=500,
        breaks="plans.views.updates.get_plan",
        wrote=WROTE,
    ),
    Place("broken", "/plans/", status=500, breaks="plans.views.browse.visible_plans"),
    Place("form of another site", "/plans/", status=403, template="403_csrf.html"),
    Place("too many attempts", "/plans/", status=429, template="429.html"),
]
