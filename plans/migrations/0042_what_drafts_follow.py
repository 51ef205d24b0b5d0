"""Drafts of packs that were made before they said which pack they follow say it."""

from django.db import migrations
from django.db.models import Max


def say_what_drafts_follow(apps, schema_editor):
    """Give each draft the number of the last pack of its plan that was issued before it was made."""
    packs = apps.get_model("plans", "Pack").objects
    for draft in packs.filter(state="draft").only("plan", "made_at"):
        earlier = packs.filter(plan=draft.plan_id, state="issued", issued_at__lte=draft.made_at)
        packs.filter(pk=draft.pk).update(follows=earlier.aggregate(last=Max("number"))["last"] or 0)


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0041_packs_follow_each_other'),
    ]

    operations = [
        migrations.RunPython(say_what_drafts_follow, migrations.RunPython.noop),
    ]
