"""Every address of the site by every role: who may read it, who may write to it, and that none was forgotten."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from plans.actions.agency_merges import merge_agencies
from plans.actions.calendar_feeds import SALT as FEED_SALT
from plans.actions.mail_choices import stop_token
from plans.actions.update_links import NOT_ME_SALT, UPDATE_SALT
from plans.models import (
    AcceptedCheck,
    Activity,
    Agency,
    AgencyContact,
    AgencyMerge,
    Agreement,
    Barrier,
    CalendarFeed,
    Decision,
    EvidenceLink,
    ImportWord,
    Membership,
    Pack,
    PackAsk,
    Plan,
    ReportingRound,
    RollOver,
    StatusUpdate,
    UpdateLink,
)
from plans.packs.content import checksum_of
from plans.secret_links import sign
from plans.summaries.agency_merges import read_merge
from rocc.single_sign_on import SignInProvider
from tests.packs.sample import sample_content
from tests.second_steps import App
from tests.views.conftest import make_activity, open_reading, year_two  # noqa: F401
from tests.views.imports import make_import
from tests.views.page import Page

SIGN_IN = "/accounts/login/"
READERS = ["open visitor", "reader", "police_updater", "other_updater", "programme_admin", "superuser"]
ROLES = ["closed visitor", *READERS]


def walked_by(*quick, roles=ROLES):
    """Return the roles of a walk over all addresses, which takes seconds.

    `make quick` and PostgreSQL leave out those not named.
    """
    marks = [pytest.mark.slow, pytest.mark.sqlite_only]
    return [role if role in quick else pytest.param(role, marks=marks) for role in roles]


def to(status, readers=READERS, others=None):
    """Statuses by role: `status` for `readers`, `others` for the rest; closed visitors are sent to sign in."""
    return {role: status if role in readers else others for role in READERS} | {"closed visitor": 302}


PAGE = (to(200), to(405))
REDIRECT = (to(302), to(405))
EVERYBODY = (dict.fromkeys(ROLES, 200), dict.fromkeys(ROLES, 405))
DRAFT = (to(200, ["programme_admin", "superuser"], 404), to(405))
NOWHERE = (to(404), to(405))


def form(read, written, refused):
    """A form of programme admins: visitors sign in first, and what they send goes nowhere; others are refused."""
    visitors = ["open visitor", "closed visitor"]
    reading, writing = (to(status, ["programme_admin", "superuser"], refused) for status in (read, written))
    return reading | dict.fromkeys(visitors, 302), writing | dict.fromkeys(visitors, 403)


def account(visitor, person):
    """An account page: (GET, POST) of somebody who is not signed in, and of somebody who is."""
    by_role = {role: visitor if role.endswith("visitor") else person for role in ROLES}
    return tuple({role: statuses[place] for role, statuses in by_role.items()} for place in (0, 1))


# To everybody but programme admins, nobody is here; a page that is only read refuses to be written to before that.
LIST_OF_PEOPLE = (form(200, 200, refused=404)[0], to(405) | {"closed visitor": 405})
READ_BY_ADMINS = (form(200, 200, refused=403)[0], to(405) | {"closed visitor": 405})
# About an activity that Police leads; an empty form is refused in words, with a status of 200.
REPORTED_BY_POLICE = tuple(one | {"police_updater": 200} for one in form(200, 200, refused=403))
# The same, where an empty form could overwrite what colleagues saved.
EDITED_BY_POLICE = (
    REPORTED_BY_POLICE[0],
    {role: 409 if status == 200 else status for role, status in REPORTED_BY_POLICE[1].items()},
)
# An update that is another activity's, on one that Police leads.
REPORTED_BY_POLICE_WITHOUT_IT = tuple(one | {"police_updater": 404} for one in form(404, 404, refused=403))
# About an activity that Te Whatu Ora supports.
NOTED_BY_TE_WHATU_ORA = tuple(one | {"other_updater": 200} for one in form(200, 200, refused=403))
# An update of Police on an activity that Te Whatu Ora supports; nobody signs for others, not even an admin.
ANSWERED_BY_TE_WHATU_ORA = tuple(one | {"other_updater": 200} for one in form(403, 403, refused=403))
# What is owed by the agencies of whoever is signed in.
OWN = (to(200) | {"open visitor": 302}, to(405) | {"closed visitor": 405})
# The same, where something is sent from another page.
OWN_FORM = (
    to(302) | {"open visitor": 302},
    to(302) | dict.fromkeys(["open visitor", "closed visitor"], 403),
)
# Where spreadsheets come in: for programme admins, and for updaters whose agencies lead something; nothing is sent.
UPLOADS = tuple(
    one | dict.fromkeys(["police_updater", "other_updater"], status)
    for one, status in zip(form(200, 400, refused=403), (200, 400), strict=True)
)
# For programs: whoever may not read is told to send a token, not sent to sign in.
FOR_PROGRAMS = (to(200) | {"closed visitor": 401}, dict.fromkeys(ROLES, 405))
NOTHING_FOR_PROGRAMS = (to(404) | {"closed visitor": 401}, dict.fromkeys(ROLES, 405))
# Without the token of an invitation, which is never asked twice.
GONE = (dict.fromkeys(ROLES, 410), dict.fromkeys(ROLES, 410))


def imported(read, written=405):
    """An address of an import that a programme admin made: there is none of it for those who import their own."""
    read_only = dict.fromkeys(ROLES, 405)
    reading, writing = (one | {"reader": 403} for one in form(read, written, refused=404))
    return reading, read_only if written == 405 else writing


SOMEBODY = 900_001
DOWN = SignInProvider("police", "Police", "http://127.0.0.1:9", "tracker", "secret", ("police.example",))
LINK_OF_SOMEBODY = "link-of-somebody"
OPENS_TO_NO_ONE = (dict.fromkeys(ROLES, 404), dict.fromkeys(ROLES, 404))
OPENS_TO_EVERYBODY = (dict.fromkeys(ROLES, 200), dict.fromkeys(ROLES, 200))


def by_link(salt):
    """Return what stands in the address of a link of somebody."""
    return sign(LINK_OF_SOMEBODY, salt=f"{salt}:somebody@agency.example")


PLAN = "plans/<slug:plan_slug>/"
# {route: (an address, ({role: status of a GET}, {role: status of a POST}))}
TABLE = {
    "": ("/", REDIRECT),
    "healthz": ("/healthz", EVERYBODY),
    "readyz": ("/readyz", EVERYBODY),
    "find/": ("/find/?q=gang", REDIRECT),
    # By a link of somebody: before their account, their membership or the round is closed below. Nothing is chosen.
    "u/<str:token>/": (f"/u/{by_link(UPDATE_SALT)}/", OPENS_TO_EVERYBODY),
    "not-me/<str:token>/": (f"/not-me/{by_link(NOT_ME_SALT)}/", OPENS_TO_EVERYBODY),
    "unsubscribe/<str:token>/": (f"/unsubscribe/{stop_token(SOMEBODY, [])}/", OPENS_TO_EVERYBODY),
    "account/": ("/account/", OWN),
    "account/emails/": ("/account/emails/", OWN_FORM),
    "account/sign-in-links/<int:pk>/end/": (f"/account/sign-in-links/{SOMEBODY}/end/", OWN_FORM),
    "account/update-links/<int:pk>/end/": (f"/account/update-links/{SOMEBODY}/end/", OWN_FORM),
    "account/tokens/": ("/account/tokens/", (OWN[0], OWN_FORM[1] | dict.fromkeys(READERS[1:], 200))),
    "account/tokens/<int:pk>/end/": (f"/account/tokens/{SOMEBODY}/end/", OWN_FORM),
    r"api/v1/^[\s\S]*$": ("/api/v1/nothing", NOTHING_FOR_PROGRAMS),
    "api/v1/openapi.json": ("/api/v1/openapi.json", FOR_PROGRAMS),
    "api/v1/plans.json": ("/api/v1/plans.json", FOR_PROGRAMS),
    "api/v1/plans.csv": ("/api/v1/plans.csv", FOR_PROGRAMS),
    "api/v1/plans/<slug:slug>/<slug:name>.json": ("/api/v1/plans/year-two/updates.json", FOR_PROGRAMS),
    "api/v1/plans/<slug:slug>/<slug:name>.csv": ("/api/v1/plans/year-two/activities.csv", FOR_PROGRAMS),
    "account/feeds/": ("/account/feeds/", (OWN[0], OWN_FORM[1] | dict.fromkeys(READERS[1:], 200))),
    "account/feeds/<int:pk>/revoke/": (f"/account/feeds/{SOMEBODY}/revoke/", OWN_FORM),
    # By the address of a feed of somebody.
    "feeds/<str:token>.ics": (f"/feeds/{sign('feed-of-somebody', salt=FEED_SALT)}.ics", EVERYBODY),
    "account/sessions/end/": ("/account/sessions/end/", OWN_FORM),
    "account/sessions/<slug:name>/end/": ("/account/sessions/abc/end/", OWN_FORM),
    # Nothing is kept, so that everyone goes on to the current plan.
    "kept/discard/": ("/kept/discard/", (dict.fromkeys(ROLES, 405), dict.fromkeys(ROLES, 302))),
    "people/": ("/people/", LIST_OF_PEOPLE),
    "people/audit/": ("/people/audit/", LIST_OF_PEOPLE),
    "people/welcome/": ("/people/welcome/", GONE),
    "people/invite/": ("/people/invite/", form(200, 200, refused=404)),
    "people/<int:pk>/": (f"/people/{SOMEBODY}/", LIST_OF_PEOPLE),
    "people/<int:pk>/link/": (f"/people/{SOMEBODY}/link/", form(302, 302, refused=404)),
    "people/<int:pk>/agencies/": (f"/people/{SOMEBODY}/agencies/", form(302, 302, refused=404)),
    "people/<int:pk>/close/": (f"/people/{SOMEBODY}/close/", form(200, 302, refused=404)),
    "people/<int:pk>/open/": (f"/people/{SOMEBODY}/open/", form(302, 302, refused=404)),
    "people/<int:pk>/tokens/end/": (f"/people/{SOMEBODY}/tokens/end/", form(302, 302, refused=404)),
    "people/<int:pk>/sign-in/end/": (f"/people/{SOMEBODY}/sign-in/end/", form(302, 302, refused=404)),
    "people/<int:pk>/second-step/remove/": (f"/people/{SOMEBODY}/second-step/remove/", form(200, 302, refused=404)),
    "people/<int:pk>/feeds/end/": (f"/people/{SOMEBODY}/feeds/end/", form(302, 302, refused=404)),
    "people/<int:pk>/update-links/end/": (f"/people/{SOMEBODY}/update-links/end/", form(302, 302, refused=404)),
    "people/<int:pk>/sessions/end/": (f"/people/{SOMEBODY}/sessions/end/", form(302, 302, refused=404)),
    "people/memberships/<int:pk>/end/": (f"/people/memberships/{SOMEBODY}/end/", form(200, 302, refused=404)),
    "manage/": ("/manage/", LIST_OF_PEOPLE),
    "manage/email/": ("/manage/email/", LIST_OF_PEOPLE),
    "manage/email/<int:pk>/try-again/": (f"/manage/email/{SOMEBODY}/try-again/", form(302, 302, refused=404)),
    "plans/": ("/plans/", PAGE),
    "plans/new/": ("/plans/new/", form(200, 200, refused=403)),
    PLAN: ("/plans/year-two/", PAGE),
    PLAN + "edit/": ("/plans/year-two/edit/", form(200, 409, refused=403)),
    # Where there is no other plan that is current.
    PLAN + "make-current/": ("/plans/year-two/make-current/", form(302, 302, refused=403)),
    PLAN + "about/": ("/plans/year-two/about/", PAGE),
    PLAN + "find/": ("/plans/year-two/find/?q=5", REDIRECT),
    PLAN + "matrix/": ("/plans/year-two/matrix/", PAGE),
    PLAN + "data/": ("/plans/year-two/data/", PAGE),
    PLAN + "data/<slug:name>.pbids": ("/plans/year-two/data/activities.pbids", PAGE),
    PLAN + "packs/": ("/plans/year-two/packs/", OWN),
    PLAN + "packs/make/": ("/plans/year-two/packs/make/", form(200, 200, refused=403)),
    PLAN + "packs/template/": ("/plans/year-two/packs/template/", form(200, 400, refused=403)),
    PLAN + "packs/drafts/<int:pk>/": (
        f"/plans/year-two/packs/drafts/{SOMEBODY}/",
        (form(200, 405, refused=404)[0], OWN[1]),
    ),
    PLAN + "packs/drafts/<int:pk>/word/": (
        f"/plans/year-two/packs/drafts/{SOMEBODY}/word/",
        form(200, 200, refused=403),
    ),
    PLAN + "packs/drafts/<int:pk>/read/": (
        f"/plans/year-two/packs/drafts/{SOMEBODY}/read/",
        form(302, 302, refused=403),
    ),
    PLAN + "packs/drafts/<int:pk>/issue/": (
        f"/plans/year-two/packs/drafts/{SOMEBODY}/issue/",
        form(200, 200, refused=403),
    ),
    PLAN + "packs/drafts/<int:pk>/share/": (
        f"/plans/year-two/packs/drafts/{SOMEBODY}/share/",
        form(302, 302, refused=403),
    ),
    PLAN + "packs/drafts/<int:pk>/discard/": (
        f"/plans/year-two/packs/drafts/{SOMEBODY}/discard/",
        form(200, 302, refused=403),
    ),
    PLAN + "packs/<int:number>/": ("/plans/year-two/packs/1/", OWN),
    PLAN + "packs/<int:number>.docx": ("/plans/year-two/packs/1.docx", OWN),
    PLAN + "packs/<int:number>.pdf": ("/plans/year-two/packs/1.pdf", OWN),
    PLAN + "packs/<int:number>/asks/<int:pk>/decision/": (
        f"/plans/year-two/packs/1/asks/{SOMEBODY}/decision/",
        form(200, 200, refused=403),
    ),
    PLAN + "packs/<int:number>/asks/<int:pk>/done/": (
        f"/plans/year-two/packs/1/asks/{SOMEBODY}/done/",
        form(200, 302, refused=403),
    ),
    PLAN + "roll-over/": ("/plans/year-two/roll-over/", form(200, 302, refused=403)),
    PLAN + "roll-over/make/": ("/plans/year-two/roll-over/make/", form(200, 200, refused=403)),
    PLAN + "roll-over/undo/": ("/plans/year-two/roll-over/undo/", form(200, 200, refused=403)),
    PLAN + "roll-over/end/": ("/plans/year-two/roll-over/end/", form(200, 200, refused=403)),
    PLAN + "closing-report/": ("/plans/year-two/closing-report/", PAGE),
    PLAN + "closing-report.csv": ("/plans/year-two/closing-report.csv", PAGE),
    PLAN + "closing-report.xlsx": ("/plans/year-two/closing-report.xlsx", PAGE),
    PLAN + "activities/": ("/plans/year-two/activities/", PAGE),
    PLAN + "activities.csv": ("/plans/year-two/activities.csv", PAGE),
    PLAN + "activities.xlsx": ("/plans/year-two/activities.xlsx", PAGE),
    PLAN + "activities/<number:number>/": ("/plans/year-two/activities/5/", PAGE),
    # An empty form has no stamp of what it was made from, so that it could overwrite what colleagues saved.
    PLAN + "activities/<number:number>/edit/": ("/plans/year-two/activities/5/edit/", form(200, 409, refused=403)),
    PLAN + "activities/new/": ("/plans/year-two/activities/new/", form(200, 200, refused=403)),
    PLAN + "activities/<number:number>/finalise/": (
        "/plans/year-two/activities/15/finalise/",
        form(200, 409, refused=403),
    ),
    PLAN + "activities/<number:number>/rating/": ("/plans/year-two/activities/13/rating/", form(200, 200, refused=403)),
    PLAN + "activities/<number:number>/end/": ("/plans/year-two/activities/14/end/", form(200, 409, refused=403)),
    PLAN + "activities/<number:number>/withdraw/": (
        "/plans/year-two/activities/14/withdraw/",
        form(200, 200, refused=403),
    ),
    # One that is in the plan.
    PLAN + "activities/<number:number>/bring-back/": (
        "/plans/year-two/activities/14/bring-back/",
        form(302, 302, refused=403),
    ),
    PLAN + "activities/<number:number>/due.ics": ("/plans/year-two/activities/4/due.ics", PAGE),
    PLAN + "activities/<number:number>/history/": ("/plans/year-two/activities/5/history/", PAGE),
    PLAN + "activities/<number:number>/record.xlsx": ("/plans/year-two/activities/5/record.xlsx", PAGE),
    # A version that there never was; who may not restore any is told so first.
    PLAN + "activities/<number:number>/history/<int:key>/restore/": (
        "/plans/year-two/activities/5/history/0/restore/",
        form(404, 404, refused=403),
    ),
    PLAN + "focus-areas/<slug:code>/": ("/plans/year-two/focus-areas/supply/", PAGE),
    PLAN + "priority-areas/<slug:code>/": ("/plans/year-two/priority-areas/p4/", PAGE),
    PLAN + "agencies/": ("/plans/year-two/agencies/", PAGE),
    PLAN + "add-agency/": ("/plans/year-two/add-agency/", form(200, 200, refused=403)),
    PLAN + "merge-agencies/": ("/plans/year-two/merge-agencies/", READ_BY_ADMINS),
    PLAN + "merge-agencies/<slug:merged>/into/<slug:into>/": (
        "/plans/year-two/merge-agencies/rps/into/swa/",
        form(200, 200, refused=403),
    ),
    PLAN + "merge-agencies/<int:pk>/undo/": (
        f"/plans/year-two/merge-agencies/{SOMEBODY}/undo/",
        form(200, 200, refused=403),
    ),
    PLAN + "agencies/<slug:code>/edit/": ("/plans/year-two/agencies/police/edit/", form(200, 409, refused=403)),
    PLAN + "agencies/<slug:code>/": ("/plans/year-two/agencies/police/", PAGE),
    PLAN + "agencies/<slug:code>/contact/": ("/plans/year-two/agencies/police/contact/", EDITED_BY_POLICE),
    PLAN + "agencies/<slug:code>/fill-in.xlsx": ("/plans/year-two/agencies/police/fill-in.xlsx", PAGE),
    PLAN + "fill-in.zip": ("/plans/year-two/fill-in.zip", READ_BY_ADMINS),
    PLAN + "activities/<number:number>/update/": ("/plans/year-two/activities/5/update/", REPORTED_BY_POLICE),
    PLAN + "activities/<number:number>/updates/<int:pk>/correct/": (
        f"/plans/year-two/activities/5/updates/{SOMEBODY}/correct/",
        REPORTED_BY_POLICE,
    ),
    PLAN + "activities/<number:number>/updates/<int:pk>/agreement/": (
        f"/plans/year-two/activities/5/updates/{SOMEBODY}/agreement/",
        ANSWERED_BY_TE_WHATU_ORA,
    ),
    PLAN + "activities/<number:number>/note/": ("/plans/year-two/activities/5/note/", NOTED_BY_TE_WHATU_ORA),
    PLAN + "activities/<number:number>/evidence/add/": (
        "/plans/year-two/activities/5/evidence/add/",
        REPORTED_BY_POLICE,
    ),
    # A link that somebody of another agency added.
    PLAN + "activities/<number:number>/evidence/<int:pk>/remove/": (
        f"/plans/year-two/activities/5/evidence/{SOMEBODY}/remove/",
        form(200, 302, refused=403),
    ),
    PLAN + "updates/": ("/plans/year-two/updates/", (OWN[0], OWN_FORM[1])),
    PLAN + "import/": ("/plans/year-two/import/", UPLOADS),
    PLAN + "import/<int:pk>/": (f"/plans/year-two/import/{SOMEBODY}/", imported(200)),
    PLAN + "import/<int:pk>/progress/": (f"/plans/year-two/import/{SOMEBODY}/progress/", imported(200)),
    PLAN + "import/<int:pk>/options/": (f"/plans/year-two/import/{SOMEBODY}/options/", imported(302, 302)),
    PLAN + "import/<int:pk>/apply/": (f"/plans/year-two/import/{SOMEBODY}/apply/", imported(302, 302)),
    PLAN + "import/<int:pk>/discard/": (f"/plans/year-two/import/{SOMEBODY}/discard/", imported(302, 302)),
    PLAN + "import/<int:pk>/undo/": (f"/plans/year-two/import/{SOMEBODY}/undo/", imported(200, 302)),
    PLAN + "import/<int:pk>/file": (f"/plans/year-two/import/{SOMEBODY}/file", imported(200)),
    PLAN + "import/<int:pk>/marked.xlsx": (f"/plans/year-two/import/{SOMEBODY}/marked.xlsx", imported(404)),
    PLAN + "webhook/": ("/plans/year-two/webhook/", form(200, 200, refused=403)),
    PLAN + "rounds/": ("/plans/year-two/rounds/", PAGE),
    PLAN + "rounds/open/": ("/plans/year-two/rounds/open/", form(200, 200, refused=403)),
    PLAN + "rounds/<int:pk>/": (f"/plans/year-two/rounds/{SOMEBODY}/", PAGE),
    PLAN + "rounds/<int:pk>/change/": (f"/plans/year-two/rounds/{SOMEBODY}/change/", form(200, 200, refused=403)),
    PLAN + "rounds/<int:pk>/chase/": (f"/plans/year-two/rounds/{SOMEBODY}/chase/", form(200, 302, refused=403)),
    PLAN + "rounds/<int:pk>/close/": (f"/plans/year-two/rounds/{SOMEBODY}/close/", form(200, 302, refused=403)),
    PLAN + "dates/": ("/plans/year-two/dates/", PAGE),
    PLAN + "dates.csv": ("/plans/year-two/dates.csv", PAGE),
    PLAN + "dates.xlsx": ("/plans/year-two/dates.xlsx", PAGE),
    PLAN + "checks/": ("/plans/year-two/checks/", OWN),
    PLAN + "checks.csv": ("/plans/year-two/checks.csv", OWN),
    PLAN + "checks.xlsx": ("/plans/year-two/checks.xlsx", OWN),
    PLAN + "checks/<number:number>/<slug:check>/accept/": (
        "/plans/year-two/checks/5/no_due_date/accept/",
        form(200, 200, refused=403),
    ),
    # Accepted, until the form of one of them is sent.
    PLAN + "checks/<number:number>/<slug:check>/withdraw/": (
        "/plans/year-two/checks/5/no_due_date/withdraw/",
        form(200, 302, refused=403),
    ),
    PLAN + "compare/": ("/plans/year-two/compare/", PAGE),
    PLAN + "compare.csv": ("/plans/year-two/compare.csv", PAGE),
    PLAN + "compare.xlsx": ("/plans/year-two/compare.xlsx", PAGE),
    PLAN + "barriers/": ("/plans/year-two/barriers/", PAGE),
    PLAN + "barriers.csv": ("/plans/year-two/barriers.csv", PAGE),
    PLAN + "barriers.xlsx": ("/plans/year-two/barriers.xlsx", PAGE),
    PLAN + "barriers/<int:pk>/escalate/": (f"/plans/year-two/barriers/{SOMEBODY}/escalate/", REPORTED_BY_POLICE),
    PLAN + "barriers/<int:pk>/resolve/": (f"/plans/year-two/barriers/{SOMEBODY}/resolve/", REPORTED_BY_POLICE),
}
KEY = r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"
SECOND = "/accounts/second-step/"
# The same for accounts. Nobody of the cast has a password, so that changing one means setting one.
ACCOUNTS = {
    "accounts/": ("/accounts/", account((302, 302), (302, 302))),
    "accounts/login/": ("/accounts/login/", account((200, 200), (302, 302))),
    "accounts/logout/": ("/accounts/logout/", account((302, 302), (200, 302))),
    # With a provider that is down, and without what it sends back.
    "accounts/sso/<slug:name>/": ("/accounts/sso/police/", account((302, 503), (302, 503))),
    "accounts/sso/<slug:name>/callback/": ("/accounts/sso/police/callback/", account((400, 405), (400, 405))),
    # Somebody who has neither a password nor a second step is told to sign in again.
    "accounts/confirm/": ("/accounts/confirm/", account((302, 302), (200, 200))),
    "accounts/second-step/": (f"{SECOND}", account((302, 405), (200, 405))),
    "accounts/second-step/check/": (f"{SECOND}check/", account((302, 302), (302, 302))),
    "accounts/second-step/confirm/": (f"{SECOND}confirm/", account((302, 302), (403, 403))),
    "accounts/second-step/app/": (f"{SECOND}app/", account((302, 302), (200, 200))),
    "accounts/second-step/app/remove/": (f"{SECOND}app/remove/", account((302, 302), (404, 404))),
    "accounts/second-step/codes/": (f"{SECOND}codes/", account((302, 405), (200, 405))),
    "accounts/second-step/codes/new/": (f"{SECOND}codes/new/", account((302, 302), (200, 200))),
    "accounts/second-step/codes/recovery-codes.txt": (
        f"{SECOND}codes/recovery-codes.txt",
        account((302, 405), (404, 405)),
    ),
    "accounts/second-step/passkeys/": (f"{SECOND}passkeys/", account((302, 302), (302, 302))),
    "accounts/second-step/passkeys/add/": (f"{SECOND}passkeys/add/", account((302, 302), (200, 200))),
    "accounts/second-step/passkeys/<int:pk>/rename/": (f"{SECOND}passkeys/1/rename/", account((302, 302), (404, 404))),
    "accounts/second-step/passkeys/<int:pk>/remove/": (f"{SECOND}passkeys/1/remove/", account((302, 302), (404, 404))),
    "accounts/second-step/passkeys/confirm/": (f"{SECOND}passkeys/confirm/", account((302, 302), (403, 403))),
    "accounts/second-step/passkeys/sign-in/": (f"{SECOND}passkeys/sign-in/", account((302, 403), (302, 302))),
    "accounts/inactive/": ("/accounts/inactive/", account((200, 405), (200, 405))),
    "accounts/password/change/": ("/accounts/password/change/", account((302, 302), (302, 302))),
    "accounts/password/set/": ("/accounts/password/set/", account((302, 302), (200, 200))),
    "accounts/password/reset/": ("/accounts/password/reset/", account((200, 200), (200, 200))),
    "accounts/password/reset/done/": ("/accounts/password/reset/done/", account((200, 405), (200, 405))),
    f"accounts/{KEY}": ("/accounts/password/reset/key/1-abc/", account((200, 200), (200, 200))),
    "accounts/password/reset/key/done/": ("/accounts/password/reset/key/done/", account((200, 405), (200, 405))),
}
OF_A_PLAN = [address for route, (address, _) in TABLE.items() if route.startswith(PLAN)]
DRAFTS = [address.replace("year-two", "draft") for address in OF_A_PLAN]
NOT_LIKE_PAGES = (
    "/find/",
    "/edit/",
    "/restore/",
    "/new/",
    "/make-current/",
    "/add-agency/",
    "/merge-agencies/",
    "/finalise/",
    "/rating/",
    "/end/",
    "/withdraw/",
    "/bring-back/",
    "/rounds/",
    "/barriers/",
    "/checks",
    "/update/",
    "/note/",
    "/evidence/",
    "/contact/",
    "/agreement/",
    "/correct/",
    "/updates/",
    "/fill-in.zip",
    "/import/",
    "/roll-over/",
    "/packs/",
)
UNKNOWN = [
    "/plans/year-nine/",
    "/plans/year-two/activities/16/",
    "/plans/year-two/activities/99999999999999999999/",
    "/plans/year-two/focus-areas/nowhere/",
    "/plans/year-two/priority-areas/p9/",
    "/plans/year-two/agencies/nobody/",
    f"/plans/year-two/rounds/{SOMEBODY + 1}/",
    "/plans/year-two/rounds/99999999999999999999/",
]
CASES = [
    *((address, *statuses) for address, statuses in TABLE.values()),
    *((address, *DRAFT) for address in DRAFTS if not any(one in address for one in NOT_LIKE_PAGES)),
    ("/plans/draft/activities/5/edit/", *form(200, 409, refused=404)),
    ("/plans/draft/activities/5/history/0/restore/", *form(404, 404, refused=404)),
    ("/plans/draft/add-agency/", *form(200, 200, refused=404)),
    ("/plans/draft/merge-agencies/", form(200, 200, refused=404)[0], READ_BY_ADMINS[1]),
    ("/plans/draft/merge-agencies/rps/into/swa/", *form(200, 200, refused=404)),
    (f"/plans/draft/merge-agencies/{SOMEBODY}/undo/", *form(200, 200, refused=404)),
    (f"/plans/year-two/merge-agencies/{SOMEBODY + 1}/undo/", *form(404, 404, refused=403)),
    ("/plans/draft/agencies/police/edit/", *form(200, 409, refused=404)),
    ("/plans/draft/edit/", *form(200, 409, refused=404)),
    ("/plans/draft/make-current/", *form(200, 302, refused=404)),
    ("/plans/draft/activities/new/", *form(200, 200, refused=404)),
    ("/plans/draft/activities/4/finalise/", *form(200, 409, refused=404)),
    ("/plans/draft/activities/4/rating/", *form(200, 200, refused=404)),
    ("/plans/draft/roll-over/", *form(200, 302, refused=404)),
    ("/plans/draft/activities/4/end/", *form(200, 409, refused=404)),
    ("/plans/draft/activities/4/withdraw/", *form(200, 200, refused=404)),
    ("/plans/draft/activities/4/bring-back/", *form(302, 302, refused=404)),
    ("/plans/draft/fill-in.zip", form(200, 200, refused=404)[0], READ_BY_ADMINS[1]),
    ("/plans/draft/activities/5/update/", *form(200, 200, refused=404)),
    (f"/plans/draft/activities/5/updates/{SOMEBODY}/correct/", *form(404, 404, refused=404)),
    (f"/plans/draft/activities/5/updates/{SOMEBODY}/agreement/", *form(404, 404, refused=404)),
    (f"/plans/year-two/activities/8/updates/{SOMEBODY}/correct/", *REPORTED_BY_POLICE_WITHOUT_IT),
    ("/plans/draft/activities/5/note/", *form(200, 200, refused=404)),
    ("/plans/draft/import/", *form(200, 400, refused=404)),
    (f"/plans/draft/import/{SOMEBODY}/", form(404, 404, refused=404)[0], imported(200)[1]),
    ("/plans/draft/updates/", *form(200, 302, refused=404)),
    # One that neither updater has a part in, and one that nobody supports, so that nobody can add a note to it.
    ("/plans/year-two/activities/12/update/", *form(200, 200, refused=403)),
    ("/plans/year-two/activities/1/note/", *form(403, 403, refused=403)),
    *((f"/plans/draft/checks{kind}", DRAFT[0] | {"open visitor": 302}, OWN[1]) for kind in ("/", ".csv", ".xlsx")),
    ("/plans/draft/checks/5/no_due_date/accept/", *form(200, 200, refused=404)),
    # Not accepted there, and no check at all.
    ("/plans/draft/checks/5/no_due_date/withdraw/", *form(302, 302, refused=404)),
    ("/plans/year-two/checks/5/colour/accept/", *form(404, 404, refused=403)),
    ("/plans/draft/barriers/", *DRAFT),
    (f"/plans/draft/barriers/{SOMEBODY}/resolve/", *form(404, 404, refused=404)),
    ("/plans/draft/rounds/", *DRAFT),
    ("/plans/draft/webhook/", *form(200, 200, refused=404)),
    ("/plans/draft/rounds/open/", *form(200, 200, refused=404)),
    (f"/plans/draft/rounds/{SOMEBODY + 1}/", *DRAFT),
    (f"/plans/draft/rounds/{SOMEBODY + 1}/close/", *form(200, 302, refused=404)),
    (f"/plans/year-two/rounds/{SOMEBODY + 1}/close/", *form(404, 404, refused=403)),
    ("/plans/year-two/activities/6/due.ics", *NOWHERE),
    ("/plans/draft/activities/5/due.ics", *NOWHERE),
    ("/feeds/feed-of-somebody.ics", dict.fromkeys(ROLES, 404), dict.fromkeys(ROLES, 405)),
    (f"/feeds/{by_link(UPDATE_SALT)}.ics", dict.fromkeys(ROLES, 404), dict.fromkeys(ROLES, 405)),
    # Forged, and a link for something else.
    *(
        (address, *OPENS_TO_NO_ONE)
        for address in ("/u/x.y/", "/unsubscribe/1-digest.x/", f"/u/{by_link(NOT_ME_SALT)}/", "/not-me/x/")
    ),
    ("/plans/draft/packs/", form(200, 405, refused=404)[0], OWN[1]),
    (f"/plans/draft/packs/drafts/{SOMEBODY}/", form(404, 405, refused=404)[0], OWN[1]),
    ("/plans/year-two/packs/2/", to(404) | {"open visitor": 302}, OWN[1]),
    *((address, *NOWHERE) for address in UNKNOWN),
]


def merge_old_agency(by):
    """A merge that can be undone, of an agency that had nothing."""
    old, swa = Agency.objects.create(code="old-agency", name="Old agency"), Agency.objects.get(code="swa")
    expected = read_merge(old, swa).fingerprint
    merge = merge_agencies(
        merged=old, into=swa, by=by, on=date(2026, 6, 30), reason="Disestablished", expected=expected
    )
    AgencyMerge.objects.filter(pk=merge.pk).update(id=SOMEBODY)


def make_packs(plan, by):
    """A draft, and an issued pack with an ask on which a decision of an agency is recorded."""
    content = sample_content(number=1).to_json()
    own = {"plan": plan, "title": "Pack", "at": timezone.now(), "marking": plan.marking, "content": content}
    Pack.objects.create(pk=SOMEBODY, made_by=by, **own)
    issued = Pack.objects.create(pk=SOMEBODY + 1, made_by=by, **own)
    ask = PackAsk.objects.create(pk=SOMEBODY, pack=issued, position=1, text="Agree who pays.", of_whom="The board")
    issued.number, issued.state, issued.checksum = 1, "issued", checksum_of(content)
    issued.issued_at, issued.issued_by = timezone.now(), by
    issued.save()
    swa = Agency.objects.get(code="swa")
    Decision.objects.create(ask=ask, words="It pays.", agency=swa, due_on=date(2099, 6, 30), made_by=by)


@pytest.fixture
def plans(year_two, make_user, settings):  # noqa: F811
    """The Year Two plan, one that is not published yet and has the same numbers, and somebody who is in an agency."""
    settings.ROCC_SSO = [DOWN]
    somebody = make_user("somebody@agency.example", pk=SOMEBODY)
    Membership.objects.create(pk=SOMEBODY, user=somebody, agency=Agency.objects.get(code="swa"))
    # On record, so that it can be compared with what it was; a fixture brings no history.
    year_two.save()
    draft = Plan.objects.create(slug="draft", name="Draft plan", short_name="Draft")
    for number in (2, 5):
        make_activity(draft, number)
    make_activity(draft, 4, priority_area=year_two.activities.get(number=4).priority_area)
    make_activity(draft, 1)
    for pk, plan in enumerate((year_two, draft), SOMEBODY):
        days = {"opened_on": date(2026, 10, 1), "due_on": date(2026, 11, 30)}
        ReportingRound.objects.create(pk=pk, plan=plan, name="December quarter", **days)
    make_packs(year_two, somebody)
    link = {"pk": SOMEBODY, "public_id": LINK_OF_SOMEBODY}
    UpdateLink.objects.create(person=somebody, round=year_two.rounds.get(), **link)
    CalendarFeed.objects.create(pk=SOMEBODY, person=somebody, name="Mine", kind="mine", public_id="feed-of-somebody")
    Activity.objects.filter(number=4).update(due_on=date(2099, 6, 30))
    said = {"activity": year_two.activities.get(number=5), "author": somebody, "status": "at_risk"}
    said |= {"pk": SOMEBODY, "round": year_two.rounds.get()}
    update = StatusUpdate.objects.create(agency=Agency.objects.get(code="police"), barrier="No funding", **said)
    Barrier.objects.create(pk=SOMEBODY, activity=update.activity, update=update, text=update.barrier)
    make_import(year_two, somebody, pk=SOMEBODY)
    merge_old_agency(somebody)
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    address = "https://www.police.govt.nz/report"
    Agreement.objects.create(
        pk=SOMEBODY, update=update, agency=Agency.objects.get(code="mbie"), agrees=True, author=somebody
    )
    EvidenceLink.objects.create(
        pk=SOMEBODY, activity=update.activity, update=update, address=address, label="Report", author=somebody
    )
    RollOver.objects.create(
        old_plan=year_two, new_plan=draft, made_at=datetime(2026, 6, 1, tzinfo=UTC), made_by=somebody
    )
    lead = {"role": "Programme lead", "email": "lead@police.example"}
    AgencyContact.objects.create(plan=year_two, agency=Agency.objects.get(code="police"), **lead)
    said = {"reason": "Agreed", "until": date(2099, 6, 30), "author": somebody}
    AcceptedCheck.objects.create(activity=update.activity, name="no_due_date", **said)
    return year_two


@pytest.fixture
def half_signed_in(settings, make_user):
    """Makes a client of a superuser who has given the password, and no second step yet, on a closed site."""
    settings.ROCC_OPEN_READING = False
    person = make_user("half@programme.example", is_staff=True, is_superuser=True, password="correct horse battery")
    App(person)

    def sign_in():
        client = Client()
        client.post(SIGN_IN, {"login": person.email, "password": "correct horse battery"})
        return client

    return sign_in


@pytest.fixture
def as_role(request, settings, make_user):
    """A client for a role, on a site that is open or closed as its name says: closed to all but open visitors."""

    def answer(role):
        settings.ROCC_OPEN_READING = role == "open visitor"
        if role.endswith("visitor"):
            return Client()
        if role != "superuser":
            return request.getfixturevalue(role)
        client = Client()
        client.user = make_user("root@programme.example", is_staff=True, is_superuser=True)
        client.force_login(client.user)
        return client

    return answer


def routes(resolver, before=""):
    """Every route below a resolver, without the admin's."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


