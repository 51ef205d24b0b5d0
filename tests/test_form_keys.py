"""Said once, kept once: a form that is sent twice makes one row, and is answered both times alike."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, resolve
from django.utils import timezone

from plans.actions import edit_activity
from plans.forms.idempotency import FIELD, KEPT
from plans.management.commands.quickstart import record_baseline
from plans.models import (
    Activity,
    Agency,
    Barrier,
    FormKey,
    Import,
    Membership,
    Plan,
    ReportingRound,
    RollOver,
    StatusUpdate,
    SubActivity,
    User,
)
from plans.summaries.record import read_record
from tests.test_addresses import ACCOUNTS, TABLE, make_packs, routes
from tests.test_merging import opened
from tests.test_updates_at_once import at_once, december, leads, own_file  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page

KEY = "0123456789abcdefghijkl"
PLAN = "plans/<slug:plan_slug>/"
YEAR_TWO = "/plans/year-two/"
NOTE = f"{YEAR_TWO}activities/2/note/"
UPDATE = f"{YEAR_TWO}activities/8/update/"

ONCE = "once"  # by its key: `plans.forms.idempotency`
ONLY_ONE = "only one"  # the database takes no second row: a person, a member, a reminder of that day
STATE = "state"  # done only while the row is in the state that the page showed
NOTHING = "nothing"  # adds no row that anybody made
# {route: how a form that is sent twice is kept from making two rows}
GUARDS = {
    "people/invite/": ONLY_ONE,
    "people/<int:pk>/link/": NOTHING,
    "people/<int:pk>/agencies/": ONLY_ONE,
    "people/<int:pk>/close/": STATE,
    "people/<int:pk>/open/": STATE,
    "people/<int:pk>/sessions/end/": NOTHING,
    # An update that is sent twice is saved once; one that was reversed stays so.
    "u/<str:token>/": STATE,
    "not-me/<str:token>/": STATE,
    "unsubscribe/<str:token>/": STATE,
    "account/emails/": STATE,
    "manage/email/<int:pk>/try-again/": STATE,
    "people/<int:pk>/tokens/end/": NOTHING,
    "people/<int:pk>/second-step/remove/": NOTHING,
    "people/<int:pk>/feeds/end/": NOTHING,
    # A second one of the same name is refused.
    "account/tokens/": ONLY_ONE,
    "account/tokens/<int:pk>/end/": NOTHING,
    "people/<int:pk>/sign-in/end/": NOTHING,
    "account/sign-in-links/<int:pk>/end/": NOTHING,
    "people/<int:pk>/update-links/end/": NOTHING,
    "account/update-links/<int:pk>/end/": NOTHING,
    "kept/discard/": NOTHING,
    "account/feeds/": ONCE,
    "account/feeds/<int:pk>/revoke/": STATE,
    "account/sessions/end/": NOTHING,
    "account/sessions/<slug:name>/end/": NOTHING,
    "people/memberships/<int:pk>/end/": STATE,
    "people/welcome/": STATE,
    "plans/new/": ONCE,
    f"{PLAN}webhook/": ONCE,
    f"{PLAN}edit/": ONCE,
    f"{PLAN}make-current/": ONCE,
    f"{PLAN}packs/make/": ONCE,
    f"{PLAN}packs/template/": ONCE,
    f"{PLAN}packs/drafts/<int:pk>/word/": ONCE,
    f"{PLAN}packs/drafts/<int:pk>/read/": STATE,
    f"{PLAN}packs/drafts/<int:pk>/issue/": STATE,
    f"{PLAN}packs/drafts/<int:pk>/share/": STATE,
    f"{PLAN}packs/drafts/<int:pk>/discard/": STATE,
    f"{PLAN}packs/<int:number>/asks/<int:pk>/decision/": ONCE,
    f"{PLAN}packs/<int:number>/asks/<int:pk>/done/": ONCE,
    f"{PLAN}roll-over/": ONCE,
    f"{PLAN}roll-over/make/": ONCE,
    f"{PLAN}roll-over/undo/": ONCE,
    f"{PLAN}roll-over/end/": ONCE,
    f"{PLAN}add-agency/": ONCE,
    f"{PLAN}agencies/<slug:code>/contact/": ONCE,
    f"{PLAN}agencies/<slug:code>/edit/": ONCE,
    f"{PLAN}merge-agencies/<slug:merged>/into/<slug:into>/": ONCE,
    f"{PLAN}merge-agencies/<int:pk>/undo/": STATE,
    f"{PLAN}activities/new/": ONCE,
    f"{PLAN}activities/<number:number>/edit/": ONCE,
    f"{PLAN}activities/<number:number>/finalise/": ONCE,
    f"{PLAN}activities/<number:number>/rating/": ONCE,
    f"{PLAN}activities/<number:number>/end/": ONCE,
    f"{PLAN}activities/<number:number>/withdraw/": ONCE,
    f"{PLAN}activities/<number:number>/bring-back/": ONCE,
    f"{PLAN}activities/<number:number>/update/": ONCE,
    f"{PLAN}activities/<number:number>/updates/<int:pk>/correct/": ONCE,
    f"{PLAN}activities/<number:number>/updates/<int:pk>/agreement/": ONCE,
    f"{PLAN}activities/<number:number>/note/": ONCE,
    f"{PLAN}activities/<number:number>/history/<int:key>/restore/": ONCE,
    f"{PLAN}updates/": ONCE,
    f"{PLAN}rounds/open/": ONCE,
    f"{PLAN}rounds/<int:pk>/change/": ONCE,
    f"{PLAN}rounds/<int:pk>/chase/": ONLY_ONE,
    f"{PLAN}rounds/<int:pk>/close/": ONCE,
    f"{PLAN}activities/<number:number>/evidence/add/": ONCE,
    f"{PLAN}activities/<number:number>/evidence/<int:pk>/remove/": STATE,
    f"{PLAN}barriers/<int:pk>/escalate/": ONCE,
    f"{PLAN}barriers/<int:pk>/resolve/": ONCE,
    f"{PLAN}checks/<number:number>/<slug:check>/accept/": ONCE,
    f"{PLAN}checks/<number:number>/<slug:check>/withdraw/": STATE,
    f"{PLAN}import/": ONCE,
    f"{PLAN}import/<int:pk>/options/": STATE,
    f"{PLAN}import/<int:pk>/apply/": STATE,
    f"{PLAN}import/<int:pk>/discard/": STATE,
    f"{PLAN}import/<int:pk>/undo/": STATE,
}
# Sign-in, sign-out and passwords.
GUARDS |= dict.fromkeys(ACCOUNTS, NOTHING)
ADMIN_GUARDS = {
    "plans.AcceptedCheck": NOTHING,
    "plans.Activity": ONCE,
    "plans.Agency": ONCE,
    "plans.AgencyContact": ONCE,
    "plans.Agreement": NOTHING,
    "plans.EvidenceLink": NOTHING,
    "plans.FocusArea": ONCE,
    "plans.Plan": ONCE,
    "plans.PriorityArea": ONCE,
    "plans.User": ONLY_ONE,
    "auth.Group": ONLY_ONE,
    "plans.AuditEvent": NOTHING,
    "plans.Import": NOTHING,
    "plans.ImportWord": ONCE,
    "plans.Reminder": NOTHING,
    "plans.StatusUpdate": NOTHING,
    "plans.UpdateLink": NOTHING,
}


def takes_post(route):
    """Whether the table of addresses says that somebody may send a form there."""
    _, (_, writing) = (TABLE | ACCOUNTS)[route]
    return writing["superuser"] != 405


def test_table_says_of_every_form_how_it_is_kept_from_being_done_twice():
    assert {route for route in routes(get_resolver()) if takes_post(route) or route in ACCOUNTS} == set(GUARDS)


def test_table_says_it_of_every_form_of_the_admin():
    assert {model._meta.label for model in admin.site._registry} == set(ADMIN_GUARDS)


@pytest.mark.parametrize("route", [route for route, guard in GUARDS.items() if guard == ONCE])
def test_form_that_is_done_once_carries_a_key(route, year_two, programme_admin, december_round, raised):  # noqa: F811
    address = TABLE[route][0].replace("900001", str(december_round if "rounds" in route else raised))
    if "correct" in route:
        update = StatusUpdate.objects.get(barriers_raised=raised)
        address = f"{YEAR_TWO}activities/8/updates/{update.pk}/correct/"
    if "agreement" in route:
        update = StatusUpdate.objects.get(barriers_raised=raised)
        address = f"{YEAR_TWO}activities/8/updates/{update.pk}/agreement/"
        other = update.activity.agency_links.exclude(agency=update.agency).first().agency
        Membership.objects.create(user=programme_admin.user, agency=other)
    if "packs/" in route:
        address = TABLE[route][0]
        make_packs(year_two, programme_admin.user)
    view = resolve(address).func
    assert getattr(view, "is_done_once", False) or route in (
        *(f"{PLAN}import/", f"{PLAN}updates/", f"{PLAN}packs/template/"),
    )
    if "restore" in route:
        address = restorable(year_two, programme_admin)
    if "bring-back" in route:
        year_two.activities.filter(number=14).update(withdrawn_on=date(2026, 7, 1))
    if "roll-over/" in route:
        found = RollOver.objects.create(old_plan=year_two, made_at=timezone.now(), made_by=programme_admin.user)
        found.choices.create(activity=year_two.activities.first(), outcome="continue")
    if "make-current" in route:
        Plan.objects.update(is_current=False)
    answer = programme_admin.get(address)
    forms = re.findall(r'<form[^>]*method="post".*?</form>', answer.content.decode(), re.DOTALL)
    forms = [form for form in forms if "/accounts/logout/" not in form]
    assert forms
    assert [f'name="{FIELD}"' in form for form in forms] == [True] * len(forms)


@pytest.mark.parametrize("label", [label for label, guard in ADMIN_GUARDS.items() if guard == ONCE])
def test_form_of_the_admin_carries_a_key(label, programme_admin):
    page = programme_admin.get(f"/admin/{label.replace('.', '/').lower()}/add/")
    assert page.content.decode().count(f'name="{FIELD}"') == 1


def test_each_page_has_another_key(year_two, programme_admin):  # noqa: F811
    keys = {Page(programme_admin.get(NOTE)).controls(FIELD)[0].get("value") for _ in range(2)}
    assert len(keys) == 2


@pytest.fixture
def raised(year_two, police_updater):  # noqa: F811
    """The id of an open barrier of Police on activity 8."""
    activity, police = Activity.objects.get(number=8), Agency.objects.get(code="police")
    said = {"author": police_updater.user, "status": "at_risk", "barrier": "No funding"}
    said["round"] = ReportingRound.objects.first()
    update = StatusUpdate.objects.create(activity=activity, agency=police, **said)
    return Barrier.objects.create(activity=activity, update=update, text="No funding").pk


@pytest.fixture
def december_round(year_two):  # noqa: F811
    """The id of an open round."""
    today = timezone.localdate()
    return ReportingRound.objects.create(plan=year_two, name="December quarter", opened_on=today, due_on=today).pk


def restorable(plan, client):
    """The address at which the first version of activity 1 can be restored."""
    record_baseline()
    row = Activity.objects.with_agencies().get(plan=plan, number=1)
    row.title = "Another name"
    edit_activity(activity=row, by=client.user, reason="Agreed", changed=["title"], agencies=None, items=())
    return f"{YEAR_TWO}activities/1/history/{read_record(row).entries[-1].key}/restore/"


def twice(client, address, data):
    """Send the same form twice; answer where each led to."""
    return [client.post(address, {**data, FIELD: KEY}).get("Location") for _ in range(2)]


def told(client, address):
    return [str(one) for one in client.get(address).context["messages"]]


def test_note_sent_twice_is_one_note_and_is_told_of_both_times(year_two, police_updater):  # noqa: F811
    data = {"agency": Agency.objects.get(code="police").pk, "text": "Said once."}
    where = []
    for _ in range(2):
        answer = police_updater.post(NOTE, {**data, FIELD: KEY})
        where.append((answer["Location"], told(police_updater, answer["Location"])))
    activity = Activity.objects.get(number=2)
    assert where == [(f"{YEAR_TWO}activities/2/", [f"Note saved: {activity}."])] * 2
    assert StatusUpdate.objects.count() == 1


def test_note_in_other_words_is_another_though_its_page_was_gone_back_to(year_two, police_updater):  # noqa: F811
    data = {"agency": Agency.objects.get(code="police").pk, FIELD: KEY}
    for text in ("Said first.", "Said after."):
        police_updater.post(NOTE, {**data, "text": text})
    assert list(StatusUpdate.objects.order_by("pk").values_list("what_happened", flat=True)) == [
        "Said first.",
        "Said after.",
    ]


def test_note_that_was_refused_can_be_sent_with_its_key_again(year_two, police_updater):  # noqa: F811
    data = {"text": "Said once.", FIELD: KEY}
    assert police_updater.post(NOTE, data).status_code == 200
    assert FormKey.objects.count() == 0
    police_updater.post(NOTE, {**data, "agency": Agency.objects.get(code="police").pk})
    assert StatusUpdate.objects.count() == 1


def test_note_that_was_refused_is_in_its_form_again_with_its_key(year_two, police_updater):  # noqa: F811
    police_updater.post(NOTE, {"text": "Ours is done", "agency": "", FIELD: KEY})
    page = police_updater.get(NOTE).content.decode()

    assert "Ours is done" in page
    assert re.findall(f'name="{FIELD}" value="([^"]*)"', page) == [KEY]


def test_what_is_no_key_is_not_put_into_a_form(year_two, police_updater):  # noqa: F811
    police_updater.post(NOTE, {"text": "Ours is done", "agency": "", FIELD: "<b>"})

    assert f'name="{FIELD}" value="&lt;' not in police_updater.get(NOTE).content.decode()


@pytest.mark.parametrize("key", [None, "", "short", "x" * 33, "0123456789 abcdefghijk"])
def test_form_without_a_key_is_saved_as_before(year_two, police_updater, key):  # noqa: F811
    data = {"agency": Agency.objects.get(code="police").pk} | ({FIELD: key} if key else {})
    for text in ("Said first.", "Said after."):
        assert police_updater.post(NOTE, {**data, "text": text}).status_code == 302
    assert (StatusUpdate.objects.count(), FormKey.objects.count()) == (2, 0)


def test_same_note_with_another_key_is_one_for_ten_minutes(year_two, police_updater):  # noqa: F811
    data = {"agency": Agency.objects.get(code="police").pk, "text": "Said once."}
    for place in range(2):
        police_updater.post(NOTE, {**data, FIELD: f"{KEY}{place}"})
    assert StatusUpdate.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        police_updater.post(NOTE, data)
    assert StatusUpdate.objects.count() == 2


def test_key_of_one_person_means_nothing_for_another(year_two, police_updater, programme_admin):  # noqa: F811
    data = {"agency": Agency.objects.get(code="police").pk, "text": "Same words.", FIELD: KEY}
    for client in (police_updater, programme_admin):
        client.post(NOTE, data)
    assert StatusUpdate.objects.count() == 2


def test_update_without_a_status_before_it_sent_twice_is_one(year_two, police_updater):  # noqa: F811
    data = {"status": "on_track", "what_happened": "Said once.", "barrier": "No staff."}
    assert twice(police_updater, UPDATE, data) == [f"{YEAR_TWO}activities/8/"] * 2
    assert (StatusUpdate.objects.count(), Barrier.objects.count()) == (1, 1)


@pytest.mark.parametrize(("verb", "field"), [("escalate", "is_escalated"), ("resolve", "resolved_at")])
def test_barrier_dealt_with_twice_is_dealt_with_once_and_no_error(police_updater, raised, verb, field):
    where = twice(police_updater, f"{YEAR_TWO}barriers/{raised}/{verb}/", {"note": "A word of how."})
    assert where == [f"{YEAR_TWO}barriers/"] * 2
    assert getattr(Barrier.objects.get(), field)


def test_round_opened_twice_is_one_round(year_two, programme_admin):  # noqa: F811
    due = timezone.localdate() + timedelta(days=9)
    where = twice(programme_admin, f"{YEAR_TWO}rounds/open/", {"name": "March quarter", "due_on": due.isoformat()})
    assert where == [f"{YEAR_TWO}rounds/{ReportingRound.objects.get().pk}/"] * 2


def test_round_closed_twice_is_no_error(programme_admin, december_round):
    address = f"{YEAR_TWO}rounds/{december_round}/close/"
    assert twice(programme_admin, address, {}) == [f"{YEAR_TWO}rounds/{december_round}/"] * 2
    assert [one.startswith("December quarter is closed.") for one in told(programme_admin, "/plans/")] == [True, True]


def test_sub_activity_added_twice_by_one_form_is_one(year_two, programme_admin):  # noqa: F811
    address = f"{YEAR_TWO}activities/1/edit/"
    data = opened(programme_admin) | {"items-0-text": "A step more"}
    twice(programme_admin, address, data)
    assert SubActivity.objects.filter(activity__number=1, text="A step more").count() == 1


def test_version_restored_twice_is_restored_once(year_two, programme_admin):  # noqa: F811
    address = restorable(year_two, programme_admin)
    seen = programme_admin.get(address).context["seen"]
    before = year_two.activities.get(number=1).history.count()
    assert (
        twice(programme_admin, address, {"reason": "Agreed", "seen": seen}) == [f"{YEAR_TWO}activities/1/history/"] * 2
    )
    assert year_two.activities.get(number=1).history.count() == before + 1


def test_file_uploaded_twice_is_one_import_and_another_file_is_another(year_two, programme_admin):  # noqa: F811
    def send(content):
        file = SimpleUploadedFile("plan.csv", content)
        return programme_admin.post(f"{YEAR_TWO}import/", {"what": "file", "file": file, FIELD: KEY})["Location"]

    first = b"Number,Status\n1,On track\n"
    assert send(first) == send(first)
    assert Import.objects.count() == 1
    assert send(first + b"5,On track\n") != send(first)
    assert Import.objects.count() == 2


def test_focus_area_added_twice_in_the_admin_is_one(programme_admin):
    data = {"code": "NEW", "statement": "Newly focused", "position": "9", "change_reason": "Agreed"}
    page = programme_admin.get("/admin/plans/focusarea/add/")
    where = twice(programme_admin, "/admin/plans/focusarea/add/", {**_hidden(page), **data})
    assert where == ["/admin/plans/focusarea/"] * 2
    page = programme_admin.get("/admin/plans/focusarea/").content.decode()
    assert page.count("was added successfully") == 2
    assert "&lt;a href" not in page


def _hidden(response):
    inputs = re.findall(r'<input type="hidden"[^>]*>', response.content.decode())
    found = [dict(re.findall(r'(name|value)="([^"]*)"', tag)) for tag in inputs]
    return {one["name"]: one.get("value", "") for one in found if one["name"] not in ("csrfmiddlewaretoken", FIELD)}


def test_invitation_sent_twice_is_one_person_and_one_membership(year_two, programme_admin):  # noqa: F811
    data = {"email": "new@police.example", "name": "New updater", "agencies": [Agency.objects.get(code="police").pk]}
    for _ in range(2):
        programme_admin.post("/people/invite/", data)
    assert User.objects.filter(email="new@police.example").count() == 1
    assert Membership.objects.filter(user__email="new@police.example").count() == 1


def test_keys_are_forgotten_after_a_week(year_two, police_updater):  # noqa: F811
    data = {"agency": Agency.objects.get(code="police").pk, "text": "Said once."}
    twice(police_updater, NOTE, data)
    FormKey.objects.update(made_at=timezone.now() - KEPT - timedelta(minutes=1), key="a" * 22)
    twice(police_updater, NOTE, {**data, "text": "Another."})
    assert list(FormKey.objects.values_list("key", flat=True)) == [KEY]


def test_the_same_note_twice_at_the_same_moment_is_one_and_both_are_answered_alike(leads):  # noqa: F811
    client = leads[0]
    data = {"agency": Agency.objects.get(code="police").pk, "text": "Said once.", FIELD: KEY}

    answers = at_once(*[lambda: client.post(NOTE, data)] * 2)

    assert [(one.status_code, one.get("Location")) for one in answers] == [(302, f"{YEAR_TWO}activities/2/")] * 2
    assert StatusUpdate.objects.count() == 1


def test_the_same_update_twice_at_the_same_moment_is_one_and_both_are_answered_alike(leads, december):  # noqa: F811
    client = leads[0]
    data = {"status": "at_risk", "what_happened": "Late.", "barrier": "No staff.", "seen": "", FIELD: KEY}

    answers = at_once(*[lambda: client.post(UPDATE, data)] * 2)

    assert [(one.status_code, one.get("Location")) for one in answers] == [(302, f"{YEAR_TWO}activities/8/")] * 2
    assert (StatusUpdate.objects.count(), Barrier.objects.count()) == (1, 1)
