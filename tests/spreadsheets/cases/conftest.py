"""The cases are checked against the small plan of the checks."""

from tests.spreadsheets.checking.conftest import check, importing_admin, small_plan, small_plan_of_module

__all__ = ["check", "importing_admin", "small_plan", "small_plan_of_module"]
