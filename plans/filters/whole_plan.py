"""What stands for the filters of a list that has none: all of the plan."""

from dataclasses import dataclass
from typing import Any, ClassVar

from plans.models import Plan


@dataclass(frozen=True)
class WholePlan:
    """The rows of a list of the whole plan, and what its files say of it and are called after."""

    plan: Plan
    rows: Any
    label: str
    form: ClassVar[None] = None
    query: ClassVar[str] = ""
    said: ClassVar[list[tuple[str, str]]] = []

    @property
    def file_labels(self) -> list[str]:
        """What the name of the file says."""
        return [self.label]

    def is_valid(self) -> bool:
        """Return that nothing was asked for that cannot be."""
        return True
