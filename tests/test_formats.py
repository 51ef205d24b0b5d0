"""Dates as people write and read them."""

from datetime import date

import pytest
from django.forms import DateField
from django.utils.formats import date_format


@pytest.mark.parametrize("written", ["1/7/2024", "01/07/2024", "1/7/24", "2024-07-01", "1 July 2024", "1 Jul 2024"])
def test_date_is_read_with_the_day_first(written):
    assert DateField().clean(written) == date(2024, 7, 1)


def test_date_is_written_as_new_zealand_writes_it():
    assert date_format(date(2024, 7, 1)) == "1 July 2024"