def test_table_names_every_address_of_the_tracker():
    assert {route for route in routes(get_resolver()) if not route.startswith("accounts/")} == set(TABLE)


def test_table_names_every_address_of_accounts():
    assert {route for route in routes(get_resolver()) if route.startswith("accounts/")} == set(ACCOUNTS)


@pytest.mark.parametrize("role", walked_by("closed visitor", "open visitor", "police_updater", "programme_admin"))
def test_every_address_answers_each_role_as_the_table_says(plans, as_role, role):
    client = as_role(role)

    answered = {address: (client.get(address).status_code, client.post(address).status_code) for address, *_ in CASES}

    assert answered == {address: (reading[role], writing[role]) for address, reading, writing in CASES}


@pytest.mark.parametrize("role", ROLES)
def test_every_address_of_accounts_answers_each_role_as_the_table_says(plans, as_role, role):
    client = as_role(role)

    answered = {}
    for address, _ in ACCOUNTS.values():
        reading = client.get(address).status_code
        answered[address] = (reading, client.post(address).status_code)
        if hasattr(client, "user"):
            # One of them signs people out.
            client.force_login(client.user)

    assert answered == {address: (reading[role], writing[role]) for address, (reading, writing) in ACCOUNTS.values()}


@pytest.mark.sqlite_only
def test_who_has_given_the_password_alone_is_a_visitor_everywhere(plans, half_signed_in):
    client = half_signed_in()

    answered = {address: (client.get(address).status_code, client.post(address).status_code) for address, *_ in CASES}

    assert answered == {
        address: (reading["closed visitor"], writing["closed visitor"]) for address, reading, writing in CASES
    }


