"""A column that holds other columns of its own row as folded text, and rows that have such columns."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import models

from plans.text import fold


class FoldedTextField(models.TextField):
    """Folded text of the row's `sources`, refreshed on every save, for searching and for uniqueness.

    It is computed from the row alone, so it cannot go stale when another row changes.
    A fixture must carry the value, since loading one saves rows as they are.
    """

    def __init__(self, *args: Any, sources: Iterable[str] = (), **kwargs: Any) -> None:
        """`sources` are the names of the columns that it holds, in order."""
        self.sources = tuple(sources)
        kwargs["editable"] = False
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Return what a migration needs to make this field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable")
        return name, path, args, {**kwargs, "sources": self.sources}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the folded text of the sources, and put it on the row."""
        text = fold(" ".join(getattr(model_instance, source) for source in self.sources))
        setattr(model_instance, self.attname, text)
        return text


class FoldedModel(models.Model):
    """A row that no two of may have the same folded text, which people are told before the database refuses it."""

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Raise `ValidationError` for a constraint that the row breaks, with its folded columns as they will be saved.

        Forms leave out what they do not show, so a folded column is validated whenever its sources are.
        """
        left_out = set(exclude or ())
        for field in self._meta.fields:
            if isinstance(field, FoldedTextField):
                if left_out & set(field.sources):
                    left_out.add(field.name)
                else:
                    field.pre_save(self, self._state.adding)
                    left_out.discard(field.name)
        super().validate_constraints(exclude=left_out)
