"""The plans that the tests of pages have, too."""

from tests.views.conftest import make_plan, open_reading, see, year_two

__all__ = ["make_plan", "open_reading", "see", "year_two"]
