"""Rows of other models, by name, since querysets stand under the models; and ways to go through few of many."""

from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.sql.compiler import SQLCompiler


def rows(model_name: str) -> Any:
    """Return all rows of a model of this app, as a queryset in its own vocabulary."""
    return apps.get_model("plans", model_name)._default_manager.all()


class EachOf(Subquery):
    """The values of a subquery of one column, to be looked for by index, one by one.

    Left to itself, PostgreSQL would rather read the whole other table once, of all plans; it does not guess how many
    values an array will have.
    """

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Put them into an array first."""
        return self.as_sql(compiler, connection, template="(SELECT unnest(ARRAY(%(subquery)s)))")  # type: ignore[call-arg]  # Subquery has it


class ExistsOneByOne(Exists):
    """Whether there is such a row, looked for by index for each activity.

    Left to itself, PostgreSQL would rather read the whole table once, of all plans; an offset, even of nothing,
    keeps it from that.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


def linked(**conditions: Any) -> ExistsOneByOne:
    """Return whether the outer activity has a link with an agency that meets the conditions."""
    return ExistsOneByOne(rows("ActivityAgency").filter(activity=OuterRef("pk"), **conditions))
