"""Histories that are looked up by row and moment, which is how a plan is seen as at an earlier day."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class IndexedRecords(HistoricalRecords):
    """The history of a model of many rows: the version of a row that was in force at a moment is found by an index."""

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        """Return what the history model's `Meta` says."""
        name = f"{model._meta.model_name}_versions"
        return {**super().get_meta_options(model), "indexes": [models.Index(fields=["id", "history_date"], name=name)]}
