"""The one app of the tracker."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Inter-agency action plans: what they say, who leads what, and how it is going."""

    name = "plans"
    verbose_name = "Action plans"

    def ready(self):
        """Begin the audit trail."""
        from plans import audit  # noqa: PLC0415 - it needs the models, which are loaded by now

        audit.connect()
