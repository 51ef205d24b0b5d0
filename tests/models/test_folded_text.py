"""Columns that hold other columns as folded text."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from plans.models import Agency, AgencyAlias
from plans.models.fields import FoldedTextField

pytestmark = pytest.mark.django_db


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
