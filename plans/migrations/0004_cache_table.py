"""The table of the cache, which all processes share."""

from django.core.management import call_command
from django.db import migrations
from django.db.models.functions import Lower


def make_cache_table(apps, schema_editor):
    """Make it, if it is not there yet."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def lower_addresses(apps, schema_editor):
    """Write e-mail addresses in lower case, as sign-in looks for them."""
    people = apps.get_model("plans", "User").objects.using(schema_editor.connection.alias)
    people.exclude(email=Lower("email")).update(email=Lower("email"))


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0003_reporting"),
    ]

    operations = [
        # A cache may be empty at any time, so going back need not drop it.
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
        migrations.RunPython(lower_addresses, migrations.RunPython.noop),
    ]
