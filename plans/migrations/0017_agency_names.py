"""A name is one agency's alone: the table that holds all names, and an end to names that two agencies share by now.

Printed names go first, then te reo and English names, then aliases; of two alike, that of the agency that was there
first. The other one is dropped, and the history keeps it. A printed name is never dropped: if it differs from another
only by signs that look alike, its code is put behind it.
"""

import logging

from django.db import migrations
from django.utils import timezone

import plans.models.fields

REASON = "Another agency has this name, and a name can only be one agency's"
TABLE = (
    "CREATE TABLE plans_agencyname (key text NOT NULL PRIMARY KEY, agency_id bigint NOT NULL)",
    "CREATE INDEX agencyname_of_agency ON plans_agencyname (agency_id)",
)
LONGEST = 200

log = logging.getLogger(__name__)


def settle_names(apps, schema_editor):
    """Fill the keys of all names, and drop those that another agency has."""
    agencies, aliases = apps.get_model("plans", "Agency"), apps.get_model("plans", "AgencyAlias")
    everyone, owners = list(agencies.objects.order_by("pk")), {}
    for agency in everyone:
        _settle_printed(apps, agency, owners)
    for agency in everyone:
        _settle_official(apps, agency, owners)
    for alias in aliases.objects.order_by("pk"):
        if owners.setdefault(_key(alias, "key"), alias.agency_id) == alias.agency_id:
            alias.save()
            continue
        log.warning("%r is no longer another name of agency %s. %s.", alias.alias, alias.agency_id, REASON)
        record = apps.get_model("plans", "HistoricalAgencyAlias")
        record.objects.create(id=alias.pk, alias=alias.alias, agency_id=alias.agency_id, **_said("-"))
        alias.delete()


def _settle_printed(apps, agency, owners):
    key = _key(agency, "name_key")
    if owners.setdefault(key, agency.pk) == agency.pk:
        return
    ending = f" ({agency.code})"
    agency.name = f"{agency.name[: LONGEST - len(ending)]}{ending}"
    owners[_key(agency, "name_key")] = agency.pk
    log.warning("Agency %s is now called %r. %s.", agency.pk, agency.name, REASON)
    _record(apps, agency)


def _settle_official(apps, agency, owners):
    dropped = []
    for name in ("name_mi", "name_en"):
        key = _key(agency, f"{name}_key")
        if key and owners.setdefault(key, agency.pk) != agency.pk:
            dropped.append(getattr(agency, name))
            setattr(agency, name, "")
    agency.save()
    if dropped:
        log.warning("%s is no longer a name of agency %s. %s.", ", ".join(map(repr, dropped)), agency.pk, REASON)
        _record(apps, agency)


def _key(row, name):
    """Return what the folded column of a row will hold."""
    return row._meta.get_field(name).pre_save(row, False)


def _record(apps, agency):
    """Write an agency, as it is now, into its history, with the members that it has."""
    records = apps.get_model("plans", "HistoricalAgency")
    kept = {field.attname for field in records._meta.concrete_fields}
    values = {field.attname: getattr(agency, field.attname) for field in agency._meta.concrete_fields}
    entry = records.objects.create(**{name: values[name] for name in values if name in kept}, **_said("~"))
    members = apps.get_model("plans", "HistoricalAgency_members")
    for link in agency.members.through.objects.filter(from_agency=agency.pk):
        ends = {"from_agency_id": link.from_agency_id, "to_agency_id": link.to_agency_id}
        members.objects.create(history=entry, id=link.pk, **ends)


def _said(kind):
    return {"history_type": kind, "history_date": timezone.now(), "history_change_reason": REASON}


def make_table(apps, schema_editor):
    """Make the table of names, which its triggers fill after `migrate`: see `plans.models.agency_names`."""
    for statement in TABLE:
        schema_editor.execute(statement)


def drop_table(apps, schema_editor):
    """Drop it, and the triggers that write to it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS keep_agency_names() CASCADE")
    schema_editor.execute("DROP TABLE plans_agencyname")


class Migration(migrations.Migration):

    dependencies = [
        ("plans", "0016_start_dates"),
    ]

    operations = [
        migrations.AddField(
            model_name='agency',
            name='name_en_key',
            field=plans.models.fields.FoldedTextField(blank=True, sources=('name_en',)),
        ),
        migrations.AddField(
            model_name='agency',
            name='name_mi_key',
            field=plans.models.fields.FoldedTextField(blank=True, sources=('name_mi',)),
        ),
        migrations.AlterField(
            model_name='agency',
            name='name_key',
            field=plans.models.fields.FoldedTextField(blank=True, sources=('name',)),
        ),
        migrations.AlterField(
            model_name='agencyalias',
            name='key',
            field=plans.models.fields.FoldedTextField(blank=True, sources=('alias',)),
        ),
        migrations.RunPython(settle_names, migrations.RunPython.noop),
        migrations.RunPython(make_table, drop_table),
    ]
