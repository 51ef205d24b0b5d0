"""A year's plan and the areas that plans share."""

from datetime import date

import pytest

from plans.models import FocusArea, Plan, PriorityArea

pytestmark = pytest.mark.django_db


def make_plan(slug, **fields):
    return Plan.objects.create(slug=slug, name=slug, short_name=slug, **fields)


def test_plans_are_listed_current_first_then_newest_then_without_a_date():
    make_plan("unknown")
    make_plan("older", starts_on=date(2024, 7, 1))
    make_plan("newer", starts_on=date(2025, 7, 1))
    make_plan("current", starts_on=date(2023, 7, 1), is_current=True, is_published=True)
    assert [plan.slug for plan in Plan.objects.all()] == ["current", "newer", "older", "unknown"]


def test_current_plan_is_the_one_that_is_set():
    make_plan("newer", starts_on=date(2025, 7, 1))
    current = make_plan("current", starts_on=date(2024, 7, 1), is_current=True, is_published=True)
    assert Plan.objects.current() == current


def test_current_plan_is_the_newest_when_none_is_set():
    newest = make_plan("newest", starts_on=date(2025, 7, 1))
    make_plan("older", starts_on=date(2024, 7, 1))
    make_plan("unknown")
    assert Plan.objects.current() == newest


def test_current_plan_is_none_without_plans():
    assert Plan.objects.current() is None


def test_published_plans_leave_out_the_others():
    shown = make_plan("shown", is_published=True)
    make_plan("hidden")
    assert list(Plan.objects.published()) == [shown]


def test_plan_is_in_confidence_and_unpublished_unless_said_otherwise():
    plan = make_plan("new")
    assert (plan.marking, plan.is_published, plan.is_current) == ("in_confidence", False, False)


def test_focus_area_reads_as_printed_and_has_a_label_and_a_slug():
    area = FocusArea(code="SUPPLY", statement="Target supply")
    assert (str(area), area.label, area.slug) == ("SUPPLY: Target supply", "Supply", "supply")


def test_priority_area_reads_as_its_name():
    area = PriorityArea(code="P1", name="Enforcement activity")
    assert (str(area), area.label, area.slug) == ("Enforcement activity", "Enforcement activity", "p1")


def test_areas_are_listed_by_position_then_code():
    for code, position in [("C", 1), ("A", 2), ("B", 1)]:
        FocusArea.objects.create(code=code, position=position, statement=code)
    assert [area.code for area in FocusArea.objects.all()] == ["B", "C", "A"]


def test_area_is_found_by_its_code_in_either_case():
    area = PriorityArea.objects.create(code="P1", name="One")
    PriorityArea.objects.create(code="P10", name="Ten")
    assert list(PriorityArea.objects.coded("p1")) == [area]
