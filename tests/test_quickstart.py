"""The first start makes everything; every later one leaves alone what people have entered."""

import dataclasses
import re
import socket
import sys

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import OperationalError

from plans.management.commands import quickstart
from plans.models import Activity, ActivityAgency, Agency, AgencyAlias, FocusArea, Plan, PriorityArea, SubActivity

LOADED = {Plan: 1, FocusArea: 4, PriorityArea: 7, Agency: 20, Activity: 15, ActivityAgency: 55, SubActivity: 9}


class Handover(Exception):
    """Stands for the web server that takes the place of the command."""


@pytest.fixture
def commands(monkeypatch):
    """What would have been executed in place of the command; the port is always free."""
    handed_over = []
    monkeypatch.setattr(quickstart, "refuse_busy_port", lambda port: None)
    monkeypatch.setattr(quickstart.connections, "close_all", lambda: None)
    monkeypatch.setattr(quickstart.os, "execv", lambda path, command: handed_over.append(command))
    return handed_over


@pytest.fixture
def start(db, commands, capsys):
    """Starts once and answers the lines that were printed."""

    def run(**options):
        call_command("quickstart", **options)
        return capsys.readouterr().out.splitlines()

    return run


def _counts():
    return {model: model.objects.count() for model in LOADED}


def _password(lines):
    found = re.fullmatch(r"Sign in as admin@localhost with the password (\S{16}) \(it is not shown again\)", lines[2])
    return found[1]


def test_first_start_loads_the_plan_and_makes_a_superuser(start):
    lines = start()

    assert lines == [
        "Bringing the database up to date",
        "Loading the plan",
        f"Sign in as admin@localhost with the password {_password(lines)} (it is not shown again)",
        "Serving http://127.0.0.1:8000/ (Ctrl-C ends it)",
    ]
    assert _counts() == LOADED
    user = authenticate(username="admin@localhost", password=_password(lines))
    assert (user.is_superuser, user.is_staff) == (True, True)


def test_first_start_gives_every_row_its_first_history(start):
    start()

    for model in [*LOADED, AgencyAlias]:
        reasons = list(model.history.values_list("id", "history_change_reason").order_by("id"))
        assert reasons == [(pk, quickstart.LOADED) for pk in model.objects.order_by("pk").values_list("pk", flat=True)]
    assert Agency.history.get(code="all").members.count() == 13


def test_later_start_touches_nothing_that_people_edited(start):
    start()
    Activity.objects.filter(number=1).update(title="Edited by a programme admin")
    SubActivity.objects.order_by("pk").first().delete()
    get_user_model().objects.update(email="chosen@programme.example")
    before = [list(model.objects.order_by("pk").values()) for model in LOADED]
    history = Activity.history.count()

    lines = start()

    assert lines == ["Bringing the database up to date", "Serving http://127.0.0.1:8000/ (Ctrl-C ends it)"]
    assert [list(model.objects.order_by("pk").values()) for model in LOADED] == before
    assert Activity.history.count() == history
    assert list(get_user_model().objects.values_list("email", flat=True)) == ["chosen@programme.example"]


def test_start_leaves_agencies_alone_when_there_is_no_plan(start):
    Agency.objects.create(code="police", name="Police as we call them")

    lines = start()

    assert lines[1] == (
        "There are agencies but no plan. To load the plan: "
        f"manage.py loaddata {django_settings.BASE_DIR / 'fixtures' / 'year_two.json'}"
    )
    assert list(Agency.objects.values_list("name", flat=True)) == ["Police as we call them"]
    assert Plan.objects.count() == 0


def test_start_does_not_raise_a_reader_to_superuser(start, make_user):
    make_user("Admin@Localhost", password="known to somebody")

    lines = start()

    assert lines[2] == "There is no superuser. To make one: manage.py createsuperuser"
    assert get_user_model().objects.get().is_superuser is False


@pytest.mark.parametrize("cut_off_in", ["record_baseline", "call_command"])
def test_start_that_was_cut_off_is_completed_by_the_next_one(start, monkeypatch, cut_off_in):
    def cut_off(name="", *args, **options):
        if name == "migrate":
            return
        if name == "loaddata":
            Agency.objects.create(code="half", name="Half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(quickstart, cut_off_in, cut_off)
        with pytest.raises(KeyboardInterrupt):
            start()
    assert _counts() == dict.fromkeys(LOADED, 0)

    start()

    assert _counts() == LOADED
    assert Activity.history.count() == 15


def test_start_hands_over_to_gunicorn(start, commands):
    start()

    base = django_settings.BASE_DIR
    config = ["--config", f"{base}/gunicorn.conf.py", "--chdir", str(base)]
    assert commands == [[sys.executable, "-m", "gunicorn", *config, "rocc.wsgi"]]


def test_start_for_developers_hands_over_to_runserver(start, commands):
    start(reload=True)

    assert commands == [[sys.executable, f"{django_settings.BASE_DIR}/manage.py", "runserver", "127.0.0.1:8000"]]


def test_busy_port_is_named_before_anything_is_made(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, port=port)

        with pytest.raises(CommandError) as refused:
            call_command("quickstart")

    assert str(refused.value) == f"Port {port} is in use. Choose another one: PORT={port + 1} make run"


def test_port_that_nobody_holds_is_not_refused():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

    assert quickstart.refuse_busy_port(port) is None


def test_database_that_does_not_answer_is_said_in_one_line(commands, monkeypatch):
    def refuse(*args, **options):
        raise OperationalError("connection failed:\n  Connection refused\n")

    monkeypatch.setattr(quickstart, "call_command", refuse)

    with pytest.raises(CommandError) as refused:
        call_command("quickstart")

    assert str(refused.value) == (
        "The database cannot be used: connection failed: Connection refused. Check DATABASE_URL and try again."
    )
    assert commands == []
