"""The first history entry of rows that were put into the database without one, as loading a fixture does."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet
from simple_history.utils import get_m2m_field_name

ROWS_AT_ONCE = 1_000


def models_with_history() -> list[Any]:
    """Return the models whose changes are kept, as a list."""
    return [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]


def without_history(model: Any) -> QuerySet:
    """Return the rows of `model` that have no history entry at all, as a queryset."""
    entries = model.history.filter(**{model._meta.pk.attname: OuterRef("pk")})
    return model._default_manager.filter(~Exists(entries)).order_by("pk")


def models_that_lack_history() -> list[Any]:
    """Return the models of which a row has no history entry. One query for each model whose changes are kept."""
    return [model for model in models_with_history() if without_history(model).exists()]


def record_first_history(reason: str) -> dict[Any, int]:
    """Give each row without history its first entry, as it is now; return {model: how many}. Idempotent.

    Writes a thousand rows at a time, each with one query to find them and one to write; call it inside a transaction
    to have all or none.
    """
    recorded: dict[Any, int] = {}
    for model in models_with_history():
        # Those that are done drop out of the queryset, so each turn takes the next ones.
        while rows := list(without_history(model)[:ROWS_AT_ONCE]):
            entries = model.history.bulk_history_create(rows, default_change_reason=reason)
            _record_links(model, rows, entries)
            recorded[model] = recorded.get(model, 0) + len(rows)
    return recorded


def _record_links(model: Any, rows: Sequence[Any], entries: Sequence[Any]) -> None:
    """Record what many-to-many fields hold, such as the members of a group, with the entry of each row."""
    entry_of = dict(zip((row.pk for row in rows), entries, strict=True))
    for field in model.history.model._history_m2m_fields:  # noqa: SLF001 - simple-history has no public list of them
        through, historical = field.remote_field.through, getattr(model.history.model, field.name).model
        owner = get_m2m_field_name(field)
        links = through._default_manager.filter(**{f"{owner}__in": entry_of})
        copied = [one.attname for one in through._meta.concrete_fields]
        historical.objects.bulk_create(
            historical(history=entry_of[getattr(link, f"{owner}_id")], **{name: getattr(link, name) for name in copied})
            for link in links
        )
