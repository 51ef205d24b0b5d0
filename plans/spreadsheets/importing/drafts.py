"""What one row of a spreadsheet says an activity should be."""

from dataclasses import dataclass
from datetime import date

from plans.choices import DescriptionState, Status
from plans.models import Agency, FocusArea, PriorityArea
from plans.spreadsheets.descriptions import Description


@dataclass(frozen=True)
class NewAgency:
    """An agency that an import adds, since the person said so: `code` is free and valid, and no agency has `name`."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What an agency reports in a row: the parts of `record_update`. `done` are sub-activities, [(id, day)]."""

    agency: Agency
    status: Status
    is_no_change: bool = False
    what_happened: str = ""
    whats_next: str = ""
    barrier: str = ""
    done: tuple[tuple[int, date], ...] = ()


@dataclass(slots=True)
class Draft:
    """The values that a row gives; None where it gives none, so that the activity keeps its own.

    What clears a value is blank, not None: "", `Description("")` or (). `leads` and `supports` may hold a `NewAgency`,
    the same object wherever the file names it. `is_brought_back` says that the activity is there, withdrawn, since
    the import that made it was undone; its draft gives everything that the row says, changed or not. `number` is
    the one that the file gives to an activity that is there.
    """

    focus_area: FocusArea | None = None
    priority_area: PriorityArea | None = None
    title: str | None = None
    description: Description | None = None
    leads: tuple[Agency | NewAgency, ...] | None = None
    supports: tuple[Agency | NewAgency, ...] | None = None
    description_state: DescriptionState | None = None
    status: Status | None = None
    report: ReportDraft | None = None
    is_brought_back: bool = False
    number: int | None = None

    @property
    def is_blank(self):
        """Whether there is nothing to write."""
        return self == Draft()
