"""Numbers of activities become text as plans print it, kept in natural order. Whole numbers stay what they are."""

import django.db.models.functions.text
from django.db import migrations, models

import plans.models.fields

TABLES = ("plans_activity", "plans_historicalactivity", "plans_importrow")
FORWARD = {
    "postgresql": "UPDATE {0} SET number = lpad(number, 10, '0') || ' ' || number WHERE number IS NOT NULL",
    "sqlite": "UPDATE {0} SET number = substr('0000000000' || number, -10) || ' ' || number WHERE number IS NOT NULL",
}
BACKWARD = "UPDATE {0} SET number = CAST(substr(number, 12) AS integer) WHERE number IS NOT NULL"
LABELS = "SELECT count(*) FROM {0} WHERE substr(number, 11, 1) <> ' '"


def store_in_order(apps, schema_editor):
    """Put before each number the text that it is ordered by: "0000000007 7"."""
    for table in TABLES:
        schema_editor.execute(FORWARD[schema_editor.connection.vendor].format(table))
    _check_now(schema_editor)


def store_plainly(apps, schema_editor):
    """Leave each number alone, for a column of whole ones. Raises `ValueError` where one is not whole."""
    for table in TABLES:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(LABELS.format(table))
            [count] = cursor.fetchone()
        if count:
            raise ValueError(f"{count} rows of {table} have a number such as 1.1, which an earlier version cannot hold.")
        schema_editor.execute(BACKWARD.format(table))
    _check_now(schema_editor)


def _check_now(schema_editor):
    # PostgreSQL alters no table of which it still has rows to check.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0019_words_in_spreadsheets"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="activity", name="activity_number_from_one"),
        migrations.RemoveConstraint(model_name="activity", name="activity_number_unique_in_plan"),
        migrations.AlterField(model_name="activity", name="number", field=plans.models.fields.NumberField()),
        migrations.AlterField(model_name="historicalactivity", name="number", field=plans.models.fields.NumberField()),
        migrations.AlterField(
            model_name="importrow", name="number", field=plans.models.fields.NumberField(blank=True, null=True)
        ),
        migrations.RunPython(store_in_order, store_plainly),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)),
                name="activity_number_from_one",
                violation_error_message="Activities are numbered from 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                models.F("plan"),
                django.db.models.functions.text.Lower("number"),
                name="activity_number_unique_in_plan",
                violation_error_message="There is already an activity with this number.",
            ),
        ),
        migrations.AddIndex(
            model_name="activity", index=models.Index(fields=["plan", "number"], name="activity_in_plan")
        ),
    ]
