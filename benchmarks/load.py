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
from benchmarks.load_updates import find_updates, report

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

    def note(self, status, words):
        """Note how an update was answered."""
        self.answers[status] += 1
        if status == 302:
            self.accepted.add(words)
        elif status != 409:
            self.errors[f"update {status}"] += 1

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


@dataclass(frozen=True)
class Run:
    """What all people of a run share: the address of the plan, when it ends, how long they think, and its mark.

    Every update begins with the `mark`, so that runs on one database are told apart.
    """

    plan: str
    end: float
    think: tuple[float, float]
    mark: str

    def wait(self, choose, think=None):
        """Think, but no longer than the run lasts."""
        time.sleep(max(0, min(choose.uniform(*(think or self.think)), self.end - time.monotonic())))


def run_load(server, database, slug, updaters, *, seconds, think=THINK_SECONDS, readers=READERS):
    """Have all read and report for so many seconds, and answer the `Outcome`.

    `updaters` are [(connection of one who is signed in, numbers to report on)].
    """
    plan, mark = f"/plans/{slug}/", f"Load run {time.time_ns()}"
    alone = Tally()
    _read(
        Connection(server.address), Run(plan, time.monotonic() + min(ALONE_SECONDS, seconds), NO_REST, mark), alone, 0
    )
    run = Run(plan, time.monotonic() + seconds, think, mark)
    cookies = ("", database.cookies["reader"])
    work = [(_read, Connection(server.address, cookies[place % 2]), run, Tally(), place) for place in range(readers)]
    work += [
        (_update, connection, run, Tally(), place, numbers) for place, (connection, numbers) in enumerate(updaters)
    ]
    threads = [threading.Thread(target=do, args=arguments, daemon=True) for do, *arguments in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally = Tally()
    for _, _, _, one, *_ in work:
        tally.add(one)
    return Outcome(median(alone.seconds), tally, Counter(find_updates(database, mark)))


def _read(connection, run, tally, seed):
    """Read pages of the plan until the end."""
    choose = random.Random(seed)
    # Nobody begins at the same moment as all the others.
    run.wait(choose, (0, run.think[1]))
    while (started := time.monotonic()) < run.end:
        try:
            answer = connection.get(run.plan + choose.choice(PAGES))
        except OSError as problem:
            tally.errors[f"page {type(problem).__name__}"] += 1
        else:
            tally.seconds.append(time.monotonic() - started)
            if answer.status != 200:
                tally.errors[f"page {answer.status}"] += 1
        run.wait(choose)
    connection.close()


def _update(connection, run, tally, seed, numbers):
    """Send updates until the end, each with words of its own; what crosses with another is answered with 409."""
    choose = random.Random(seed)
    run.wait(choose, (0, run.think[1]))
    count = 0
    while time.monotonic() < run.end:
        count += 1
        words = f"{run.mark}: {seed}-{count}"
        tally.sent.add(words)
        try:
            status = report(connection, f"{run.plan}activities/{choose.choice(numbers)}/update/", words)
        except (OSError, ValueError) as problem:
            tally.errors[f"update {type(problem).__name__}"] += 1
        else:
            tally.note(status, words)
        run.wait(choose)
    connection.close()
