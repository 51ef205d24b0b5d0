"""Where agencies report: what they owe, the form for one activity, reports that cross, and notes."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from plans.actions import NewerUpdate, add_note, record_update
from plans.choices import Status, UpdateKind
from plans.models import Activity, Agency, Barrier, Membership, ReportingRound, StatusUpdate, SubActivity

MINE = "/plans/year-two/updates/"


def update_of(number):
    return f"/plans/year-two/activities/{number}/update/"


def note_on(number):
    return f"/plans/year-two/activities/{number}/note/"


def activity(number):
    return Activity.objects.get(plan__slug="year-two", number=number)


def agency(code):
    return Agency.objects.get(code=code)


@pytest.fixture
def december(year_two):
    """An open round, due in the future."""
    today = timezone.localdate()
    return ReportingRound.objects.create(
        plan=year_two, name="December quarter", opened_on=today, due_on=today + timedelta(days=9)
    )


# What is owed


def test_my_updates_shows_what_the_agency_leads_also_as_one_of_all(police_updater, december):
    page = police_updater.get(MINE)
    assert [one.activity.number for one in page.context["owed"]] == [1, 5, 8, 10, 13]


def test_my_updates_moves_what_was_reported_this_round_to_done(police_updater, december):
    record_update(activity=activity(5), by=police_updater.user, status=Status.ON_TRACK, agency=agency("police"))
    context = police_updater.get(MINE).context
    assert [one.activity.number for one in context["owed"]] == [1, 8, 10, 13]
    assert [one.activity.number for one in context["done"]] == [5]


def test_my_updates_puts_the_overdue_first(police_updater, december):
    record_update(activity=activity(13), by=police_updater.user, status=Status.ON_TRACK, agency=agency("police"))
    ReportingRound.objects.update(closed_at=timezone.now(), closed_by=police_updater.user)
    ReportingRound.objects.create(
        plan=december.plan, name="March quarter", opened_on=date(2020, 1, 1), due_on=date(2020, 3, 1)
    )
    context = police_updater.get(MINE).context
    assert [one.activity.number for one in context["owed"]] == [13, 1, 5, 8, 10]
    assert [one.activity.freshness for one in context["owed"]][:2] == ["overdue", "never"]


def test_my_updates_says_how_late_each_is_also_where_nobody_ever_reported(police_updater, december):
    day = timezone.localdate() - timedelta(days=3)
    ReportingRound.objects.update(opened_on=day, due_on=day)
    record_update(activity=activity(13), by=police_updater.user, status=Status.ON_TRACK, agency=agency("police"))
    text = police_updater.get(MINE).content.decode()
    assert text.count("Update overdue by 3 days") == len([1, 5, 8, 10])


def test_my_updates_shows_nothing_that_an_agency_only_supports(other_updater, december):
    numbers = [one.activity.number for one in other_updater.get(MINE).context["owed"]]
    assert numbers == [4, 10]


def test_my_updates_of_an_office_are_its_agencys_too(make_updater, december):
    client = make_updater("updater@msd.example", "MSD updater", "msd")
    assert [one.activity.number for one in client.get(MINE).context["owed"]] == [2, 8, 10, 12]


def test_my_updates_of_somebody_without_an_agency_says_so(reader, december):
    assert "You are not linked to an agency yet" in reader.get(MINE).content.decode()


def test_my_updates_sends_a_visitor_to_sign_in(visitor, december):
    assert visitor.get(MINE).url == f"/accounts/login/?next={MINE}"


@pytest.mark.parametrize("extra", [0, 40])
def test_my_updates_costs_the_same_whatever_was_reported(police_updater, december, django_assert_num_queries, extra):
    """Police leads activity 8 with others: what these reported is one query more."""
    for _ in range(extra):
        record_update(activity=activity(8), by=police_updater.user, status=Status.ON_TRACK, agency=agency("police"))
    ReportingRound.objects.update(opened_on=date(2020, 1, 1))
    with django_assert_num_queries(MY_UPDATES_QUERIES + 1):
        police_updater.get(MINE)


@pytest.mark.parametrize("count", [1, 15])
@pytest.mark.parametrize("reports", [1, 40])
def test_pages_for_reporting_cost_the_same_for_any_plan(
    make_plan, make_updater, report, django_assert_num_queries, count, reports
):
    plan = make_plan("made", count)
    for one in plan.activities.all():
        for _ in range(reports if one.number == 1 else 1):
            report(one)
    today = timezone.localdate()
    ReportingRound.objects.create(plan=plan, name="December quarter", opened_on=today, due_on=today)
    client = make_updater("updater@police.example", "Police updater", "police")
    with django_assert_num_queries(MY_UPDATES_QUERIES):
        page = client.get("/plans/made/updates/")
    assert len(page.context["owed"]) == count
    with django_assert_num_queries(UPDATE_QUERIES):
        client.get("/plans/made/activities/1/update/")


# Each with one for the open barriers, which its forms show; a form asks whether several agencies lead its activity.
MY_UPDATES_QUERIES = 10
UPDATE_QUERIES = 10


# One report


def test_update_is_saved_whole_in_one_request(police_updater, december):
    item = SubActivity.objects.create(activity=activity(1), text="Suppress", position=1)
    answer = police_updater.post(
        update_of(1),
        {
            "status": "off_track",
            "what_happened": "Phase three slipped.",
            "whats_next": "Ask for staff.",
            "barrier": "No staff.",
            "needs_escalation": "on",
            "seen": "",
            f"done_{item.pk}": "on",
            "back": "mine",
        },
    )
    assert answer.url == MINE
    update = StatusUpdate.objects.get()
    said = [update.kind, update.agency.code, update.author, update.round, update.status]
    assert said == ["report", "police", police_updater.user, december, "off_track"]
    assert [update.what_happened, update.whats_next, update.barrier] == [
        "Phase three slipped.",
        "Ask for staff.",
        "No staff.",
    ]
    barrier = Barrier.objects.get()
    assert [barrier.text, barrier.is_escalated, barrier.escalated_by] == ["No staff.", True, police_updater.user]
    item.refresh_from_db()
    assert [item.is_done, item.done_on] == [True, timezone.localdate()]
    assert activity(1).status == "off_track"
    assert activity(1).history.latest().history_user == police_updater.user


def test_no_change_repeats_the_latest_status_by_one_click(police_updater, december):
    first = record_update(
        activity=activity(1), by=police_updater.user, status=Status.AT_RISK, agency=agency("police"), what_happened="x"
    )
    answer = police_updater.post(update_of(1), {"no_change": "on", "seen": first.pk, "back": "mine"})
    assert answer.url == MINE
    latest = StatusUpdate.objects.first()
    assert [latest.status, latest.is_no_change, latest.what_happened] == ["at_risk", True, ""]


def test_no_change_without_an_earlier_update_is_refused(police_updater, december):
    page = police_updater.post(update_of(1), {"no_change": "on"})
    assert "There is no earlier update to repeat" in page.content.decode()
    assert StatusUpdate.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        ({}, "status", "Choose a status."),
        ({"status": "nonsense"}, "status", None),
        ({"status": "no_update"}, "status", None),
        ({"status": "off_track"}, "what_happened", "Explain in a sentence why it is off track."),
        (
            {"status": "on_track", "needs_escalation": "on"},
            "barrier",
            "Describe the barrier you want to escalate.",
        ),
    ],
)
def test_update_that_cannot_be_is_refused_beside_its_field(police_updater, december, data, name, sentence):
    page = police_updater.post(update_of(1), {"whats_next": "Typed words stay.", **data})
    errors = page.context["form"].errors
    assert name in errors
    assert sentence is None or errors[name] == [sentence]
    assert "Typed words stay." in page.content.decode()
    assert StatusUpdate.objects.count() == 0


def test_update_refuses_a_day_that_has_not_come(police_updater, december):
    item = SubActivity.objects.create(activity=activity(1), text="Suppress", position=1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    data = {"status": "on_track", f"done_{item.pk}": "on", f"done_on_{item.pk}": tomorrow.isoformat()}
    errors = police_updater.post(update_of(1), data).context["form"].errors
    assert errors[f"done_on_{item.pk}"] == ["Enter today or an earlier date."]


def test_update_does_not_tick_the_sub_activities_of_another_activity(police_updater, december):
    item = SubActivity.objects.filter(activity__number=3).first()
    police_updater.post(update_of(1), {"status": "on_track", f"done_{item.pk}": "on"})
    item.refresh_from_db()
    assert item.is_done is False


def test_update_offers_no_sub_activity_that_was_withdrawn(police_updater, december):
    day = timezone.localdate()
    SubActivity.objects.filter(activity__number=1).update(withdrawn_on=day)
    item = SubActivity.objects.create(activity=activity(1), text="Suppress", position=9)
    SubActivity.objects.create(activity=activity(1), text="Given up", position=10, withdrawn_on=day)
    assert [one.text for one in police_updater.get(update_of(1)).context["form"].items] == [item.text]


# Who may


@pytest.mark.parametrize(("number", "status"), [(1, 200), (10, 200), (4, 403), (6, 403), (99, 404)])
def test_membership_of_a_lead_agency_gives_the_right_to_report(police_updater, year_two, number, status):
    assert police_updater.get(update_of(number)).status_code == status


def test_membership_that_ended_gives_nothing(police_updater, year_two):
    Membership.objects.update(ended_at=timezone.now() + timedelta(seconds=1))
    assert police_updater.get(update_of(1)).status_code == 403
    assert police_updater.post(update_of(1), {"status": "on_track"}).status_code == 403
    assert StatusUpdate.objects.count() == 0


def test_update_for_an_agency_of_others_is_refused(police_updater, december):
    data = {"status": "on_track", "agency": agency("msd").pk}
    assert "agency" in police_updater.post(update_of(8), data).context["form"].errors
    assert StatusUpdate.objects.count() == 0


def test_programme_admin_sets_the_status_and_says_why(programme_admin, december):
    page = programme_admin.post(update_of(6), {"status": "paused", "agency": "set", "what_happened": ""})
    assert page.context["form"].errors["what_happened"]
    programme_admin.post(update_of(6), {"status": "paused", "agency": "set", "what_happened": "No lead is named."})
    update = StatusUpdate.objects.get()
    assert [update.kind, update.agency, update.what_happened] == [UpdateKind.SET, None, "No lead is named."]
    assert activity(6).status == "paused"


def test_typed_text_survives_a_session_that_ended(police_updater, december):
    police_updater.user.set_password("a long enough password")
    police_updater.user.save()
    police_updater.logout()
    page = police_updater.post(update_of(1), {"status": "on_track", "what_happened": "Typed at length."})
    assert page.status_code == 403
    assert StatusUpdate.objects.count() == 0
    signing_in = {"login": police_updater.user.email, "password": "a long enough password"}
    signing_in |= {"next": page.context["next"], "kept": page.context["kept"]}
    answer = police_updater.post("/accounts/login/", signing_in, follow=True)
    assert answer.redirect_chain[-1][0] == update_of(1)
    assert answer.context["form"]["what_happened"].value() == "Typed at length."
    assert answer.context["form"].chosen_status == "on_track"


# Reports that cross


def test_reports_that_cross_are_shown_beside_one_another_and_both_survive(
    police_updater, make_updater, december, django_user_model
):
    other = make_updater("updater@ot.example", "Oranga Tamariki updater", "oranga-tamariki")
    other.post(update_of(8), {"status": "at_risk", "what_happened": "Theirs.", "seen": ""})
    page = police_updater.post(update_of(8), {"status": "on_track", "what_happened": "Yours.", "seen": ""})
    assert page.status_code == 409
    text = page.content.decode()
    assert "Theirs." in text
    assert "Yours." in text
    assert StatusUpdate.objects.count() == 1
    again = {"status": "on_track", "what_happened": "Yours.", "seen": page.context["form"]["seen"].value()}
    assert police_updater.post(update_of(8), again).status_code == 302
    assert list(StatusUpdate.objects.values_list("what_happened", flat=True)) == ["Yours.", "Theirs."]
    # Each is the position of a lead, and the more serious one is shown.
    assert (activity(8).status, activity(8).leads_differ) == ("at_risk", True)


def test_status_that_only_they_changed_is_taken_over(police_updater, make_updater, december):
    first = record_update(activity=activity(8), by=police_updater.user, status=Status.ON_TRACK, agency=agency("police"))
    other = make_updater("second@police.example", "Second Police updater", "police")
    other.post(update_of(8), {"status": "at_risk", "what_happened": "Theirs.", "seen": first.pk})
    page = police_updater.post(update_of(8), {"status": "on_track", "what_happened": "Yours.", "seen": first.pk})
    assert page.status_code == 409
    assert page.context["form"].chosen_status == "at_risk"


def test_record_update_refuses_when_a_newer_one_is_there(year_two, reader):
    first = record_update(activity=activity(1), by=reader.user, status=Status.ON_TRACK, agency=agency("police"))
    with pytest.raises(NewerUpdate):
        record_update(activity=activity(1), by=reader.user, status=Status.AT_RISK, agency=agency("police"), seen=None)
    assert StatusUpdate.objects.get() == first


@pytest.mark.parametrize("barrier", ["", "No staff."])
def test_report_that_is_sent_twice_is_saved_once(police_updater, december, barrier):
    data = {"status": "on_track", "what_happened": "Said once.", "barrier": barrier, "seen": "", "back": "mine"}
    answers = [police_updater.post(update_of(1), data).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert (StatusUpdate.objects.count(), Barrier.objects.count()) == (1, bool(barrier))


def test_no_change_that_is_sent_twice_is_saved_once(police_updater, december):
    first = record_update(activity=activity(1), by=police_updater.user, status=Status.AT_RISK, agency=agency("police"))
    for _ in range(2):
        assert police_updater.post(update_of(1), {"no_change": "on", "seen": first.pk}).status_code == 302
    assert StatusUpdate.objects.count() == 2


def test_report_that_crosses_with_ones_own_says_so(police_updater, december):
    police_updater.post(update_of(1), {"status": "on_track", "what_happened": "In one window.", "seen": ""})
    page = police_updater.post(update_of(1), {"status": "at_risk", "what_happened": "In another.", "seen": ""})
    assert page.status_code == 409
    assert "You saved another update" in page.content.decode()
    assert "Someone else" not in page.content.decode()


def test_no_change_that_crosses_takes_their_status_and_can_be_saved(police_updater, make_updater, december):
    first = record_update(activity=activity(8), by=police_updater.user, status=Status.ON_TRACK, agency=agency("police"))
    other = make_updater("second@police.example", "Second Police updater", "police")
    other.post(update_of(8), {"status": "at_risk", "what_happened": "Theirs.", "seen": first.pk})
    page = police_updater.post(update_of(8), {"no_change": "on", "seen": first.pk})
    assert page.status_code == 409
    assert (page.context["yours"], page.context["form"].chosen_status) == ("on_track", "at_risk")
    assert page.context["form"].errors == {"what_happened": ["Explain in a sentence why it is at risk."]}


def test_way_back_survives_a_session_that_ended(police_updater, december):
    police_updater.user.set_password("a long enough password")
    police_updater.user.save()
    first = record_update(activity=activity(1), by=police_updater.user, status=Status.AT_RISK, agency=agency("police"))
    police_updater.logout()
    page = police_updater.post(update_of(1), {"no_change": "on", "seen": first.pk, "back": "mine"})
    signing_in = {"login": police_updater.user.email, "password": "a long enough password"}
    signing_in |= {"next": page.context["next"], "kept": page.context["kept"]}
    answer = police_updater.post("/accounts/login/", signing_in, follow=True)
    assert (answer.context["back"], answer.context["form"].chosen_status) == ("mine", "at_risk")


# Notes


def test_note_of_a_supporting_agency_leaves_the_status_alone(police_updater, december):
    answer = police_updater.post(note_on(4), {"agency": agency("police").pk, "text": "We can help."})
    assert answer.url == "/plans/year-two/activities/4/"
    note = StatusUpdate.objects.get()
    assert [note.kind, note.status, note.agency.code, note.what_happened] == ["note", "", "police", "We can help."]
    found = Activity.objects.with_latest_update().with_freshness(december, timezone.localdate()).get(number=4)
    assert [found.status, found.last_update_at, found.freshness] == ["no_update", None, "never"]


@pytest.mark.parametrize(("number", "status"), [(4, 200), (13, 200), (1, 403), (12, 403)])
def test_note_is_for_agencies_that_support(police_updater, year_two, number, status):
    assert police_updater.get(note_on(number)).status_code == status


def test_blank_note_is_refused(police_updater, december):
    page = police_updater.post(note_on(4), {"agency": agency("police").pk, "text": "  "})
    assert page.context["form"].errors["text"]
    with pytest.raises(ValidationError):
        add_note(activity=activity(4), by=police_updater.user, agency=agency("police"), text=" ")
    assert StatusUpdate.objects.count() == 0


# The activity's page


def test_activity_shows_where_each_lead_stands(police_updater, make_updater, december):
    other = make_updater("updater@ot.example", "Oranga Tamariki updater", "oranga-tamariki")
    for client, status in ((police_updater, "on_track"), (other, "at_risk"), (police_updater, "complete")):
        latest = StatusUpdate.objects.values_list("pk", flat=True).first()
        said = {"what_happened": "Said.", "no_evidence_reason": "It was handed over in person."}
        client.post(update_of(8), {"status": status, "seen": latest or "", **said})
    page = police_updater.get("/plans/year-two/activities/8/").context["page"]
    assert [(one.agency.code, one.status) for one in page.positions] == [
        ("police", "complete"),
        ("oranga-tamariki", "at_risk"),
    ]


@pytest.mark.parametrize(
    ("who", "number", "links"),
    [
        ("police_updater", 1, ["update"]),
        ("police_updater", 4, ["note"]),
        ("police_updater", 12, []),
        ("reader", 1, []),
        ("visitor", 1, []),
        ("programme_admin", 4, ["update", "note"]),
    ],
)
def test_activity_offers_what_the_person_may_do(request, year_two, who, number, links):
    client = request.getfixturevalue(who)
    text = client.get(f"/plans/year-two/activities/{number}/").content.decode()
    assert [name for name in ("update", "note") if f'/activities/{number}/{name}/"' in text] == links
