"""Plans that cards are about."""

from tests.views.conftest import make_plan

__all__ = ["make_plan"]
