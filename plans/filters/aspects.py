"""The filters of a page about one aspect of activities, such as their due dates: what such pages have in common."""

from plans.filters.activities import FACETS, ActivityFilter


class AspectFilter(ActivityFilter):
    """The filters of the list for a page that shows it ungrouped, and offers one agency and its own filter, `aspect`.

    `aspect` is one of `FACETS`, which such a page shows by itself instead of as a chip.
    """

    aspect: str
    group = None  # type: ignore[assignment]  # so does django-filter leave out what it would inherit
    view = None  # type: ignore[assignment]  # likewise

    @property
    def agency_code(self):
        """The code of the first agency that was asked for, in lower case; blank for none."""
        return next(iter(self.chosen["agency"]), "")

    @property
    def kept_beside_agency(self):
        """What the choice of an agency leaves as it is, as [(name, value)]."""
        return self.kept_beside("agency")

    @property
    def other_chips(self):
        """What else was asked for, each with the query string that takes it off."""
        return self._chips_of([name for name in FACETS if name != self.aspect])
