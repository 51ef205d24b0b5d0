"""The table that `make bench` prints, and how its times are taken."""

from benchmarks.load import Outcome, Tally
from benchmarks.table import Figure, Table, attempt, render
from benchmarks.timing import Effort, Pair, time_in_turn


def _fail():
    raise RuntimeError("a long story\nthe page has no ETag")


def test_table_shows_ratios_beside_targets():
    figures = [Figure("overview", "SQLite", "≤ 10", alone=Pair(0.5, 6.25), crowded=Pair(4, 1234))]
    attempt(figures, "start", "SQLite", "≤ 2 s", lambda: {"alone": Pair(0, 1.5), "unit": "s"})

    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in render(figures)][2:] == [
        ["overview", "SQLite", "0.50 ms", "6.25 ms", "12.50", "4 ms", "1,234 ms", "308.50", "≤ 10"],
        ["start", "SQLite", "", "1.50 s", "", "", "", "", "≤ 2 s"],
    ]


def test_figure_that_fails_says_why_and_costs_no_other():
    figures = []

    attempt(figures, "agency, unchanged", "PostgreSQL", "≤ 3", _fail)
    attempt(figures, "agency", "PostgreSQL", "≤ 10", lambda: {"alone": Pair(1, 2)})

    assert [figure.why_not for figure in figures] == ["the page has no ETag", ""]
    assert "not measured: the page has no ETag" in render(figures)[2]


def test_lines_are_in_the_file_as_soon_as_they_are_measured(tmp_path):
    table = Table(tmp_path / "var" / "bench.md")

    table.append(Figure("overview", "SQLite", "≤ 10", alone=Pair(1, 2)))
    table.append(Figure("activities by last update", "SQLite", "", alone=Pair(1, 3)))

    lines = (tmp_path / "var" / "bench.md").read_text(encoding="utf-8").splitlines()
    assert [line.strip("|").split("|")[0].strip(" -") for line in lines] == [
        "what",
        "",
        "overview",
        "activities by last update",
    ]


def test_finished_table_stands_in_the_file_as_it_was_printed(tmp_path):
    table = Table(tmp_path / "bench.md")
    table.append(Figure("overview", "SQLite", "≤ 10", alone=Pair(1, 2)))

    printed = table.finish("22 November 2026", "Ended before its time.")

    assert printed.splitlines() == ["22 November 2026", "Ended before its time.", "", *render(table.figures)]
    assert (tmp_path / "bench.md").read_text(encoding="utf-8") == f"{printed}\n"


def test_contenders_take_turns():
    calls = []
    makers = [lambda: lambda: calls.append("A"), lambda: lambda: calls.append("B")]

    times = time_in_turn(makers, 1, Effort(rounds=3, calls=1, seconds=1))

    # Once each before the clock starts.
    assert "".join(calls) == "AB" + "ABABAB"
    assert len(times) == 2


def test_rounds_end_in_time_whatever_they_were_to_count():
    calls = []

    time_in_turn([lambda: lambda: calls.append(1)], 2, Effort(rounds=2, calls=10**9, seconds=0.01))

    assert len(calls) < 10**7


def test_load_run_names_what_was_lost_doubled_or_never_sent():
    tally = Tally(seconds=[1.0, 2.0], sent={"a", "b", "c"}, accepted={"a", "b"})

    outcome = Outcome(0.5, tally, {"b": 2, "c": 1, "d": 1})

    assert (outcome.lost, outcome.doubled, outcome.unasked) == ({"a"}, {"b"}, {"d"})
