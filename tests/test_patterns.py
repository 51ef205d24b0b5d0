"""Every regular expression, and every function that reads what people write, takes time in proportion to its length.

Patterns are found by themselves, so that a new one cannot be forgotten. Each is tried as the code uses it. Time is that
of the processor, which does not depend on what else the machine does.
"""

import ast
import importlib
import pkgutil
import re
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest

import plans
import rocc
from plans.activity_number import number_in
from plans.models import SubActivity
from plans.spreadsheets.cell_text import csv_cell, excel_text, guard, unguard
from plans.spreadsheets.descriptions import Item, join_description, split_description, tidy, tidy_title
from plans.spreadsheets.importing.compare import says_the_same, without_marker
from plans.spreadsheets.importing.numbering import number_written
from plans.spreadsheets.importing.sub_activities import match_items
from plans.spreadsheets.names import LONGEST_CELL, AgencyCells, DecidedNames, Names
from plans.spreadsheets.pages.rows import CellShown
from plans.spreadsheets.published.guide import Party
from plans.spreadsheets.published.printed_table import PartyNames
from plans.spreadsheets.reading.delimited_text import encoding_of
from plans.spreadsheets.reading.headings import score
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.row_versions import unseal, unseal_item
from plans.spreadsheets.widgets import read_day
from plans.spreadsheets.wrong_letters import Corrector
from plans.summaries.record.words import differences
from plans.text import compose, excerpt, fold, matches, one_line, search_words
from tests.views.conftest import open_reading, year_two  # noqa: F401

SHORT, LONG = 6_000, 200_000
SHORT_SECONDS, LONG_SECONDS = 0.1, 4.0
"""A pattern that takes the square of the length needs about a second for the short text, and minutes for the long."""

METHODS = ("match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
RUNS = (
    *(" ", "\t", "\n", "\r", "-", "0", "a", "T", "r", "•", "'", '"', "*", "\\", ".", ";", "<", "?", "=", "ā", "\ufffd"),
    *(" \t", "\n ", "a ", "1 ", "<c ", "\\*", "a.", ".0", "M?", 'r="A1" ', "\u0301\u0323"),
)
PREFIXES = ("", "1", "1.", "1/", "a", "AB: ", "• ", '<c r="A1" ', "DETAIL: ", "1 ma", "x?a")
SUFFIXES = ("", "\x00", "x\ny", "\t!")


def modules():
    """Every module of the site but migrations, and what starts it."""
    for package in (plans, rocc):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and found.name != "rocc.wsgi":
                yield importlib.import_module(found.name)


def patterns_in(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, frozenset, set)):
        for one in value:
            yield from patterns_in(one)
    elif isinstance(value, dict):
        yield from patterns_in(list(value.values()))


