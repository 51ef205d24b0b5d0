"""People who add updates one after another, whatever happens to the site meanwhile, and what they were told of each."""

import re
import threading
import time
from collections import Counter
from html import unescape
from http.client import HTTPException
from urllib.parse import urlencode

from benchmarks.client import Connection

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')
TYPED = re.compile(r'<form method="post">(.*?)<button class="btn">Try again</button>', re.DOTALL)
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.05
"""Between a refusal and the next try: whoever reads the page takes longer."""


class Person:
    """Someone at a browser, who reports on one activity again and again; each update says something else."""

    def __init__(self, address, email, password, path):
        self.connection, self.email, self.password, self.path = Connection(address), email, password, path
        self.saved, self.sent, self.seconds = [], 0, []
        self.refused = Counter()
        """How often what was answered instead of "saved": {status, or "no answer": times}."""
        self.unkept = []
        """Words that a page about an error did not show again: there are to be none."""
        self.headings = set()
        """The headings of the pages about errors."""

    def sign_in(self):
        """Sign in as everybody does, by the form."""
        form = dict(HIDDEN.findall(self.connection.get("/accounts/login/").text))
        form = {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"], "login": self.email, "password": self.password}
        assert self.connection.post("/accounts/login/", urlencode(form).encode()).status == 302

    def move_to(self, address):
        """Go to the site at another address, with the cookies of this one."""
        cookies = self.connection.cookies
        self.connection.close()
        self.connection = Connection(address)
        self.connection.cookies = cookies

    def report(self):
        """Write an update, and send it until it is saved: first from its form, then from what the site shows."""
        self.sent += 1
        words = f"{self.email} wrote number {self.sent} of {id(self)}."
        form = [("status", ("on_track", "at_risk")[self.sent % 2]), ("what_happened", words)]
        fields = None
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if (fields := fields or self._form(form)) and (answer := self._ask("POST", fields)):
                if answer.status == 302:
                    self.saved.append((time.monotonic(), words))
                    return
                fields = self._next_fields(answer, words, fields)
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"Not saved in {PATIENCE_SECONDS} seconds: {words} {self.refused}")

    def _form(self, typed):
        """Return what a browser sends from the form, filled in; None while the page does not come."""
        answer = self._ask("GET")
        if answer is None or answer.status != 200:
            return None
        hidden = dict(HIDDEN.findall(answer.text))
        return [(name, unescape(hidden[name])) for name in ("csrfmiddlewaretoken", "seen", "form_key")] + typed

    def _next_fields(self, answer, words, fields):
        """Return what "Try again" on the page sends, which has to be all that was sent; None: ask for the form anew."""
        text = answer.text
        self.headings.update(re.findall("<h1>([^<]*)</h1>", text))
        if words not in unescape(text):
            self.unkept.append((answer.status, words))
        if not (form := TYPED.search(text)):
            return None
        again = [(name, unescape(value)) for name, value in HIDDEN.findall(form[1])]
        if dict(again) | {"csrfmiddlewaretoken": ""} != dict(fields) | {"csrfmiddlewaretoken": ""}:
            self.unkept.append((answer.status, again, fields))
        return again

    def _ask(self, verb, fields=()):
        """Return the answer, None for none; whatever is not as usual is counted."""
        began = time.monotonic()
        try:
            answer = (
                self.connection.get(self.path)
                if verb == "GET"
                else self.connection.post(self.path, urlencode(fields).encode())
            )
        except (OSError, HTTPException):
            self.refused["no answer"] += 1
            return None
        self.seconds.append(time.monotonic() - began)
        if answer.status not in (200, 302):
            self.refused[answer.status] += 1
        return answer


class Load:
    """Several people at once: `with load: …` has them add updates for as long as the block lasts."""

    def __init__(self, people):
        self.people, self.failed = people, []
        self._threads, self._over = [], threading.Event()

    def __enter__(self):
        self._over.clear()
        self._threads = [threading.Thread(target=self._work, args=(one,)) for one in self.people]
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *error):
        self.end()

    def end(self):
        """Have everybody save what they have written, and stop."""
        self._over.set()
        for one in self._threads:
            one.join()
        if self.failed:
            raise self.failed[0]

    def _work(self, person):
        try:
            while not self._over.is_set():
                person.report()
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for it
            self.failed.append(error)

    def move_to(self, address):
        """Have everybody go to the site at another address, where they are signed in, too."""
        for person in self.people:
            person.move_to(address)

    @property
    def saved(self):
        """All that was said to be saved, [words]."""
        return [words for person in self.people for _, words in person.saved]

    @property
    def refused(self):
        """What was answered instead, {status, or "no answer": times}."""
        return sum((person.refused for person in self.people), Counter())

    @property
    def unkept(self):
        """Words that were not shown again."""
        return [one for person in self.people for one in person.unkept]

    @property
    def headings(self):
        """The headings of the pages about errors."""
        return set().union(*(person.headings for person in self.people))

    def saved_since(self, moment):
        """How many were saved since then."""
        return sum(at >= moment for person in self.people for at, _ in person.saved)

    def wait_for(self, count):
        """Wait until so many more are saved, some by everybody; answer when the last of them had saved one."""
        began, until = time.monotonic(), time.monotonic() + PATIENCE_SECONDS
        while self.saved_since(began) < count or not all(self._since(person, began) for person in self.people):
            assert not self.failed, self.failed[0]
            assert time.monotonic() < until, f"Nobody gets on: {self.refused}"
            time.sleep(0.02)
        return max(self._since(person, began)[0] for person in self.people)

    def wait_until_all_are_refused(self):
        """Wait until everybody was told of an error."""
        before, until = {id(one): sum(one.refused.values()) for one in self.people}, time.monotonic() + PATIENCE_SECONDS
        while not all(sum(one.refused.values()) > before[id(one)] for one in self.people):
            assert time.monotonic() < until, "Nobody notices."
            time.sleep(0.02)

    @staticmethod
    def _since(person, moment):
        return [at for at, _ in person.saved if at >= moment]
