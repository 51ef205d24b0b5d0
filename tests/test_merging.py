"""Two people, two real sessions, two real transactions at the same time."""

import sqlite3
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.test import Client

from plans.forms.merging import plain, signer
from plans.models import Activity, Plan, SubActivity
from tests.year_two import load_year_two

EDIT = "/plans/year-two/activities/1/edit/"


@pytest.fixture
def own_file(transactional_db, tmp_path):
    """Has SQLite keep this test's data in a file, as a site does: connections to a database in memory share locks."""
    if connection.vendor != "sqlite":
        yield
        return
    settings, memory, file = connection.settings_dict, connection.settings_dict["NAME"], tmp_path / "two.sqlite3"
    keeper, copy = sqlite3.connect(memory, uri=True), sqlite3.connect(file)
    keeper.backup(copy)
    copy.close()
    settings["NAME"] = str(file)
    connection.close()
    yield
    connection.close()
    settings["NAME"] = memory
    connection.ensure_connection()
    keeper.close()


@pytest.fixture
def two_people(own_file, django_user_model):
    """Two programme admins, each signed in with a session of their own."""
    load_year_two()
    permission = Permission.objects.get(codename="administer", content_type__app_label="plans")
    clients = []
    for name in ("First admin", "Second admin"):
        user = django_user_model.objects.create_user(f"{name[:3]}@programme.example", name=name, is_staff=True)
        user.user_permissions.add(permission)
        client = Client()
        client.force_login(user)
        clients.append(client)
    return clients


def opened(client):
    editing = client.get(EDIT).context["editing"]
    forms = [editing.form, editing.items.management_form, *editing.items.forms]
    data = {field.html_name: field.value() for form in forms for field in form}
    return {"reason": "Agreed"} | {
        name: value for name, value in data.items() if value is not None and value is not False
    }


def send_at_once(*sent):
    """Send each form from a thread and connection of its own, all at once; answer the statuses in order."""
    start, answered = Barrier(len(sent)), {}

    def send(place, client, data):
        start.wait(timeout=10)
        try:
            answered[place] = client.post(EDIT, data).status_code
        finally:
            connections.close_all()

    threads = [Thread(target=send, args=(place, *one)) for place, one in enumerate(sent)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return [answered[place] for place in range(len(sent))]


def test_two_who_save_different_fields_at_once_both_save(two_people):
    first, second = two_people
    mine, theirs = opened(first), opened(second)

    statuses = send_at_once((first, {**mine, "title": "First"}), (second, {**theirs, "description": "Second"}))

    row = Activity.objects.get(number=1)
    assert (statuses, row.title, row.description) == ([302, 302], "First", "Second")
    assert sorted(Activity.history.values_list("history_user__name", flat=True)) == ["First admin", "Second admin"]


def test_two_who_save_the_same_field_at_once_never_overwrite(two_people):
    first, second = two_people
    mine, theirs = opened(first), opened(second)

    statuses = send_at_once((first, {**mine, "title": "First"}), (second, {**theirs, "title": "Second"}))

    assert sorted(statuses) == [302, 409]
    assert Activity.objects.get(number=1).title == ("First" if statuses[0] == 302 else "Second")
    assert Activity.history.count() == 1


def test_two_who_add_a_sub_activity_at_once_both_keep_it(two_people):
    first, second = two_people
    mine, theirs = opened(first), opened(second)

    statuses = send_at_once((first, {**mine, "items-0-text": "First"}), (second, {**theirs, "items-0-text": "Second"}))

    assert statuses == [302, 302]
    assert sorted(SubActivity.objects.filter(activity__number=1).values_list("text", flat=True)) == ["First", "Second"]


@pytest.mark.parametrize(
    ("value", "compared"),
    [(None, ""), ("one\r\ntwo ", "one\ntwo"), (0, 0), (False, False), ([3, 1], [1, 3])],
)
def test_values_are_compared_as_people_see_them(value, compared):
    assert plain(value) == compared


def test_versions_are_signed_for_merging_alone():
    assert signer().salt == "plans.forms.merging"


def test_new_plan_with_a_forged_version_is_checked_as_any_other(programme_admin):
    data = {"name": "New", "short_name": "New", "slug": "new", "marking": "no such marking", "version": "forged"}

    page = programme_admin.post("/admin/plans/plan/add/", data)

    assert page.status_code == 200
    assert "marking" in page.context["adminform"].form.errors
    assert not Plan.objects.exists()
