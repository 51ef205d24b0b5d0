"""Fold all folded columns again: signs that look alike are one sign in them now, and invisible signs none.

A name that would then be another's keeps the key that it has: whoever saves it next is told.
"""

from django.db import migrations, transaction

BATCH = 1000
NAMES = {"agency": ("name_key", "name_mi_key", "name_en_key"), "agencyalias": ("key",)}
"""The columns that hold names, by model: a name is one agency's alone, and an alias stands there once."""


def fold_again(apps, schema_editor):
    """Refresh the folded columns, a batch a transaction, so that nobody waits long; run again, it changes nothing."""
    names = _Names(apps)
    for model in apps.get_models():
        folded = [field for field in model._meta.fields if getattr(field, "sources", None)]
        if folded:
            _fold_rows(model, folded, names)


class _Names:
    """Whose each name is: {key: (id of the agency, id of the alias or None)}."""

    def __init__(self, apps):
        self.owners = {}
        agencies, aliases = (apps.get_model("plans", name).objects for name in ("Agency", "AgencyAlias"))
        for pk, *keys in agencies.values_list("pk", *NAMES["agency"]):
            self.owners |= dict.fromkeys(keys, (pk, None))
        for pk, agency, key in aliases.values_list("pk", "agency", "key"):
            self.owners[key] = (agency, pk)

    def take(self, row, key):
        """Return whether the name of that key can be this row's, which it then is."""
        owner = (row.agency_id, row.pk) if hasattr(row, "agency_id") else (row.pk, None)
        found = self.owners.get(key, owner)
        if not key or found[0] != owner[0] or (found[1] and owner[1] and found != owner):
            return False
        self.owners[key] = found if found[1] else owner
        return True


def _fold_rows(model, folded, names):
    read = {field.name for field in folded} | {source for field in folded for source in field.sources}
    if model._meta.model_name == "agencyalias":
        read.add("agency")
    last = 0
    while True:
        with transaction.atomic():
            # Locked, so that nobody changes a row between here and there; later rows are folded by whoever writes them.
            some = model.objects.select_for_update().filter(pk__gt=last).order_by("pk").only(*read)[:BATCH]
            rows = list(some)
            changed = [row for row in rows if _refresh(row, folded, names)]
            model.objects.bulk_update(changed, [field.name for field in folded], batch_size=100)
        if len(rows) < BATCH:
            return
        last = rows[-1].pk


def _refresh(row, folded, names):
    """Put the folded texts on a row; return whether one of them is another now."""
    is_changed = False
    for field in folded:
        kept = getattr(row, field.attname)
        text = field.pre_save(row, False)
        if text != kept and field.name in NAMES.get(row._meta.model_name, ()) and not names.take(row, text):
            text = kept
            setattr(row, field.attname, text)
        is_changed |= text != kept
    return is_changed


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("plans", "0017_agency_names"),
    ]

    operations = [
        migrations.RunPython(fold_again, migrations.RunPython.noop),
    ]
