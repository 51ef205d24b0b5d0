"""Activities that end: what they owe no longer, who may say so, and how they are brought back."""

from datetime import date, timedelta
from importlib import import_module
from itertools import product

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from plans.actions import bring_back, edit_activity, end_activity, restore_version, withdraw
from plans.choices import Ending, Freshness, RoundStatus, Status
from plans.models import Activity, Plan, ReportingRound, SubActivity
from plans.summaries.record.versions import version_at
from plans.summaries.rounds import summarise_round
from plans.summaries.slip_ledger import read_ledger
from tests.test_editing import colleague  # noqa: F401
from tests.views.conftest import make_activity, make_plan, open_reading, report, see, year_two  # noqa: F401

JUNE = date(2024, 6, 30)
STOPPED = {"ending": Ending.STOPPED.value, "ended_on": JUNE, "ending_note": "Not funded"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(programme_admin):
    return programme_admin.user


@pytest.fixture
def every_way(make_plan, report):  # noqa: F811
    """An activity of Police for each status, open and stopped, reported on never, before the round, and in it."""
    plan, today = make_plan("every-way", 0), timezone.localdate()
    opened = {"opened_on": today - timedelta(days=60), "due_on": today - timedelta(days=3)}
    current = ReportingRound.objects.create(plan=plan, name="December quarter", **opened)
    ways = list(product(Status, ({}, STOPPED), ("never", "before", "now")))
    for number, (status, ended, reported) in enumerate(ways, start=1):
        activity = make_activity(plan, number, due_on=today - timedelta(days=1))
        if reported != "never":
            report(activity, **({"round": current} if reported == "now" else {}))
        Activity.objects.filter(pk=activity.pk).update(status=status, **ended)
    return plan


def test_query_and_row_agree_on_which_owe_updates(every_way):
    activities = every_way.activities.all()
    assert set(activities.owes_updates()) == {one for one in activities if one.owes_updates}
    assert set(activities.going_on()) == {one for one in activities if not one.has_ended}
    assert set(activities.ended()) == {one for one in activities if one.has_ended}
    assert {(one.status, one.ending) for one in activities.owes_updates()} == {
        (status, "") for status in Status if status != Status.COMPLETE
    }
    assert {(one.status, one.ending) for one in activities.to_end()} == {(Status.COMPLETE, "")}


def test_ended_activity_is_in_no_outstanding_list(every_way, police_updater):
    ended = set(every_way.activities.ended().values_list("number", flat=True))
    today, current = timezone.localdate(), every_way.rounds.get()
    judged = every_way.activities.with_freshness(current, today)
    between = every_way.activities.with_freshness(None, today)
    person = police_updater.user
    outstanding = {
        "owing": every_way.activities.owing_update(),
        "freshness": judged.exclude(freshness=Freshness.CURRENT),
        "between rounds": between.exclude(freshness=Freshness.CURRENT),
        "own round": every_way.activities.with_own_freshness(today).exclude(freshness=Freshness.CURRENT),
        "attention": judged.filter(attention="any"),
        "first": judged.needing_attention(100, is_late=True, on=today),
        "late": judged.filter(due_state="late"),
    }
    found = {name: set(rows.values_list("number", flat=True)) for name, rows in outstanding.items()}
    report_rows = summarise_round(current).rows
    found["round"] = {row.number for row in report_rows if row.round_status == RoundStatus.TO_COME}
    found["ledger"] = {one.number for one in read_ledger(every_way, every_way.activities.all(), today) if one.state}
    assert [name for name, numbers in found.items() if numbers & ended or not numbers] == []
    menu = Plan.objects.filter(pk=every_way.pk).with_menu_counts(person.pk).get()
    assert menu.due_count == len(found["owing"]) == len(found["round"])


def test_end_says_how_when_and_why_and_is_written_once(year_two, admin):  # noqa: F811
    activity = Activity.objects.get(number=2)
    said = {"ending": Ending.DELIVERED, "ended_on": JUNE, "note": "All of it is done"}
    for _ in range(2):
        end_activity(activity=activity, by=admin, reason="Activity ended", **said)
    saved = Activity.objects.get(number=2)
    assert (saved.ending, saved.ended_on, saved.ending_note) == ("delivered", JUNE, "All of it is done")
    [record] = saved.history.filter(history_change_reason="Activity ended")
    assert (record.ending, record.history_user) == ("delivered", admin)


def test_bring_back_has_it_go_on_whether_it_ended_or_was_withdrawn(year_two, admin):  # noqa: F811
    activity = Activity.objects.get(number=2)
    end_activity(activity=activity, by=admin, ending=Ending.STOPPED, ended_on=JUNE, note="No funds", reason="Ended")
    withdraw(activity=activity, by=admin, on=JUNE)
    bring_back(activity=activity, by=admin, reason="Funded again")
    bring_back(activity=activity, by=admin, reason="Twice")
    saved = Activity.objects.get(number=2)
    assert (saved.withdrawn_on, saved.ending, saved.ended_on, saved.ending_note) == (None, "", None, "")
    assert list(saved.history.values_list("history_change_reason", flat=True)[:2]) == ["Funded again", "Withdrawn"]


def test_migration_has_what_was_withdrawn_stopped_for_the_reason_given(year_two, admin):  # noqa: F811
    def written(number):
        return Activity.objects.get(number=number), list(
            Activity.history.filter(number=number).order_by("history_id").values_list("ending", "ending_note")
        )

    for number, reason in [(2, "Not funded"), (3, "Undo of import 7 of plan.xlsx"), (4, "")]:
        withdraw(activity=Activity.objects.get(number=number), by=admin, on=JUNE, reason=reason)
    Activity.objects.get(number=2).save()
    migration = import_module("plans.migrations.0024_endings")
    migration.end_what_was_withdrawn(apps, connection.SchemaEditorClass(connection))
    stopped, records = written(2)
    assert (stopped.ending, stopped.ended_on, stopped.ending_note) == ("stopped", JUNE, "Not funded")
    assert records[-1] == ("stopped", "Not funded")
    undone, records = written(3)
    assert (undone.ending, undone.ended_on, records[-1]) == ("", None, ("", ""))
    assert written(4)[0].ending_note == "Withdrawn"
    assert Activity.objects.ended().count() == 2


AT = "/plans/year-two/activities/{}/{}/"
PAGE = AT.format(2, "end").removesuffix("end/")


def said(number=2):
    return Activity.objects.values_list("ending", "ended_on", "ending_note").get(number=number)


def fields(response):
    names = ("ending", "ended_on", "ending_note", "version")
    return {name: response.context["form"][name].value() or "" for name in names}


def send(client, seen, number=2, **values):
    return client.post(AT.format(number, "end"), {**seen, **values})


def test_page_ends_an_activity_which_stays_in_lists_with_how_it_ended(year_two, programme_admin, see):  # noqa: F811
    for text, done_on in [("Hold a hui", None), ("Write it down", JUNE)]:
        activity = Activity.objects.get(number=2)
        SubActivity.objects.create(activity=activity, text=text, is_done=bool(done_on), done_on=done_on)
    opened = programme_admin.get(see(PAGE, by=programme_admin).link("End"))
    assert [item.text for item in opened.context["undone"]] == ["Hold a hui"]
    assert "1 sub-activity is not done" in opened.content.decode()
    response = send(programme_admin, fields(opened), ending="carried_on", ended_on="2024-06-30", ending_note="Goes\non")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert said() == ("carried_on", JUNE, "Goes on")
    flag = "Ended: carried into another plan, 30 June 2024"
    assert flag in see(PAGE).text
    for shown_as in ("list", "table"):
        assert flag in see(f"/plans/year-two/activities/?view={shown_as}").text
    assert see(PAGE, by=programme_admin).link("Change") == AT.format(2, "end")


def test_page_suggests_delivered_where_the_leads_report_complete(year_two, programme_admin, see):  # noqa: F811
    assert fields(programme_admin.get(AT.format(2, "end")))["ending"] == ""
    Activity.objects.filter(number=2).update(status=Status.COMPLETE)
    page = see(PAGE, by=programme_admin)
    assert "The programme has not ended it yet." in page.text
    suggested = fields(programme_admin.get(page.link("End this activity")))
    assert suggested["ending"] == "delivered"
    assert send(programme_admin, suggested, ended_on="2024-06-30", ending_note="Done").status_code == 302
    assert said() == ("delivered", JUNE, "Done")
    assert "has not ended it" not in see(PAGE).text


@pytest.mark.parametrize(
    ("values", "name", "sentence"),
    [
        ({"ending": ""}, "ending", "Choose how it ended."),
        ({"ended_on": ""}, "ended_on", "Enter the day on which it ended."),
        ({"ended_on": "2999-01-01"}, "ended_on", "This day is in the future. Enter today or an earlier day."),
        ({"ending_note": " "}, "ending_note", "Enter a sentence about how it ended."),
    ],
)
def test_page_refuses_what_is_not_whole_and_keeps_what_was_typed(year_two, programme_admin, values, name, sentence):  # noqa: F811
    typed = {"ending": "stopped", "ended_on": "2024-06-30", "ending_note": "Not funded", **values}
    response = send(programme_admin, fields(programme_admin.get(AT.format(2, "end"))), **typed)
    assert response.status_code == 200
    assert response.context["form"].errors == {name: [sentence]}
    assert {key: response.context["form"][key].value() for key in typed} == typed
    assert said() == ("", None, "")


def test_two_people_who_end_it_otherwise_are_shown_both(year_two, programme_admin, colleague):  # noqa: F811
    seen = fields(programme_admin.get(AT.format(2, "end")))
    send(colleague, seen, ending="stopped", ended_on="2024-06-30", ending_note="Not funded")
    mine = {"ending": "delivered", "ended_on": "2024-06-30", "ending_note": "Done"}
    response = send(programme_admin, seen, **mine)
    assert (response.status_code, said()[0]) == (409, "stopped")
    assert [one.name for one in response.context["form"].conflicts] == ["ending", "ending_note"]
    send(programme_admin, fields(response))
    assert said() == ("delivered", JUNE, "Done")


def test_who_changes_an_ending_that_was_brought_back_meanwhile_is_asked_again(year_two, admin, programme_admin):  # noqa: F811
    activity = Activity.objects.get(number=2)
    end_activity(activity=activity, by=admin, ending=Ending.STOPPED, ended_on=JUNE, note="No funds", reason="Ended")
    seen = fields(programme_admin.get(AT.format(2, "end")))
    bring_back(activity=activity, by=admin, reason="Funded again")
    response = send(programme_admin, seen)
    assert (response.status_code, said()[0]) == (409, "")
    assert response.context["form"].errors["ending"] == ["Choose how it ended."]
    again = {"ending": "stopped", "ended_on": "2024-06-30", "ending_note": "Not funded"}
    assert send(programme_admin, fields(response) | again).status_code == 302
    assert said() == ("stopped", JUNE, "Not funded")


def test_bring_back_page_has_an_ended_activity_go_on_for_a_reason(year_two, admin, programme_admin, see):  # noqa: F811
    activity = Activity.objects.get(number=2)
    end_activity(activity=activity, by=admin, ending=Ending.STOPPED, ended_on=JUNE, note="No funds", reason="Ended")
    link = see(PAGE, by=programme_admin).link("Bring back")
    assert "Ended: stopped, 30 June 2024. “No funds”" in see(link, by=programme_admin).text
    assert programme_admin.post(link, {"reason": ""}).status_code == 200
    assert programme_admin.post(link, {"reason": "Funded again"}).status_code == 302
    assert said() == ("", None, "")
    assert Activity.history.first().history_change_reason == "Funded again"


def test_earlier_version_that_is_restored_had_not_ended(year_two, admin):  # noqa: F811
    activity = Activity.objects.get(number=2)
    activity.title = "Another title"
    edit_activity(activity=activity, by=admin, reason="Agreed", changed=["title"])
    before = timezone.now()
    end_activity(activity=activity, by=admin, ending=Ending.STOPPED, ended_on=JUNE, note="No funds", reason="Ended")
    ended = timezone.now()
    restore_version(activity=activity, version=version_at(activity, before), by=admin, reason="Went on", on=JUNE)
    assert said() == ("", None, "")
    restore_version(activity=activity, version=version_at(activity, ended), by=admin, reason="Ended", on=JUNE)
    assert said() == ("stopped", JUNE, "No funds")