def find_patterns():
    """{pattern: (name, methods by which it is used)}."""
    names, used = {}, {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                names.setdefault(pattern, f"{module.__name__}.{name}")
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
                pattern = vars(module).get(node.value.id)
                if isinstance(pattern, re.Pattern):
                    used.setdefault(pattern, set()).add(node.attr)
    return {
        pattern: (name, used.get(pattern, {"match", "search", "fullmatch", "sub"})) for pattern, name in names.items()
    }


PATTERNS = {
    f"{name} {'/'.join(sorted(methods))}": (pattern, methods) for pattern, (name, methods) in find_patterns().items()
}


def text_of(prefix, run, suffix, length):
    return f"{prefix}{run * (length // len(run))}{suffix}"


def seconds_of(call, enough=SHORT_SECONDS):
    """How long the processor takes, of four tries the shortest, unless one is quick enough."""
    best = float("inf")
    for _ in range(4):
        start = process_time()
        call()
        best = min(best, process_time() - start)
        if best < enough:
            break
    return best


def use(pattern, method, text):
    if isinstance(pattern.pattern, bytes):
        text = text.encode()
    found = getattr(pattern, method)
    if method in ("sub", "subn"):
        return found(text[:0], text)
    return sum(1 for _ in found(text)) if method == "finditer" else found(text)


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_is_linear(name):
    pattern, methods = PATTERNS[name]
    for method in methods:
        for run in RUNS:
            for prefix in PREFIXES:
                for suffix in SUFFIXES:
                    text = text_of(prefix, run, suffix, SHORT)
                    seconds = seconds_of(lambda: use(pattern, method, text))  # noqa: B023 - called at once
                    assert seconds < SHORT_SECONDS, (method, prefix, run, suffix, seconds)
            text = text_of("", run, "\x00", LONG)
            seconds = seconds_of(lambda: use(pattern, method, text), LONG_SECONDS)  # noqa: B023 - called at once
            assert seconds < LONG_SECONDS, (method, run, seconds)


def test_every_pattern_has_a_name():
    """One that is written where it is used would not be tried above."""
    inline = [
        f"{module.__name__}:{node.lineno}"
        for module in modules()
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in METHODS
    ]
    assert inline == []


def test_patterns_are_found():
    assert len(PATTERNS) > 30
    assert any(name.startswith("plans.text.SPACE ") for name in PATTERNS)


def table_of(text):
    return read_table(f"Number,Activity\n1,{text[:130_000]}\n".encode(), "x.csv")


AGENCIES = Names("agency", [("police", "Police", ["Police", "NZ Police"]), ("long", "L", ["a " * 90, "a" * 200])])
PARTIES = PartyNames([Party("police", "Police", "department", aliases=("a " * 90, "NZ Police"))])
MISREAD_RUNS = ("Ã", "Ã¢â‚¬", "Ä", "â€", "M?", "?", "ìa", "Ò", "ä")
CHANGED = [
    ("differences", lambda text: differences(text, f"{text[::2]}b")),
    ("pieces", lambda text: CellShown("Description", old=text, new=f"b{text[::2]}").pieces),
    ("says_the_same", lambda text: says_the_same(text, f"•{text}")),
    ("match_items", lambda text: match_items([SubActivity(text=text, position=1)], [Item(f"b{text[::2]}")])),
]
FUNCTIONS = {
    **{
        function.__name__: function
        for function in (
            *(fold, compose, one_line, search_words, number_in, guard, unguard, csv_cell, excel_text, tidy, tidy_title),
            *(read_day, AGENCIES.find, number_written, without_marker, unseal, unseal_item, table_of),
        )
    },
    "matches": lambda text: matches(text, ["aa", "kainga", "a a"]),
    "excerpt": lambda text: excerpt(text, ["aa", "a"]),
    "split_description": lambda text: join_description(split_description(text)),
    "split_description of an item": lambda text: join_description(split_description(f"Words\n• {text}\n* {text}")),
    "heading score": lambda text: score([text, text[:60]]),
    "encoding_of": lambda text: encoding_of(text.encode("utf-8", "surrogatepass")),
    "agencies of a cell": AgencyCells(DecidedNames(AGENCIES, {})).read,
    "agencies of the longest cell": lambda text: AgencyCells(DecidedNames(AGENCIES, {})).read(text[:LONGEST_CELL]),
    "agencies of a published cell": PARTIES.split,
    "wrong letters": lambda text: [
        # Each is so many, and none is read twice, that a quarter of the text says as much.
        Corrector().corrected(f"{run * (LONG // 80)}{text[: LONG // 4]}")
        for run in MISREAD_RUNS
    ],
    **dict(CHANGED),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_that_reads_what_people_write_is_linear(name):
    for run in RUNS:
        text = text_of("x ", run, "\ty", LONG)

        def call(text=text):
            with suppress(ValueError, UnreadableFile):
                FUNCTIONS[name](text)

        seconds = seconds_of(call, LONG_SECONDS)
        assert seconds < LONG_SECONDS, (run, seconds)


def test_marks_that_pile_up_are_cut_and_words_are_not():
    assert compose("Ma\u0304ori, ti\u0302\u0323") == "M\u0101ori, t\u1ecb\u0302"
    assert compose("a" + "\u0301" * 100) == "\u00e1" + "\u0301" * 29
    assert fold("\u0f73" * 100_000 + "a" + "\u0301\u0323" * 100_000) == "a"


@pytest.mark.parametrize("name", ["q", "page", "status", "sort", "agency", "view", "nonsense"])
@pytest.mark.parametrize("run", ["a", "9", " ", "a ", "\u0301\u0323", "%"])
def test_address_with_a_long_parameter_is_answered_at_once(year_two, programme_admin, name, run):  # noqa: F811
    for address in ("/plans/year-two/activities/", "/plans/year-two/import/"):
        start = process_time()
        response = programme_admin.get(address, {name: text_of("", run, "", LONG)})
        assert response.status_code in (200, 400, 404)
        assert process_time() - start < LONG_SECONDS
