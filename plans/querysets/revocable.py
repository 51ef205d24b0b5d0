"""What opens something to whoever has it, and can be ended: it stays in the database and opens nothing any more."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

if TYPE_CHECKING:
    from plans.models import User


class RevocableQuerySet(QuerySet):
    """Rows that say when they were ended, and by whom."""

    def revoke(self, *, by: "User") -> list[Any]:
        """End those that are live, and return them as they were, with what was asked for beside. Two queries.

        Call it in a transaction: they are locked, so that of two who end one at once the second ends nothing.
        """
        live = list(self.filter(revoked_at=None).select_for_update(of=("self",)))
        ended = self.model.objects.filter(pk__in=[one.pk for one in live])
        ended.update(revoked_at=timezone.now(), revoked_by=by)
        return live
