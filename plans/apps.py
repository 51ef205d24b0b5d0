"""The one app of the tracker."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate


class PlansConfig(AppConfig):
    """Inter-agency action plans: what they say, who leads what, and how it is going."""

    name = "plans"
    verbose_name = "Action plans"
    default = True

    def ready(self):
        """Begin the audit trail, check settings, and have the database keep its data version and no lock for ever."""
        from plans import audit, checks, lock_timeout, sessions  # noqa: PLC0415 - they need the models, which are loaded by now

        # What is sent by the outbox: importing these adds their kinds of message.
        from plans.actions import (  # noqa: PLC0415
            daily_mail,  # noqa: F401
            second_step,
            sign_in_links,  # noqa: F401
            token_endings,  # noqa: F401
            update_receipts,  # noqa: F401
        )
        from plans.fast.data_version import keep_data_version  # noqa: PLC0415
        from plans.models.agency_names import drop_triggers_of_sqlite, keep_agency_names  # noqa: PLC0415
        from plans.models.issued_packs import drop_guards_of_sqlite, keep_issued_packs  # noqa: PLC0415
        from plans.site_checks import check_sender, check_site  # noqa: PLC0415
        from plans.webhooks import events  # noqa: F401, PLC0415

        audit.connect()
        sessions.connect()
        second_step.connect()
        lock_timeout.connect()
        register(checks.check_site_url, deploy=True)
        register(checks.check_debug)
        register(checks.check_first_history, Tags.database)
        register(check_sender, deploy=True)
        register(check_site, Tags.database, deploy=True)
        register(checks.check_break_glass, Tags.database)
        pre_migrate.connect(drop_triggers_of_sqlite, sender=self)
        pre_migrate.connect(drop_guards_of_sqlite, sender=self)
        post_migrate.connect(keep_agency_names, sender=self)
        post_migrate.connect(keep_issued_packs, sender=self)
        post_migrate.connect(keep_data_version, sender=self)


class ModelsConfig(AppConfig):
    """The models alone, for a process of its own that knows nothing else of the site: see `error_copy_child`."""

    name = "plans"
    default = False
