"""A column that holds other columns of its own row as folded text."""

from django.db import models

from plans.text import fold


class FoldedTextField(models.TextField):
    """Folded text of the row's `sources`, refreshed on every save, for searching and for uniqueness.

    It is computed from the row alone, so it cannot go stale when another row changes.
    A fixture must carry the value, since loading one saves rows as they are.
    """

    def __init__(self, *args, sources=(), **kwargs):
        self.sources = tuple(sources)
        kwargs["editable"] = False
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        """Answer what a migration needs to make this field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable")
        return name, path, args, {**kwargs, "sources": self.sources}

    def pre_save(self, model_instance, add):
        """Answer the folded text of the sources, and put it on the row."""
        text = fold(" ".join(getattr(model_instance, source) for source in self.sources))
        setattr(model_instance, self.attname, text)
        return text
