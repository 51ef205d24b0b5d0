"""The cases are checked against the small plan of the checks."""

from tests.spreadsheets.checking.conftest import check, importing_admin, small_plan

__all__ = ["check", "importing_admin", "small_plan"]
