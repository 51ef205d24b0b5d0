"""The tricks for speed are on as long as the libraries have what they use, and off by themselves when one has not."""

import ast
import inspect
import logging
from pathlib import Path
from pkgutil import resolve_name
from types import FunctionType

import pytest

from plans.fast import switch
from plans.fast.switch import PRIVATE_PARTS, is_on
from tests.fast.test_prepared_queries import in_plan

HERE = Path(switch.__file__).parent
PARTS = [(trick, part) for trick, parts in PRIVATE_PARTS.items() for part in parts]
# What begins with an underscore and is public all the same, since Django's documentation says so.
PUBLIC = {"_meta", "_state", "_base_manager", "_default_manager"}


@pytest.fixture(autouse=True)
def look_anew(tricks_on):
    """Each test looks at the libraries anew, and leaves nothing of what it saw."""
    switch.has_its_parts.cache_clear()
    yield
    switch.has_its_parts.cache_clear()


def take_away(part, monkeypatch):
    """Have a library be without a part."""
    owner, _, name = part.rpartition(".")
    owner = resolve_name(owner)
    for one in inspect.getmro(owner) if inspect.isclass(owner) else [owner]:
        if name in vars(one):
            monkeypatch.delattr(one, name)
        if inspect.isclass(one) and name in switch._names_in_init(one):
            monkeypatch.setattr(one, "__init__", without(name, one.__init__))


def without(name, init):
    """The function that another one would be if it put something on objects under another name."""
    names = tuple("renamed" if one == name else one for one in init.__code__.co_names)
    return FunctionType(init.__code__.replace(co_names=names), {}, closure=init.__closure__)


@pytest.mark.parametrize(("trick", "part"), PARTS)
def test_trick_is_off_while_a_part_that_it_uses_is_missing(trick, part, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        take_away(part, patch)
        with caplog.at_level(logging.WARNING):
            found = {one: is_on(one) for one in (*PRIVATE_PARTS, *PRIVATE_PARTS)}

    assert not found[trick]
    assert [one.getMessage() for one in caplog.records if trick in one.getMessage()] == [
        f"Going on without {trick}, which are only for speed: there is no {part}."
    ]


@pytest.mark.parametrize("part", ["django.no_such_module.part", "django.db.no_such_part.part", "django.db.no_part"])
def test_part_of_something_that_is_gone_is_missing_too(part):
    assert not switch._is_there(part)


def test_all_tricks_are_on_with_the_libraries_that_are_installed(caplog):
    assert {trick: is_on(trick) for trick in PRIVATE_PARTS} == dict.fromkeys(PRIVATE_PARTS, True)
    assert caplog.records == []


def test_no_trick_is_on_when_they_are_switched_off(settings):
    settings.ROCC_FAST = False

    assert not any(map(is_on, PRIVATE_PARTS))


def test_queries_are_answered_while_what_prepares_them_is_missing(year_two, monkeypatch):
    before = in_plan(plan=year_two.pk)
    monkeypatch.setitem(PRIVATE_PARTS, switch.PREPARED_QUERIES, ("django.db.models.query.gone",))
    switch.has_its_parts.cache_clear()

    assert in_plan(plan=year_two.pk) == before
    assert not is_on(switch.PREPARED_QUERIES)


def test_every_private_name_in_the_code_of_the_tricks_is_in_the_table():
    named = {part.rpartition(".")[2] for _, part in PARTS}
    for path in HERE.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        own = {one.name for one in nodes if isinstance(one, ast.FunctionDef)} | PUBLIC
        used = {one.attr for one in nodes if isinstance(one, ast.Attribute)}
        assert {one for one in used if one.startswith("_") and not one.startswith("__")} <= named | own, path.name
