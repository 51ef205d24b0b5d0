"""A plan at two moments, compared: `snapshot.py` reads what is compared, `activities.py` says what is different."""

from plans.summaries.comparison.activities import ComparedActivity, Comparison, compare_snapshots
from plans.summaries.comparison.snapshot import Snapshot, read_snapshot, snapshot_at

__all__ = ["ComparedActivity", "Comparison", "Snapshot", "compare_snapshots", "read_snapshot", "snapshot_at"]
