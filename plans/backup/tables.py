"""Which tables go into a backup: all there are, but for those that are named here."""

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

# {table: why a backup is better without it}
LEFT_OUT = {
    "cache": "counts of failed sign-ins, which end by themselves",
    "plans_session": "whoever had signed in signs in again; a copy of a session would open a site to its finder",
    "django_session": "sessions of before they knew whose they are",
    "plans_formkey": "which forms were sent lately, and by whom; nobody sends those again to a restored site",
    "django_migrations": "the manifest lists the migrations; a restored database has its own",
    "django_content_type": "`migrate` makes it; what points to it says the name in place of the number",
    "plans_agencyname": "the names of all agencies once more, which each database fills from their tables by itself",
    "plans_change_mark": "each database keeps its own; a restore moves it, as every change does",
    "socialaccount_socialapp": "providers are settings; a row here would be none of ours",
    "socialaccount_socialtoken": "tokens of providers, none of which is kept",
    "auth_permission": "`migrate` makes it; what points to it says the name in place of the number",
}
# What opens something to whoever has it, without signing in: {table: the column that says when it was ended}. A restore
# ends all of it, since what was revoked after the backup was made would open again.
ENDED_BY_RESTORE = {
    "plans_accesstoken": "revoked_at",
    "plans_calendarfeed": "revoked_at",
    "plans_updatelink": "revoked_at",
    "plans_webhook": "turned_off_at",
}
# What `migrate` puts into an empty database, so that rows there are nothing that anybody entered.
FILLED_BY_MIGRATE = {"auth_group", "auth_group_permissions"}
# What is numbered as each database pleases: {model: what names one of its rows}
NAMED = {
    ContentType: ("app_label", "model"),
    Permission: ("content_type__app_label", "content_type__model", "codename"),
}


def backed_up():
    """Return the models whose tables go into a backup, those of many-to-many fields and of histories included."""
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table: model for model in models if model._meta.managed and not model._meta.proxy}
    return [model for table, model in tables.items() if table not in LEFT_OUT]


def columns(model):
    """Return the names of the columns of a model's table, in order."""
    return [field.column for field in model._meta.concrete_fields]


def names_of(field):
    """Return the model whose rows `field` points to by name, if it does; None otherwise."""
    target = field.remote_field and field.remote_field.model
    return target if target in NAMED else None
