"""Two hundred people read and twenty report, all at once: what is slow, refused, lost or saved twice.

People think: each waits two to five seconds before the next page or update. `THINK_SECONDS` of nothing makes them ask
again at once, which is more than people can do, and says what the machine does when it has no rest.
"""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.client import Connection
from benchmarks.load_updates import find_updates, led_numbers, report, sign_in
from benchmarks.names import PASSWORD, UPDATERS

READERS = 200
THINK_SECONDS = (2.0, 5.0)
NO_REST = (0.0, 0.0)
ALONE_SECONDS = 5
PAGES = (
    "",
    "activities/",
    "activities/?focus=demand&agency=police",
    "activities/?q=whanau",
    "activities/?page=2",
    "activities/1/",
    "activities/35/",
    "activities/77/",
    "agencies/police/",
    "focus-areas/demand/",
)


@dataclass
class Tally:
    """What happened to one person, or to all: seconds of each page, answers to updates by status, what went wrong.

    `accepted` are the words of updates that were answered as saved, `sent` of all that were sent.
    """

    seconds: list[float] = field(default_factory=list)
    answers: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)

    def add(self, other):
        """Add what happened to another person."""
        self.seconds += other.seconds
        self.answers += other.answers
        self.errors += other.errors
        self.sent |= other.sent
        self.accepted |= other.accepted


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the median of a page read alone, what happened to all, and what the database holds after it.

    `found` is {words: how many updates have them}.
    """

    alone_seconds: float
    tally: Tally
    found: Counter

    @property
    def median_seconds(self):
        """The median of a page among all the others."""
        return median(self.tally.seconds)

    @property
    def p99_seconds(self):
        """What ninety-nine of a hundred pages did not exceed."""
        return quantiles(self.tally.seconds, n=100)[98]

    @property
    def lost(self):
        """Updates that were answered as saved, and are not there."""
        return self.tally.accepted - set(self.found)

    @property
    def doubled(self):
        """Updates that are there twice."""
        return {words for words, count in self.found.items() if count > 1}

    @property
    def unasked(self):
        """Updates that are there, and that nobody sent."""
        return set(self.found) - self.tally.sent


def run_load(server, database, slug, *, seconds, think=THINK_SECONDS, readers=READERS):
    """Have all read and report for so many seconds, and answer the `Outcome`."""
    plan = f"/plans/{slug}/"
    cookies = ("", database.cookies["reader"])
    alone = Tally()
    _read(Connection(server.address), plan, time.monotonic() + min(ALONE_SECONDS, seconds), NO_REST, alone, 0)
    # Signed in beforehand, one after another: people do not all sign in at the same second.
    updaters = [sign_in(server.address, email, PASSWORD) for email in UPDATERS]
    numbers = led_numbers(database, slug)
    end = time.monotonic() + seconds
    work = [
        (_read, Connection(server.address, cookies[place % 2]), plan, end, think, Tally(), place)
        for place in range(readers)
    ]
    work += [
        (_update, connection, plan, end, think, Tally(), place, numbers[email])
        for place, (email, connection) in enumerate(zip(UPDATERS, updaters, strict=True))
    ]
    threads = [threading.Thread(target=do, args=arguments) for do, *arguments in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally = Tally()
    for one in work:
        tally.add(one[5])
    return Outcome(median(alone.seconds), tally, Counter(find_updates(database)))


def _read(connection, plan, end, think, tally, seed):
    """Read pages of the plan until the end."""
    choose = random.Random(seed)
    _wait(choose, (0, think[1]), end)
    while (started := time.monotonic()) < end:
        try:
            answer = connection.get(plan + choose.choice(PAGES))
        except OSError as problem:
            tally.errors[type(problem).__name__] += 1
        else:
            tally.seconds.append(time.monotonic() - started)
            if answer.status != 200:
                tally.errors[f"page {answer.status}"] += 1
        _wait(choose, think, end)
    connection.close()


def _update(connection, plan, end, think, tally, seed, numbers):
    """Send updates until the end, each with words of its own; what crosses with another is answered with 409."""
    choose = random.Random(seed)
    _wait(choose, (0, think[1]), end)
    count = 0
    while time.monotonic() < end:
        count += 1
        words = f"Load run {seed}-{count}"
        tally.sent.add(words)
        try:
            status = report(connection, f"{plan}activities/{choose.choice(numbers)}/update/", words)
        except (OSError, ValueError) as problem:
            tally.errors[f"update {type(problem).__name__}"] += 1
        else:
            tally.answers[status] += 1
            if status == 302:
                tally.accepted.add(words)
            elif status != 409:
                tally.errors[f"update {status}"] += 1
        _wait(choose, think, end)
    connection.close()


def _wait(choose, think, end):
    time.sleep(max(0, min(choose.uniform(*think), end - time.monotonic())))
