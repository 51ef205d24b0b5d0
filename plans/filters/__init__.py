"""The filters of lists: binding and validating what people ask for, and what each choice would leave."""

from plans.filters.activities import ActivityFilter

__all__ = ["ActivityFilter"]
