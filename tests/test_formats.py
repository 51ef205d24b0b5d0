"""Dates as people write and read them."""

from datetime import UTC, date, datetime

import pytest
from django.forms import DateField
from django.utils.formats import date_format
from django.utils.timezone import localtime

from plans.models import Plan


@pytest.mark.parametrize("written", ["1/7/2024", "01/07/2024", "1/7/24", "2024-07-01", "1 July 2024", "1 Jul 2024"])
def test_date_is_read_with_the_day_first(written):
    assert DateField().clean(written) == date(2024, 7, 1)


def test_date_is_written_as_new_zealand_writes_it():
    assert date_format(date(2024, 7, 1)) == "1 July 2024"


@pytest.mark.parametrize(("hour", "words"), [(0, "12:10 am"), (9, "9:10 am"), (12, "12:10 pm"), (14, "2:10 pm")])
def test_time_is_written_without_full_stops(hour, words):
    moment = datetime(2024, 7, 1, hour, 10, tzinfo=UTC)

    assert date_format(moment, "TIME_FORMAT") == words
    assert date_format(moment, "DATETIME_FORMAT") == f"1 July 2024, {words}"
    assert date_format(moment, "P") == words


def test_admin_writes_times_as_the_pages_do(programme_admin):
    plan = Plan.objects.create(slug="plan", name="Plan", short_name="Plan")
    page = programme_admin.get(f"/admin/plans/plan/{plan.pk}/history/").text

    assert ".m." not in page
    assert date_format(localtime(plan.history.get().history_date), "DATETIME_FORMAT") in page
