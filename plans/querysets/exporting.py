"""Activities as rows of values, with all that hangs on one in its own row: what files of many thousands are made of."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Case, F, Func, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.sql.compiler import SQLCompiler

from plans.choices import Role
from plans.querysets.subqueries import rows


class InOneText(Subquery):
    """All rows of a subquery of one column, called `part`, in their order: what stands between the brackets of a list.

    It is blank or None when there are no rows.
    """

    output_field = TextField()
    # SQLite goes through a subquery in its order, and takes an order of the function's own only since 3.44.
    template = "(SELECT group_concat(part) FROM (%(subquery)s))"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, Any]:
        """Take the rows as an array, which PostgreSQL makes in their order."""
        return self.as_sql(compiler, connection, template="array_to_string(ARRAY(%(subquery)s), ',')", **extra)  # type: ignore[call-arg]  # Subquery has it


class ListOf(Func):
    """Columns as a list in JSON. Django's own asks SQLite first whether it knows JSON, in three queries a process."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, Any]:
        """Say it as PostgreSQL does."""
        return self.as_sql(compiler, connection, function="json_build_array", **extra)


def as_rows(activities: Any, names: Iterable[str], *, with_update_ids: bool) -> QuerySet:
    """Return `activities` as tuples of their id, what is called `names`, and `last_update_id`, as a queryset.

    `names` are columns of the activity, what it is annotated with, `agencies_in_order`, `items_in_order` and
    `evidence_in_order`.
    `last_update_id` is None unless it is wanted. Wants `with_latest_update()` and a freshness. Areas and agencies
    stand there by id, since joining their names to each row takes the database a third longer. `agencies_in_order` are
    the ids of agencies that lead and, below zero, of those that support; `items_in_order` are [text, footnote] in
    JSON, and `evidence_in_order` [address, label] of the links that count; all are lists without their brackets. One
    query.
    """
    links = rows("ActivityAgency").filter(activity=OuterRef("pk")).order_by("role", "position", "pk")
    signed = Case(When(role=Role.LEAD, then=F("agency")), default=-F("agency"))
    items = rows("SubActivity").in_force().filter(activity=OuterRef("pk")).order_by("position", "pk")
    links_to_evidence = rows("EvidenceLink").standing().filter(activity=OuterRef("pk")).order_by("made_at", "pk")
    nothing = {"last_update_id": Value(None, BigIntegerField())}
    found = activities.with_latest_update_id() if with_update_ids else activities.annotate(**nothing)
    found = found.annotate(
        agencies_in_order=InOneText(links.annotate(part=signed).values("part")),
        items_in_order=InOneText(items.annotate(part=ListOf("text", "footnote")).values("part")),
        evidence_in_order=InOneText(links_to_evidence.annotate(part=ListOf("address", "label")).values("part")),
    )
    return found.prefetch_related(None).values_list("pk", *names, "last_update_id")
