"""Every row has a first history entry, however a site was set up."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from plans.actions.first_history import models_that_lack_history, record_first_history, without_history
from plans.management.commands.record_first_history import REASON
from plans.models import Activity, ActivityAgency, Agency, AgencyAlias, SubActivity
from tests.test_quickstart import LOADED

TRACKED = [model for model in [*LOADED, AgencyAlias] if hasattr(model, "history")]


@pytest.fixture(scope="module")
def loaded_of_module(rows_of_module):
    call_command("loaddata", "year_two", verbosity=0)


@pytest.fixture
def loaded(loaded_of_module, db):
    """The Year Two plan as `loaddata` leaves it: a group has an entry, nothing else does."""


def reasons(model):
    return set(model.history.values_list("history_change_reason", flat=True))


def warnings():
    return [(one.id, one.hint) for one in run_checks(databases=["default"]) if one.id == "plans.W003"]


def test_command_gives_each_row_that_has_none_its_first_entry(loaded, capsys):
    assert [model for model in TRACKED if without_history(model).exists()] == TRACKED

    call_command("record_first_history")

    assert {model: model.history.count() for model in LOADED} == LOADED
    assert reasons(Activity) == reasons(ActivityAgency) == reasons(SubActivity) == {REASON}
    assert Agency.history.get(code="police").name == "Police"
    lines = capsys.readouterr().out.splitlines()
    assert {"15 activities", "9 sub-activities"} <= set(lines)
    assert lines[-1] == "Done."


def test_command_changes_nothing_the_second_time(loaded, capsys):
    call_command("record_first_history", reason="Loaded")
    entries = list(Agency.history.order_by("history_id").values())
    capsys.readouterr()

    call_command("record_first_history")

    assert list(Agency.history.order_by("history_id").values()) == entries
    assert capsys.readouterr().out == "Every row has its history already.\n"


def test_command_completes_a_site_that_was_set_up_by_earlier_steps(loaded):
    call_command("populate_history", "--auto", verbosity=0)
    edited = Activity.objects.get(number=5)
    edited.title = "Edited since"
    edited.save()
    # A group has an entry from its members, for which the library passed over all other agencies.
    assert models_that_lack_history() == [Agency]

    record_first_history(REASON)

    assert models_that_lack_history() == []
    assert Agency.history.count() == 20
    assert [one.title for one in edited.history.order_by("history_id")][-1] == "Edited since"
    assert edited.history.count() == 2


def test_command_records_the_members_of_a_group(loaded):
    Agency.history.all().delete()

    record_first_history(REASON)

    entry = Agency.history.get(code="all")
    assert entry.members.count() == 13


def test_command_takes_many_rows_in_few_queries(loaded, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("plans.actions.first_history.ROWS_AT_ONCE", 10)

    with django_assert_max_num_queries(60):
        recorded = record_first_history(REASON)

    assert recorded[ActivityAgency] == 55


def test_check_of_the_database_names_the_command_until_it_was_run(loaded):
    assert warnings() == [("plans.W003", "Run `manage.py record_first_history` once.")]

    call_command("record_first_history")

    assert warnings() == []


def test_check_without_a_database_asks_nothing(loaded, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [one for one in run_checks() if one.id == "plans.W003"] == []
