"""Imports that meet each other, and people who report: real transactions, on connections of their own."""

import pytest
from django.utils import timezone

from plans.actions import record_update
from plans.models import Activity, Agency, Plan, ReportingRound, StatusUpdate
from plans.spreadsheets.importing import workflow
from tests.test_merging import own_file  # noqa: F401
from tests.test_updates_at_once import at_once
from tests.year_two import load_year_two


@pytest.fixture
def bring_together(own_file, django_user_model):  # noqa: F811
    """Keeps and checks files of these lines, one each; answers what imports each of them."""
    load_year_two()
    plan = Plan.objects.get(slug="year-two")
    admin = django_user_model.objects.create_superuser("admin@programme.example")
    today = timezone.localdate()
    ReportingRound.objects.create(plan=plan, name="December quarter", opened_on=today, due_on=today)

    def bring(*files):
        sources = [
            workflow.keep_file(plan, "\n".join(lines).encode(), "plan.csv", by=admin, scope="plan") for lines in files
        ]
        for source in sources:
            workflow.run_check(source)
        return sources, admin

    return bring


def apply(source, by):
    """Answer a function that imports it, as another process would."""
    again = type(source).objects.get(pk=source.pk)
    return lambda: workflow.run_apply(again, by)


def states(sources):
    for source in sources:
        source.refresh_from_db()
    return [source.state for source in sources]


def test_import_that_is_started_twice_at_once_is_made_once(bring_together):
    (source,), admin = bring_together(["Number,Status", "1,On track"])
    at_once(apply(source, admin), apply(source, admin))
    assert (states([source]), StatusUpdate.objects.count()) == (["applied"], 1)


def test_of_two_imports_of_the_same_cell_at_once_the_second_is_shown_again(bring_together):
    sources, admin = bring_together(["Number,Activity", "1,Mine"], ["Number,Activity", "1,Yours"])
    at_once(*(apply(source, admin) for source in sources))
    assert sorted(states(sources)) == ["applied", "checked"]
    late = next(source for source in sources if source.state == "checked")
    assert late.problem == workflow.CHANGED_SINCE
    assert late.rows.get(row=2).changes[0]["old"] == Activity.objects.get(number=1).title


def test_two_imports_of_different_cells_at_once_are_both_made(bring_together):
    sources, admin = bring_together(["Number,Activity", "1,Mine"], ["Number,Status", "1,On track"])
    at_once(*(apply(source, admin) for source in sources))
    one = Activity.objects.get(number=1)
    assert states(sources) == ["applied", "applied"]
    assert (one.title, one.status) == ("Mine", "on_track")


def test_import_and_reports_at_once_are_all_kept(bring_together):
    lines = ["Number,Status", *(f"{number},Not started" for number in range(1, 16))]
    (source,), admin = bring_together(lines)

    def report(number):
        police = Agency.objects.get(code="police")
        activity = Activity.objects.get(number=number)
        return lambda: record_update(activity=activity, by=admin, status="on_track", agency=police)

    at_once(apply(source, admin), report(15), report(1))
    assert StatusUpdate.objects.reports().count() == 2
    # Whichever came first: the import is made, or it found the plan changed and says so.
    (state,) = states([source])
    assert StatusUpdate.objects.filter(kind="set").count() == (15 if state == "applied" else 0)
    assert state in ("applied", "checked")
    latest = {number: Activity.objects.get(number=number).updates.first().status for number in (1, 15)}
    assert latest == {number: Activity.objects.get(number=number).status for number in (1, 15)}
