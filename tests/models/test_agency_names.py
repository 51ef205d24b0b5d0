"""A name is one agency's alone, whoever writes it and however: the database refuses a second owner."""

import importlib
import logging

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from plans.models import Agency, AgencyAlias
from plans.models.agency_names import EMPTY, TABLE, TRIGGERS, keep_agency_names

pytestmark = pytest.mark.django_db
MIGRATION = importlib.import_module("plans.migrations.0017_agency_names")


@pytest.fixture
def police():
    agency = Agency.objects.create(code="police", name="Police", name_mi="Ngā Pirihimana", name_en="Police")
    AgencyAlias.objects.create(agency=agency, alias="The Force’s own")
    return agency


@pytest.fixture
def msd():
    return Agency.objects.create(code="msd", name="MSD")


def names():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, code FROM {TABLE} JOIN plans_agency ON id = agency_id ORDER BY key")
        return cursor.fetchall()


OF_POLICE = [("nga pirihimana", "police"), ("police", "police"), ("the force's own", "police")]
WRITES = [
    lambda agency, name: Agency.objects.create(code="x", name=name),
    lambda agency, name: Agency.objects.bulk_create([Agency(code="x", name="X", name_mi=name)]),
    lambda agency, name: Agency.objects.create(code="x", name="X", name_en=name),
    lambda agency, name: AgencyAlias.objects.create(agency=agency, alias=name),
    lambda agency, name: AgencyAlias.objects.bulk_create([AgencyAlias(agency=agency, alias=name)]),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("name", ["POLICE", "Nga  Pirihimana", "the force's own", "Po\u200blice"])
def test_name_of_another_agency_is_refused_by_the_database(police, msd, write, name):
    with pytest.raises(IntegrityError), transaction.atomic():
        write(msd, name)
    assert names() == [("msd", "msd"), *OF_POLICE]


@pytest.mark.parametrize("write", WRITES)
def test_name_that_nobody_has_is_accepted(police, msd, write):
    write(msd, "Welfare")
    assert "welfare" in dict(names())


def test_own_name_can_be_had_twice_and_is_kept_while_one_is_left(police):
    alias = AgencyAlias.objects.create(agency=police, alias="police")
    alias.delete()
    assert names() == OF_POLICE


def test_name_is_free_once_its_agency_drops_it(police, msd):
    police.name_mi = ""
    police.save()
    police.aliases.all().delete()
    AgencyAlias.objects.create(agency=msd, alias="Ngā Pirihimana")
    AgencyAlias.objects.create(agency=msd, alias="The Force's own")
    assert names() == [("msd", "msd"), ("nga pirihimana", "msd"), ("police", "police"), ("the force's own", "msd")]


def test_alias_can_go_over_to_another_agency(police, msd):
    police.aliases.update(agency=msd)
    assert ("the force's own", "msd") in names()


def test_names_go_with_their_agency(police):
    police.delete()
    assert names() == []


def test_names_follow_where_tables_are_emptied(police):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE plans_agencyalias")
        assert names() == OF_POLICE[:2]
    AgencyAlias.objects.all()._raw_delete("default")
    assert names() == OF_POLICE[:2]


@pytest.mark.parametrize(
    ("names_of_x", "error"),
    [
        (
            {"name": "Nga Pirihimana"},
            {"name": ["“Nga Pirihimana” is a name of Police. Another agency cannot have it."]},
        ),
        (
            {"name": "X", "name_mi": "Police"},
            {"name_mi": ["“Police” is a name of Police. Another agency cannot have it."]},
        ),
        (
            {"name": "X", "name_en": "The force's own"},
            {"name_en": ["Police is also known as “The Force’s own”. Remove that there first."]},
        ),
        (
            {"name": "police"},
            {"__all__": ["There is already an agency with this name (case and macrons do not matter)."]},
        ),
    ],
)
def test_form_says_in_words_whose_name_it_is(police, names_of_x, error):
    with pytest.raises(ValidationError) as refused:
        Agency(code="x", **names_of_x).full_clean()
    assert refused.value.message_dict == error


def test_alias_of_another_agency_says_whose_it_is(police, msd):
    with pytest.raises(ValidationError) as refused:
        AgencyAlias(agency=msd, alias="The Force's own").full_clean()
    assert refused.value.messages == ["This is a name of Police. Another agency cannot be known by it."]


@pytest.fixture
def earlier():
    """A database of before, whose names clash in every way."""
    with connection.cursor() as cursor:
        for name in filter(None, TRIGGERS[connection.vendor]):
            table = name.removeprefix("agency_names_").rpartition("_")[0]
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
        cursor.execute(EMPTY)
    first = Agency.objects.create(code="first", name="Children’s", name_mi="Tamariki")
    second = Agency.objects.create(code="second", name="Second", name_mi="TAMARIKI", name_en="Third")
    third = Agency.objects.create(code="third", name="Third", kind="group")
    third.members.add(second)
    fourth = Agency.objects.create(code="fourth", name="Fourth")
    # As a version wrote it that took the two signs for two names.
    Agency.objects.filter(pk=fourth.pk).update(name="Children's", name_key="children's, once")
    for agency, alias in (
        (third, "second"),
        (first, "Second’s"),
        (second, "Second's"),
        (second, "Tamariki"),
        (third, "3"),
    ):
        row = AgencyAlias.objects.create(agency=agency, alias=f"{alias} {agency.pk}")
        AgencyAlias.objects.filter(pk=row.pk).update(alias=alias, key=f"{alias} {agency.pk}")
    return third


def test_upgrade_settles_names_that_two_agencies_have_and_the_history_keeps_them(earlier, caplog):
    with caplog.at_level(logging.WARNING):
        MIGRATION.settle_names(apps, None)
    keep_agency_names()

    assert list(Agency.objects.order_by("pk").values_list("name", "name_mi", "name_en")) == [
        ("Children’s", "Tamariki", ""),
        ("Second", "", ""),
        ("Third", "", ""),
        ("Children's (fourth)", "", ""),
    ]
    assert list(AgencyAlias.objects.order_by("pk").values_list("agency__code", "alias")) == [
        ("first", "Second’s"),
        ("third", "3"),
    ]
    dropped = AgencyAlias.history.filter(history_change_reason=MIGRATION.REASON, history_type="-")
    assert sorted(dropped.values_list("alias", flat=True)) == ["Second's", "Tamariki", "second"]
    settled = Agency.history.filter(history_change_reason=MIGRATION.REASON).order_by("pk")
    assert list(settled.values_list("name", "name_mi")) == [("Children's (fourth)", ""), ("Second", "")]
    assert len([record for record in caplog.records if record.name == MIGRATION.__name__]) == 5
    assert dict(names())["second's"] == "first"
