"""The filters of an export, which take what can be asked for from names that the file needs anyway."""

from functools import cached_property

from plans.filters.activities import ActivityFilter


class ExportFilter(ActivityFilter):
    """The filters of the list, in the same words, for files. `names` are `read_names()`. No query of its own.

    An agency that is not in the plan is known here, and leaves no activities.
    """

    def __init__(self, data, *, plan, on, names, has_checks=False):
        """Bind what was asked for, as the list does."""
        self.names = names
        super().__init__(data, plan=plan, on=on, has_checks=has_checks)

    @cached_property
    def parties(self):
        """All agencies, as far as filters ask for them."""
        return self.names

    @cached_property
    def focus_areas(self):
        """All focus areas: {slug: focus area}."""
        return {area.slug: area for area in self.names.focus_areas.values()}

    @cached_property
    def priority_areas(self):
        """All priority areas: {slug: priority area}."""
        return {area.slug: area for area in self.names.priority_areas.values()}
