"""Rows of other models, by name: querysets stand under the models."""

from django.apps import apps


def rows(model_name):
    """All rows of a model of this app, as a queryset in its own vocabulary."""
    return apps.get_model("plans", model_name)._default_manager.all()
