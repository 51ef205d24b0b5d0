"""Rows as they were at a moment."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.utils import DatabaseError

from plans.as_at import PlanNotThere, current, plan_as_at, rows, today
from plans.as_at.kept import KEPT, OF_TODAY, ByHistory, ByMoments
from plans.choices import Marking, Role, Status
from plans.models import Activity, ActivityAgency, Agency, AgencyAlias, Membership, Plan, ReportingRound, SubActivity
from plans.models.fields import FoldedTextField
from plans.permissions import Rights, agencies_of, can_update, rights_on
from plans.summaries import read_activity
from tests.as_at.conftest import as_at, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(clock, make_plan):
    """A plan of four activities, made at hour 0; the clock is at hour 2."""
    plan = make_plan("year-three", 4)
    clock(2)
    return plan


def first():
    return Activity.objects.get(number=1)


def save(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def models_of_plans():
    return [one for one in apps.get_app_config("plans").get_models() if not one.__name__.startswith("Historical")]


def test_each_model_says_how_its_rows_of_then_are_found_or_why_today_s_are_shown():
    """A new model comes into plans/as_at/kept.py: `KEPT`, or `OF_TODAY` with the reason."""
    assert {*KEPT, *OF_TODAY} == set(models_of_plans())
    assert not KEPT.keys() & OF_TODAY.keys()
    assert all(reason.endswith(".") for reason in OF_TODAY.values())


@pytest.mark.parametrize("model", [one for one, kept in KEPT.items() if isinstance(kept, ByHistory)])
def test_each_column_of_a_model_with_history_is_in_the_history_or_worked_out(model):
    tracked = {field.column for field in model.history.model.tracked_fields}
    own = {field.column for field in model._meta.concrete_fields if not isinstance(field, FoldedTextField)}
    assert own - tracked <= KEPT[model].worked_out.keys() <= own


@pytest.mark.parametrize("model", [one for one, kept in KEPT.items() if isinstance(kept, ByMoments)])
def test_columns_that_are_filled_later_are_columns_of_the_model(model):
    columns = {field.column for field in model._meta.concrete_fields}
    assert KEPT[model].later.keys() <= columns
    assert all(some.keys() <= columns for some in KEPT[model].later.values())


def test_a_changed_row_is_as_it_was_and_found_by_the_words_of_then(plan):
    save(first(), title="Whakamutunga", status=Status.COMPLETE)

    with plan_as_at(plan.pk, as_at(1)):
        then = first()
        assert (then.title, then.status) == ("Title 1", Status.NO_UPDATE)
        assert Activity.objects.filter(search_text__contains="title 1").get() == then
        assert not Activity.objects.filter(search_text__contains="whakamutunga").exists()

    assert first().title == "Whakamutunga"


@pytest.mark.parametrize("few", [rows.FEW, 0])
def test_what_came_later_is_not_there_and_what_was_removed_since_is(plan, monkeypatch, few):
    """Whether changes since are few, and looked up by their moment, or many."""
    monkeypatch.setattr(rows, "FEW", few)
    ActivityAgency.objects.get(activity=first(), role=Role.SUPPORT).delete()
    agency = Agency.objects.create(code="new", name="New")
    AgencyAlias.objects.create(agency=agency, alias="Newer")
    SubActivity.objects.create(activity=first(), position=2, text="Second")
    save(Activity.objects.get(number=2), withdrawn_on="2026-07-01")

    with plan_as_at(plan.pk, as_at(1)):
        assert [link.agency.name for link in first().agency_links.all()] == ["Police", "MSD"]
        assert not Agency.objects.filter(code="new").exists()
        assert not AgencyAlias.objects.exists()
        assert first().sub_activities.count() == 1
        assert Activity.objects.in_force().count() == 4
    with plan_as_at(plan.pk, as_at(2)):
        assert Agency.objects.filter(code="new").exists()
        assert Activity.objects.in_force().count() == 3


def test_tables_are_made_when_they_are_asked_for(plan, django_assert_num_queries):
    save(first(), title="Later")
    with plan_as_at(plan.pk, as_at(1)):
        # It is made, filled with what has not changed and with what has, folded and indexed, and then asked.
        with django_assert_num_queries(7):
            assert first().title == "Title 1"
        with django_assert_num_queries(1):
            assert first().title == "Title 1"


def test_groups_have_the_members_of_then(plan, clock):
    group = Agency.objects.create(code="all", name="All", kind="group")
    group.members.add(Agency.objects.get(code="police"))
    clock(4)
    group.members.set([Agency.objects.get(code="msd")])

    with plan_as_at(plan.pk, as_at(3)):
        assert [one.code for one in Agency.objects.get(code="all").members.all()] == ["police"]


def test_whoever_reported_for_an_agency_then_is_known_and_has_no_right_by_it(plan, clock, make_user):
    person = make_user("updater@police.example", name="Police updater")
    membership = Membership.objects.create(user=person, agency=Agency.objects.get(code="police"))
    clock(4)
    save(membership, ended_at=moment(4))

    with plan_as_at(plan.pk, as_at(3)):
        assert Membership.objects.active().get() == membership
        assert not agencies_of(person).exists()
        assert not can_update(person, first())
        assert rights_on(person, first()) == Rights()


def test_a_closed_round_is_open_before_and_has_no_report_then(plan, clock, make_user):
    opened = ReportingRound.objects.create(plan=plan, name="September", opened_on="2026-07-01", due_on="2026-09-30")
    clock(4)
    save(opened, closed_at="2026-07-01T05:00Z", closed_by=make_user("a@example.govt.nz"), closing_report={"a": 1})

    with plan_as_at(plan.pk, as_at(3)):
        then = ReportingRound.objects.get()
        assert (then.is_open, then.closing_report) == (True, {})
    with plan_as_at(plan.pk, as_at(4)):
        assert ReportingRound.objects.get().closing_report == {"a": 1}


def test_the_history_ends_then(plan):
    save(first(), title="Later")
    with plan_as_at(plan.pk, as_at(1)):
        assert {one.title for one in first().history.all()} == {"Title 1"}


def test_a_plan_that_is_or_was_a_draft_is_there_for_those_who_see_drafts(plan, clock):
    save(plan, is_published=False)
    clock(4)
    save(plan, is_published=True)
    clock(6)
    assert seen(plan, 1) == (True, "in_confidence")
    with pytest.raises(PlanNotThere, match="published"), plan_as_at(plan.pk, as_at(3)):
        pass
    with plan_as_at(plan.pk, as_at(3), may_see_drafts=True):
        assert Plan.objects.get().is_published

    save(plan, is_published=False)
    with pytest.raises(PlanNotThere, match="published"), plan_as_at(plan.pk, as_at(1)):
        pass


def seen(plan, hours):
    with plan_as_at(plan.pk, as_at(hours)):
        then = Plan.objects.get()
        return then.is_published, then.marking


def test_a_plan_is_marked_as_strictly_as_it_is_now_and_as_it_was(plan, clock):
    save(plan, marking=Marking.UNCLASSIFIED)
    clock(4)
    assert seen(plan, 1) == (True, "in_confidence")
    assert seen(plan, 3) == (True, "unclassified")
    save(plan, marking=Marking.IN_CONFIDENCE)
    assert seen(plan, 3) == (True, "in_confidence")


def test_before_the_plan_was_made_there_is_nothing(plan):
    with pytest.raises(PlanNotThere), plan_as_at(plan.pk, as_at(-1)):
        pass
    assert current() is None


def test_the_day_is_that_of_the_moment_and_nothing_is_left_afterwards(plan):
    save(first(), title="Later")
    with plan_as_at(plan.pk, as_at(1)):
        assert today().isoformat() == "2026-07-01"
    with pytest.raises(ZeroDivisionError), plan_as_at(plan.pk, as_at(1)):
        first().pk / 0
    assert current() is None
    assert first().title == "Later"
    save(first(), title="Written again")
    assert first().title == "Written again"


def test_nothing_can_be_written(plan):
    with pytest.raises(DatabaseError), plan_as_at(plan.pk, as_at(1)):
        Plan.objects.filter(pk=plan.pk).update(name="Other")
    assert Plan.objects.get().name == plan.name


def test_nothing_of_the_tables_of_today_can_be_written_either(plan, make_user):
    with pytest.raises(DatabaseError), plan_as_at(plan.pk, as_at(1)):
        make_user("new@example.govt.nz")


def test_kept_statements_find_the_rows_of_then_each_time(plan, tricks_on):
    """The server keeps a statement that is asked again, and the tables that it was about."""
    save(first(), title="Later")
    with connection.cursor() as cursor:
        # With one that stays, PostgreSQL does not look again by itself.
        cursor.execute("CREATE TEMPORARY TABLE other (id integer)")
    for _ in range(3):
        assert {title_on_the_page(plan) for _ in range(4)} == {"Later"}
        with plan_as_at(plan.pk, as_at(1)):
            assert {title_on_the_page(plan) for _ in range(4)} == {"Title 1"}


def title_on_the_page(plan):
    return read_activity(plan, 1, today()).activity.title


def test_the_plan_bears_a_cursor_that_is_not_read_to_its_end(plan):
    with plan_as_at(plan.pk, as_at(1)):
        assert next(Activity.objects.iterator(chunk_size=1)).number == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM plans_activity")
        assert cursor.fetchone() == (4,)
