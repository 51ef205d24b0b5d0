"""A plan at two moments, compared: `snapshot.py` reads what is compared, `activities.py` says what is different."""

from plans.summaries.comparison.activities import ComparedActivity, Comparison, compare_snapshots
from plans.summaries.comparison.snapshot import Snapshot, snapshot_at

__all__ = ["ComparedActivity", "Comparison", "Snapshot", "compare_snapshots", "snapshot_at"]
