"""Calendar feeds: addresses at which a person's calendar program finds what is due."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.choices import FeedKind
from plans.models.plan import Plan
from plans.querysets import CalendarFeedQuerySet
from plans.secret_links import ID_LENGTH


class CalendarFeed(models.Model):
    """A feed of one person, named by them. The row alone opens nothing: see `plans.actions.calendar_feeds`.

    `query` says which activities, as addresses of lists do: blank for one's own, `agency=police` for those of an
    agency. `content_version` is what the calendar was last made of, `content_tag` and `content_changed_at` what it then
    was: by them a feed in which nothing has changed is answered without being made again.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=FeedKind.choices)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="calendar_feeds", null=True, blank=True)
    query = models.CharField(max_length=2000, blank=True)
    public_id = models.CharField(max_length=ID_LENGTH, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, blank=True, editable=False)
    last_read_at = models.DateTimeField("last read", null=True, blank=True, editable=False)
    content_version = models.CharField(max_length=64, blank=True, editable=False)
    content_tag = models.CharField(max_length=64, blank=True, editable=False)
    content_changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="calendarfeed_has_name",
                violation_error_message="Enter a name for the feed.",
            ),
            models.CheckConstraint(
                condition=Q(kind=FeedKind.MINE, plan=None, query="")
                | Q(kind=FeedKind.AGENCY, plan__isnull=False) & ~Q(query="")
                | Q(kind=FeedKind.VIEW, plan__isnull=False),
                name="calendarfeed_says_of_what",
                violation_error_message="A feed is of one's own dates, an agency's in a plan, or a list's in a plan.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: raises `TypeError`."""
        raise TypeError("A feed is revoked, never deleted.")
