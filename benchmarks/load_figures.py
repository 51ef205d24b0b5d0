"""What the load run comes to, as lines of the table."""

from benchmarks.load import NO_REST, THINK_SECONDS, run_load
from benchmarks.load_updates import led_numbers, sign_in
from benchmarks.names import PASSWORD, UPDATERS
from benchmarks.table import Figure, attempt
from benchmarks.timing import Pair

PEOPLE = "200 readers, 20 updaters"


def measure_load(figures, server, database, slug, seconds, restless_seconds):
    """Add to `figures` what becomes of people who think between pages, and then of people who never rest."""
    numbers = led_numbers(database, slug)
    # Beforehand and one after another: people do not all sign in at the same second.
    updaters = [(sign_in(server.address, email, PASSWORD), numbers[email]) for email in UPDATERS]
    for how, think, length in (("", THINK_SECONDS, seconds), (" without rest", NO_REST, restless_seconds)):
        if not length:
            continue
        what = f"{PEOPLE}{how}"
        target = "" if how else "≤ 20"
        arguments = (figures, what, server, database, slug, updaters, {"think": think, "seconds": length})
        attempt(figures, f"{what}: p99 of reading, beside the median alone", database.engine, target, _run, *arguments)


def _run(figures, what, server, database, slug, updaters, how):
    outcome = run_load(server, database, slug, updaters, **how)
    tally = outcome.tally
    wrong = ", ".join(f"{count} × {kind}" for kind, count in sorted(tally.errors.items()))
    said = {
        f"pages read in {how['seconds']} s": (len(tally.seconds), "", ""),
        "median of reading": (1000 * outcome.median_seconds, "ms", ""),
        "errors": (sum(tally.errors.values()), wrong, "0"),
        "updates sent": (len(tally.sent), "", ""),
        "updates accepted": (len(tally.accepted), f"({tally.answers[409]} more crossed with another)", ""),
        "updates found": (len(outcome.found), "", ""),
        "updates lost": (len(outcome.lost), "", "0"),
        "updates saved twice, or never sent": (len(outcome.doubled) + len(outcome.unasked), "", "0"),
    }
    for name, (value, unit, target) in said.items():
        figures.append(Figure(f"{what}: {name}", database.engine, target, alone=Pair(0, value), unit=unit))
    return {"alone": Pair(1000 * outcome.alone_seconds, 1000 * outcome.p99_seconds)}
