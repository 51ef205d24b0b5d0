"""Two web servers on one PostgreSQL: whatever one of them knows that matters, the other knows too.

Each is gunicorn with our own configuration and one worker, so that it is known who answers. Their database is that of
the tests, filled once for all of them and emptied at their end.
"""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection, transaction

from benchmarks.client import Connection
from benchmarks.serving import serve
from plans.models import Activity, Agency, Membership, StatusUpdate, User

pytestmark = pytest.mark.postgresql_only
ACTIVITY, OTHER_ACTIVITY = (f"/plans/year-two/activities/{number}/" for number in (1, 13))
UPDATE, IMPORTS, SIGN_IN = f"{ACTIVITY}update/", "/plans/year-two/import/", "/accounts/login/"
PASSWORD, ADMIN, UPDATER = "kererū-and-tūī-4711", "admin@programme.example", "updater@police.example"
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|seen|fingerprint)" value="([^"]*)"')
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def transactional_db(django_db_setup, django_db_blocker):
    """The database as tests with transactions of their own have it, for all of a module: emptied at its end."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def saved(transactional_db):
    """The Year Two plan, a programme admin and one who reports for Police, where other processes find them."""
    call_command("loaddata", "year_two", verbosity=0)
    admin = User.objects.create_user(ADMIN, PASSWORD, name="Programme admin", is_staff=True)
    group = Group.objects.get_or_create(name="Programme admins")[0]
    group.permissions.add(Permission.objects.get(codename="administer", content_type__app_label="plans"))
    admin.groups.add(group)
    updater = User.objects.create_user(UPDATER, PASSWORD, name="Police updater")
    Membership.objects.create(user=updater, agency=Agency.objects.get(code="police"))


class Servers:
    """The two servers, 0 and 1, under one name; `opened` are the connections to them, which are closed at the end."""

    def __init__(self, *addresses):
        self.addresses, self.opened = addresses, []

    def connect(self, place):
        """Open a connection to one of the two, as somebody does whom neither knows."""
        self.opened.append(Connection(self.addresses[place], name="127.0.0.1"))
        return self.opened[-1]

    def sign_in(self, email, place):
        """Sign in at one of the two; answer a connection to each, with the cookies that the browser has by then."""
        both = [self.connect(0), self.connect(1)]
        assert send(both[place], SIGN_IN, login=email, password=PASSWORD).status == 302
        both[1 - place].cookies = both[place].cookies
        return both


@pytest.fixture(scope="module")
def servers(saved):
    """Two web servers, each a process of its own with one worker."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_DATABASE_URL", url)
        # Imports are processes of their own here, as on a real site.
        patch.setenv("TEST_IMPORT_JOBS", "process")
        with serve(url, workers=1) as one, serve(url, workers=1) as other:
            servers = Servers(one.address, other.address)
            yield servers
            for each in servers.opened:
                each.close()


@pytest.fixture(scope="module")
def admin(servers):
    """The programme admin, who signed in at the first server: a connection to each."""
    return servers.sign_in(ADMIN, 0)


@pytest.fixture(scope="module")
def updater(servers):
    """The Police updater, who signed in at the second server: a connection to each."""
    return servers.sign_in(UPDATER, 1)


def send(person, path, page=None, **fields):
    """Send the form that stands on `page` (or on `path` itself) to `path`, filled in with `fields`."""
    form = dict(HIDDEN.findall((page or person.get(path)).text))
    return person.post(path, urlencode({**form, **fields}).encode())


def wait_until(is_so):
    """Ask until it is so; fails when that takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.05)


def count_waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0]


@contextmanager
def activity_held():
    """Hold the activity as somebody who writes to it does, so that all others who want to have to wait."""
    with transaction.atomic():
        Activity.objects.select_for_update().get(number=1)
        yield


def reports():
    """What was reported on the activity, oldest first, as the forms say it."""
    updates = StatusUpdate.objects.filter(activity__number=1).order_by("pk")
    return list(updates.values("agency", "status", "what_happened"))


def test_session_that_was_opened_at_one_reads_and_reports_at_the_other_and_ends_at_both(servers):
    here, there = servers.sign_in(UPDATER, 0)
    kept = dict(here.cookies)

    assert send(there, f"{OTHER_ACTIVITY}update/", status="on_track", what_happened="Said at the other.").status == 302
    assert "Said at the other." in here.get(OTHER_ACTIVITY).text
    assert send(there, "/accounts/logout/").status == 302
    # What a browser, or a thief, has kept of it opens nothing any more.
    here.cookies, there.cookies = kept, dict(kept)

    assert [one.get(UPDATE).status for one in (here, there)] == [302, 302]


def test_guesses_at_both_count_together_and_the_lock_out_holds_at_both(servers):
    User.objects.create_user("reader@programme.example", PASSWORD)

    def words(place, password):
        answer = send(servers.connect(place), SIGN_IN, login="reader@programme.example", password=password)
        return answer.status, "Too many attempts." in answer.text

    guesses = [words(place % 2, "wrong") for place in range(5)]

    assert guesses == [(200, False)] * 5
    assert [words(place, PASSWORD) for place in (0, 1)] == [(200, True)] * 2


def test_of_two_who_report_at_both_at_once_one_is_shown_the_other_and_nothing_is_lost(admin, updater):
    people, agency = (admin, updater), Agency.objects.get(code="police").pk
    said = [
        {"agency": agency, "status": "at_risk", "what_happened": "The programme wrote this."},
        {"agency": agency, "status": "on_track", "what_happened": "Police wrote this."},
    ]
    pages = [people[place][place].get(UPDATE) for place in (0, 1)]
    with ThreadPoolExecutor(2) as threads, activity_held():
        sent = [threads.submit(send, people[place][place], UPDATE, pages[place], **said[place]) for place in (0, 1)]
        wait_until(lambda: count_waiting() == 2)
    answers = [one.result() for one in sent]

    assert sorted(answer.status for answer in answers) == [302, 409]
    late = next(place for place, answer in enumerate(answers) if answer.status == 409)
    assert reports() == [said[1 - late]]
    assert [one["what_happened"] in answers[late].text for one in said] == [True, True]

    # The other server takes it from there.
    again = send(people[late][1 - late], UPDATE, answers[late], **said[late])

    assert again.status == 302
    assert reports() == [said[1 - late], said[late]]


def test_page_from_one_is_unchanged_at_the_other_until_something_changes_through_either(admin, updater):
    # Twice, since what the pages say once, such as that something is saved, has no tag.
    pages = [person[0].get(ACTIVITY) for person in (admin, updater) * 2][2:]
    tags = [page.header("ETag") for page in pages]

    def asked_again(place):
        people = zip((admin, updater), tags, strict=True)
        return [person[place].get(ACTIVITY, If_None_Match=tag).status for person, tag in people]

    assert asked_again(1) == [304, 304]
    # Nobody is told that they have what was sent to another.
    assert tags[0] != tags[1]
    assert admin[1].get(ACTIVITY, If_None_Match=tags[1]).status == 200

    assert send(updater[1], UPDATE, status="off_track", what_happened="Written through the other.").status == 302

    assert [asked_again(place) for place in (0, 1)] == [[200, 200], [200, 200]]
    assert "Written through the other." in admin[0].get(ACTIVITY, If_None_Match=tags[0]).text


def test_import_that_was_started_at_one_is_followed_and_undone_at_the_other(admin):
    here, there = admin
    title = Activity.objects.get(number=1).title

    checked = send(here, IMPORTS, what="text", text="Number\tActivity\n1\tNamed by the import").header("Location")
    wait_until(lambda: "fingerprint" in there.get(checked).text)
    with activity_held():
        assert send(here, f"{checked}apply/", there.get(checked)).status == 302
        assert "Importing" in there.get(f"{checked}progress/").text
    wait_until(lambda: "Undo this import" in there.get(checked).text)
    imported = Activity.objects.get(number=1).title
    assert send(there, f"{checked}undo/").status == 302
    wait_until(lambda: "Import undone" in here.get(checked).text)

    assert (imported, Activity.objects.get(number=1).title) == ("Named by the import", title)
