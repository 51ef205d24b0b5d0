"""Whether the leads of an activity differ, which follows from what they reported in the round of the latest report.

Every activity keeps its status: see docs/decisions/0018-joint-leads.md.
"""

from django.db import migrations, models


def mark_where_leads_differ(apps, schema_editor):
    """Mark activities whose leads, each by its name, last reported different statuses in one round."""
    Activity, Link, Update = (
        apps.get_model("plans", name) for name in ("Activity", "ActivityAgency", "StatusUpdate")
    )
    leads = {}
    for activity, agency in Link.objects.filter(role="lead").order_by().values_list("activity", "agency"):
        leads.setdefault(activity, set()).add(agency)
    joint = [activity for activity, agencies in leads.items() if len(agencies) > 1]
    reports = {}
    found = Update.objects.filter(activity__in=joint, kind="report", retracted_at=None)
    columns = ("activity", "agency", "agency__merged_into", "round", "status")
    for activity, agency, merged_into, *said in found.order_by("-made_at", "-pk").values_list(*columns):
        reports.setdefault(activity, []).append((merged_into or agency, *said))
    for activity, said in reports.items():
        latest = {}
        for agency, round_id, status in said:
            if agency in leads[activity] and round_id == said[0][1]:
                latest.setdefault(agency, status)
        if len(set(latest.values())) > 1:
            Activity.objects.filter(pk=activity).update(leads_differ=True)


class Migration(migrations.Migration):
    """Add `leads_differ`, and say it of what was reported before."""

    dependencies = [("plans", "0025_accepted_checks")]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="leads_differ",
            field=models.BooleanField(default=False, editable=False, verbose_name="leads differ"),
        ),
        migrations.AddField(
            model_name="historicalactivity",
            name="leads_differ",
            field=models.BooleanField(default=False, editable=False, verbose_name="leads differ"),
        ),
        migrations.RunPython(mark_where_leads_differ, migrations.RunPython.noop),
    ]