@pytest.mark.sqlite_only
def test_who_has_given_the_password_alone_gets_to_the_second_step_and_nowhere_else(plans, half_signed_in, settings):
    settings.ACCOUNT_RATE_LIMITS = {}
    answered = {}
    for address, _ in ACCOUNTS.values():
        # Signing out ends it.
        client = half_signed_in()
        answered[address] = (client.get(address).status_code, client.post(address).status_code)

    # Other ways to sign in lead there.
    here = {SIGN_IN: (302, 302), f"{SECOND}check/": (200, 200), f"{SECOND}passkeys/sign-in/": (302, 302)}
    assert answered == {
        address: here.get(address, (reading["closed visitor"], writing["closed visitor"]))
        for address, (reading, writing) in ACCOUNTS.values()
    }


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", walked_by("open visitor", "programme_admin"))
def test_head_answers_as_get_does(plans, as_role, role):
    client = as_role(role)

    answered = {address: client.head(address).status_code for address, *_ in CASES}

    assert answered == {address: reading[role] for address, reading, _ in CASES}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("verb", ["put", "patch", "delete"])
def test_no_address_takes_another_verb(plans, as_role, verb):
    client = as_role("superuser")

    answered = {address: getattr(client, verb)(address).status_code for address, *_ in CASES}

    assert answered == dict.fromkeys(answered, 405)


