"""The group whose members run the programme's plans."""

from django.db import migrations

GROUP = "Programme admins"


def make_group(apps, schema_editor):
    """Make the group with its one permission, which Django itself makes only after the migrations."""
    database = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    plan, _ = content_types.get_or_create(app_label="plans", model="plan")
    administer, _ = permissions.get_or_create(
        content_type=plan,
        codename="administer",
        defaults={"name": "Can administer plans: activities, agencies, imports"},
    )
    group, _ = groups.get_or_create(name=GROUP)
    group.permissions.add(administer)


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_first"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # Going back leaves the group: people may be in it.
        migrations.RunPython(make_group, migrations.RunPython.noop, elidable=False),
    ]
