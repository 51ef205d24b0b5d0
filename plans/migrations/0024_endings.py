"""Activities can end. What was withdrawn until now had stopped: withdrawing was the only way to say so."""

from django.db import migrations, models

ENDINGS = [
    ("delivered", "Delivered"),
    ("business_as_usual", "Business as usual"),
    ("stopped", "Stopped"),
    ("carried_on", "Carried into another plan"),
]
INCOMPLETE = "Enter how it ended, the day and a sentence about it. Leave all three blank if it has not ended."
LONGEST_NOTE = 500
UNDO = "Undo of import "
"""How the reason of a withdrawal begins that is the undo of an import: the activity was never meant to be there."""


def end_what_was_withdrawn(apps, schema_editor):
    """Have withdrawn activities stopped on the day of their withdrawal, for the reason that the history gives.

    Their entries in the history say so from that withdrawal on, so that no later edit seems to have ended them.
    """
    Activity, Record = apps.get_model("plans", "Activity"), apps.get_model("plans", "HistoricalActivity")
    withdrawn = Record.objects.using(schema_editor.connection.alias).exclude(withdrawn_on=None)
    notes = {}
    for pk, withdrawn_on, reason in withdrawn.order_by("id", "history_date", "history_id").values_list(
        "id", "withdrawn_on", "history_change_reason"
    ):
        notes.setdefault((pk, withdrawn_on), (reason or "").strip()[:LONGEST_NOTE] or "Withdrawn")
    rows = Activity.objects.using(schema_editor.connection.alias).exclude(withdrawn_on=None)
    for pk, withdrawn_on in list(rows.values_list("pk", "withdrawn_on")):
        note = notes.get((pk, withdrawn_on), "Withdrawn")
        if not note.startswith(UNDO):
            ended = {"ending": "stopped", "ended_on": withdrawn_on, "ending_note": note}
            rows.filter(pk=pk).update(**ended)
            withdrawn.filter(id=pk, withdrawn_on=withdrawn_on).update(**ended)
    # PostgreSQL alters no table of which it still has rows to check.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def _add_fields(model):
    fields = {
        "ending": models.CharField(blank=True, choices=ENDINGS, max_length=20),
        "ended_on": models.DateField(blank=True, null=True, verbose_name="ended on"),
        "ending_note": models.CharField(blank=True, max_length=500, verbose_name="note on its ending"),
    }
    return [migrations.AddField(model_name=model, name=name, field=field) for name, field in fields.items()]


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0023_programme_ratings"),
    ]

    operations = [
        *_add_fields("activity"),
        *_add_fields("historicalactivity"),
        migrations.RunPython(end_what_was_withdrawn, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("ending__in", ["", *(value for value, _ in ENDINGS)])),
                name="activity_ending_known",
                violation_error_message="Choose one of the endings.",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_on__isnull", True), ("ending", ""), ("ending_note", ""))
                | models.Q(
                    models.Q(("ending", ""), _negated=True),
                    models.Q(("ending_note", ""), _negated=True),
                    ("ended_on__isnull", False),
                ),
                name="activity_ended_with_day_and_note",
                violation_error_message=INCOMPLETE,
            ),
        ),
    ]