def test_closed_site_sends_visitors_to_sign_in_and_back_again(plans, as_role):
    client = as_role("closed visitor")
    addresses = [address for address, reading, _ in CASES if reading["closed visitor"] == 302]

    answered = {address: client.get(address)["Location"].partition("?next=") for address in addresses}

    assert {where for where, _, _ in answered.values()} == {SIGN_IN}
    assert {address: after.replace("%3F", "?").replace("%3D", "=") for address, (_, _, after) in answered.items()} == {
        address: address for address in addresses
    }


def test_closed_site_answers_alike_whether_or_not_there_is_such_a_plan(plans, as_role):
    client = as_role("closed visitor")

    there, not_there = (client.get(f"/plans/{slug}/") for slug in ("year-two", "year-nine"))

    assert there.status_code == not_there.status_code == 302
    assert there["Location"].replace("year-two", "year-nine") == not_there["Location"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", ["open visitor", "programme_admin"])
def test_every_page_is_sound(plans, as_role, role):
    client = as_role(role)
    faults = {}
    for address, _ in [*TABLE.values(), *ACCOUNTS.values()]:
        response = client.get(address)
        # What is put into a page is none.
        is_page = response["Content-Type"].startswith("text/html") and not address.endswith("/progress/")
        if response.status_code == 200 and is_page:
            faults[address] = [f"{address}: {fault}" for fault in _faults(Page(response))]

    assert len(faults) >= 10
    assert [fault for found in faults.values() for fault in found] == []


def _faults(page):
    """What no page may have: whatever the Content-Security-Policy forbids, and what screen readers stumble over."""
    if page.root.get("lang") != "en-NZ":
        yield "no language"
    if len(list(page.root.iter("h1"))) != 1:
        yield "not one h1"
    if not page.title:
        yield "no title"
    ids = [one.get("id") for one in page.root.iter() if one.get("id")]
    yield from (f"id {one} stands twice" for one in set(ids) if ids.count(one) > 1)
    pointed_at = {one.get(name) for one in page.root.iter() for name in ("for", "aria-describedby", "aria-labelledby")}
    yield from (f"id {one} is nowhere" for one in pointed_at - {None, *ids})
    for one in page.root.iter():
        yield from (f"<{one.tag} {name}>" for name in one.attrib if name == "style" or name.startswith("on"))
        if one.tag == "style" or (one.tag == "script" and not one.get("src")):
            yield f"inline <{one.tag}>"
        if one.tag == "a" and not one.get("href"):
            yield "a link without an address"
