"""What was kept comes back, row for row, and nothing besides."""

from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection

from plans.backup import restore
from plans.backup.sequences import last_number
from plans.backup.tables import LEFT_OUT, backed_up
from plans.models import Activity, AgencyAlias, AuditEvent, Plan, Session, User
from tests.backup.rich import PASSWORD
from tests.views.page import Page


def test_every_table_goes_into_a_backup_or_is_left_out_by_name(db):
    tables = set(connection.introspection.table_names())

    assert tables - {model._meta.db_table for model in backed_up()} - set(LEFT_OUT) == set()


def test_the_full_database_has_rows_in_every_table(full, everything):
    empty = [label for label, rows in everything().items() if not rows]

    # The library's own list of addresses, which nothing here writes to.
    assert empty == ["account.EmailAddress", "account.EmailConfirmation"]


def test_restore_brings_every_row_back_as_it_was(full, backup, everything):
    before = everything()
    Activity.objects.update(title="Changed since", search_text="")
    Plan.objects.create(slug="year-three", name="Year Three", short_name="Three")
    AuditEvent.objects.all()._raw_delete("default")

    restored = restore(backup, replace=True)

    assert everything() == before
    assert restored.counts == {label: len(rows) for label, rows in before.items()}


def test_restore_takes_what_was_kept_and_computes_nothing(full, backup):
    restore(backup, replace=True)

    assert Activity.objects.get(plan__slug="year-two").search_text == "as an earlier version folded it"


def test_restored_number_is_never_given_out_again(full, backup):
    gone = AgencyAlias.history.get(alias="Gone by now", history_type="-").id

    restore(backup, replace=True)

    police = AgencyAlias.objects.get().agency
    assert AgencyAlias.objects.create(agency=police, alias="New").pk > gone


def test_restore_finds_by_name_what_is_numbered_otherwise_here(full, backup):
    Permission.objects.get(codename="change_agency").user_set.clear()
    Permission.objects.filter(codename="change_agency").update(id=900_001)

    restore(backup, replace=True)

    person = User.objects.get(email="updater@police.example")
    assert list(person.user_permissions.values_list("pk", "codename")) == [(900_001, "change_agency")]


def test_restore_into_what_migrate_made_needs_no_leave(full, backup, everything):
    before = everything()
    # PostgreSQL empties no table while checks of it are put off.
    connection.check_constraints()
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)

    restore(backup)

    assert everything() == before


def test_restored_person_signs_in_with_the_same_password_but_not_by_an_old_session(full, backup, client):
    client.force_login(User.objects.get(email="updater@police.example"))

    restore(backup, replace=True)

    assert Session.objects.count() == 0
    assert "_auth_user_id" not in client.session
    assert authenticate(email="updater@police.example", password=PASSWORD).name == "Police updater"


def test_restored_site_shows_its_pages(full, backup, client):
    restore(backup, replace=True)

    client.force_login(User.objects.get(email="admin@programme.example"))
    assert Page(client.get("/plans/year-two/activities/1/")).h1 == "1. Kāinga, changed"
    assert "Kāinga, changed" in Page(client.get("/plans/year-two/activities/1/history/")).text


def test_restore_keeps_numbers_for_every_table(full, backup):
    before = {model: last_number(model) for model in backed_up()}

    restore(backup, replace=True)

    assert {model: last_number(model) for model in backed_up()} == before
