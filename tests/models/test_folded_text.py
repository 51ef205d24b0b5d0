"""Columns that hold other columns as folded text."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from plans.models import Activity, Agency, AgencyAlias, SubActivity
from plans.models.fields import FoldedTextField
from plans.text import fold
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
migration = import_module("plans.migrations.0018_fold_look_alikes")


def test_folded_text_is_made_of_its_sources_on_create():
    agency = Agency.objects.create(code="kainga-ora", name="Kāinga Ora", name_en="Homes  and Communities")
    agency.refresh_from_db()
    assert (agency.name_key, agency.search_text) == ("kainga ora", "kainga-ora kainga ora homes and communities")


def test_folded_text_is_made_on_bulk_create():
    Agency.objects.bulk_create([Agency(code="moe", name="MoE")])
    assert Agency.objects.values_list("name_key", "search_text").get() == ("moe", "moe moe")


def test_folded_text_follows_an_edit():
    agency = Agency.objects.create(code="swa", name="SWA")
    agency.name = "Tāngata"
    agency.save()
    assert Agency.objects.values_list("name_key", "search_text").get() == ("tangata", "swa tangata")


def test_folded_text_is_on_the_row_after_saving():
    assert Agency.objects.create(code="tpk", name="TPK").name_key == "tpk"


def test_folded_text_is_not_for_forms():
    assert [field.name for field in Agency._meta.fields if isinstance(field, FoldedTextField) and field.editable] == []


def test_folded_text_deconstructs_to_the_same_field():
    field = FoldedTextField(sources=["name"])
    _, _, args, kwargs = field.deconstruct()
    again = FoldedTextField(*args, **kwargs)
    assert (again.sources, again.editable, again.blank) == (("name",), False, True)


def test_validation_folds_before_it_compares():
    kainga_ora = Agency.objects.create(code="kainga-ora", name="Kāinga Ora")
    AgencyAlias.objects.create(agency=kainga_ora, alias="Homes")
    with pytest.raises(ValidationError) as name_refused:
        Agency(code="other", name="KAINGA ORA").full_clean()
    with pytest.raises(ValidationError) as alias_refused:
        AgencyAlias(agency=kainga_ora, alias="hōmes").full_clean()
    assert name_refused.value.messages == [
        "There is already an agency with this name (case and macrons do not matter)."
    ]
    assert alias_refused.value.messages == ["An agency is already known by this name (case and macrons do not matter)."]


def test_validation_accepts_a_name_that_is_free():
    agency = Agency(code="moj", name="MOJ")
    agency.full_clean()
    agency.save()
    AgencyAlias(agency=agency, alias="Justice").full_clean()


def test_validation_leaves_a_row_alone_with_itself():
    agency = Agency.objects.create(code="moj", name="MOJ")
    agency.full_clean()


def test_validation_without_the_source_does_not_compare():
    Agency.objects.create(code="moj", name="MOJ")
    Agency(code="other", name="MOJ").validate_constraints(exclude=["name"])


def test_validation_in_a_form_compares_though_the_column_is_not_in_it():
    Agency.objects.create(code="moj", name="MOJ")
    form = modelform_factory(Agency, fields=["code", "name", "kind"])({"code": "x", "name": "Moj", "kind": "agency"})
    assert form.errors == {"__all__": ["There is already an agency with this name (case and macrons do not matter)."]}


def fold_again():
    migration.fold_again(apps, None)


def name_keys():
    return list(Agency.objects.order_by("pk").values_list("name_key", flat=True))


def test_migration_folds_every_column_again(monkeypatch):
    load_year_two()
    Activity.objects.update(search_text="police’s")
    SubActivity.objects.update(search_text="co‑design")
    monkeypatch.setattr(migration, "BATCH", 4)

    fold_again()

    for row in (*Activity.objects.all(), *SubActivity.objects.all(), *Agency.objects.all(), *AgencyAlias.objects.all()):
        for field in row._meta.fields:
            if isinstance(field, FoldedTextField):
                assert getattr(row, field.name) == fold(" ".join(getattr(row, one) for one in field.sources))


def test_migration_that_runs_again_writes_nothing(django_assert_max_num_queries):
    Agency.objects.create(code="refuge", name="x")
    Agency.objects.update(name="Women’s Refuge", name_key="women’s refuge")

    fold_again()

    assert name_keys() == ["women's refuge"]
    with django_assert_max_num_queries(30) as asked:
        fold_again()
    assert [query for query in asked.captured_queries if query["sql"].startswith("UPDATE")] == []


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (("Women’s Refuge", "Women's Refuge"), ["women’s refuge", "women's refuge"]),
        (("Women’s Refuge", "Women‘s Refuge"), ["women's refuge", "women‘s refuge"]),
    ],
)
def test_migration_leaves_a_name_that_would_be_anothers(names, keys):
    for name in names:
        row = Agency.objects.create(code=f"agency-{ord(name[5])}", name=name[:6] + str(ord(name[5])))
        Agency.objects.filter(pk=row.pk).update(name=name, name_key=name.lower())

    fold_again()

    assert name_keys() == keys


def test_migration_leaves_an_alias_that_would_be_blank():
    agency = Agency.objects.create(code="refuge", name="Women's Refuge")
    AgencyAlias.objects.create(agency=agency, alias="x")
    AgencyAlias.objects.update(alias="\u200b", key="\u200b")

    fold_again()

    assert AgencyAlias.objects.get().key == "\u200b"
