"""Things timed in turn, A B A B, so that whatever else the machine does meanwhile slows all alike."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Effort:
    """How long to look: so many rounds, each ended by so many calls or seconds, whichever comes first."""

    rounds: int = 3
    calls: int = 100
    seconds: float = 1.0


@dataclass(frozen=True)
class Pair:
    """What ours took and what its floor took, in the same unit (milliseconds for times)."""

    floor: float
    ours: float

    @property
    def ratio(self):
        """How many times the floor ours is."""
        return self.ours / self.floor


def time_in_turn(makers, at_once, effort):
    """Answer the median milliseconds of each contender: the median over the rounds of each round's median.

    `makers` each answer a callable for one of `at_once` threads, which calls it over and over. What a callable raises
    ends it all.
    """
    contenders = [[make() for _ in range(at_once)] for make in makers]
    for callables in contenders:
        for call in callables:
            call()
    medians = [[] for _ in makers]
    with ThreadPoolExecutor(at_once) as pool:
        for _ in range(effort.rounds):
            for callables, found in zip(contenders, medians, strict=True):
                found.append(median(_time_round(pool, callables, effort)))
    return [1000 * median(found) for found in medians]


def _time_round(pool, callables, effort):
    """Answer the seconds that each call took."""
    end = time.perf_counter() + effort.seconds
    calls = max(effort.calls // len(callables), 1)
    running = [pool.submit(_time_calls, call, calls, end) for call in callables]
    return [seconds for one in running for seconds in one.result()]


def _time_calls(call, calls, end):
    found = []
    while len(found) < calls and (not found or time.perf_counter() < end):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return found
