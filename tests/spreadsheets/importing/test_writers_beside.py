"""People who save and upload while 25,000 rows are read, checked and imported beside them, on SQLite.

`TEST_LARGE_ROWS=49999` takes the largest file that can be read, which takes twice as long.

All of it is real: gunicorn with two workers, jobs in processes of their own, and a database file, of which only one
process can write at a time.
"""

import os
import re
import threading
import time
from collections import Counter
from itertools import pairwise
from urllib.parse import urlencode

import pytest

from benchmarks.client import Connection
from benchmarks.databases import SQLITE, Database
from benchmarks.serving import prepare, run_python, serve
from tests.kept_database import copy_of_migrated
from tests.spreadsheets.importing.large import ADMIN, PASSWORD, UPDATER

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]
ROWS = int(os.environ.get("TEST_LARGE_ROWS", "24999"))
PATIENCE_SECONDS = 900
SIGN_IN, IMPORTS = "/accounts/login/", "/plans/year-two/import/"
UPDATE = "/plans/year-two/activities/1/update/"
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|seen|fingerprint|form_key)" value="([^"]*)"')


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site with a large file that nobody has read yet: its address, the page of that import, and the database."""
    url = f"sqlite:///{tmp_path}/plan.sqlite3"
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    # Imports are processes of their own here, as on a real site.
    monkeypatch.setenv("TEST_IMPORT_JOBS", "process")
    copy_of_migrated(tmp_path / "plan.sqlite3")
    prepare(url)
    page = run_python(url, "-m", "tests.spreadsheets.importing.large", str(ROWS))
    with serve(url, workers=2) as server:
        yield server.address, page, Database(SQLITE, url, {})


class Writer(threading.Thread):
    """Somebody who sends one form after the other, until told to stop, and notes how each was answered."""

    def __init__(self, address, email, path, fields, stop):
        super().__init__(daemon=True)
        self.client, self.path, self.fields, self.stopping = Connection(address), path, fields, stop
        self.answers, self.slowest, self.count = Counter(), 0, 0
        assert send(self.client, SIGN_IN, login=email, password=PASSWORD).status == 302

    def run(self):
        while not self.stopping.is_set():
            page = self.timed(self.client.get, self.path)
            if page.status == 200:
                self.count += 1
                form = dict(HIDDEN.findall(page.text)) | self.fields(self.count)
                self.timed(self.client.post, self.path, urlencode(form).encode())
            time.sleep(0.2)

    def timed(self, ask, *arguments):
        started = time.perf_counter()
        answer = ask(*arguments)
        self.slowest = max(self.slowest, time.perf_counter() - started)
        self.answers[ask.__name__, answer.status] += 1
        return answer


def send(client, path, **fields):
    form = dict(HIDDEN.findall(client.get(path).text))
    return client.post(path, urlencode(form | fields).encode())


def wait_for(client, page, words):
    """Ask for the page of an import, as somebody who waits for it does, until it has one of `words`; answer it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not re.search(words, text := client.get(page).text):
        assert time.monotonic() < until, text
        time.sleep(1)
    return text


def test_nobody_is_refused_while_25000_rows_are_checked_and_imported(site, capsys):
    address, page, database = site
    stop = threading.Event()
    updates = Writer(address, UPDATER, UPDATE, lambda n: {"status": "on_track", "what_happened": f"Report {n}."}, stop)
    table = "Number\tActivity\n1\tUpload {}"
    uploads = Writer(address, ADMIN, IMPORTS, lambda n: {"what": "text", "text": table.format(n)}, stop)
    admin = Connection(address)
    assert send(admin, SIGN_IN, login=ADMIN, password=PASSWORD).status == 302
    times = [time.monotonic()]
    for writer in (updates, uploads):
        writer.start()
    checked = wait_for(admin, page, 'name="fingerprint"|cannot be imported')
    times.append(time.monotonic())
    assert admin.post(f"{page}apply/", urlencode(dict(HIDDEN.findall(checked))).encode()).status == 302
    imported = wait_for(admin, page, "Undo this import|Nothing was imported")
    times.append(time.monotonic())
    stop.set()
    for writer in (updates, uploads):
        writer.join()
        writer.client.close()
    admin.close()

    with capsys.disabled():
        took = [round(later - earlier) for earlier, later in pairwise(times)]
        print(f"\n{ROWS:,} rows: checked in {took[0]} s, imported in {took[1]} s")  # noqa: T201 - it is to be read
        for what, writer in (("updates", updates), ("uploads", uploads)):
            print(f"{what}: slowest {writer.slowest:.1f} s, {dict(writer.answers)}")  # noqa: T201
    assert "Undo this import" in imported
    # 503 says that nothing was saved, to those who have waited for ten seconds: on a slow machine, once each.
    assert {status for writer in (updates, uploads) for _, status in writer.answers} <= {200, 302, 503}
    saved = database.rows("SELECT count(*) FROM plans_statusupdate WHERE what_happened LIKE 'Report %'")[0][0]
    kept = database.rows("SELECT count(*) FROM plans_import WHERE file_name = 'Pasted table.txt'")[0][0]
    assert saved == updates.answers["post", 302] > 0
    assert kept == uploads.answers["post", 302] > 0
