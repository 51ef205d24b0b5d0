"""The terms of the product, one for each thing: no text that people see says an old word for it."""

import ast
import re
from pathlib import Path

import pytest

from plans import choices
from plans.text import count_of

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))
SOURCES = sorted(
    path for part in ("plans", "rocc") for path in (ROOT / part).rglob("*.py") if "migrations" not in path.parts
)
SCRIPTS = sorted((ROOT / "static").glob("*.js"))
# {an old word, as a pattern: what the product says}
OLD_WORDS = {
    r"in the way\b": "barrier",
    r"still to come|is to come\b|\bto come\b": "outstanding",
    r"never came": "not received",
    r"\bow(e|es|ed)\b|nothing owed": "due, no update needed",
    r"\bchas(e|ing)\b": "remind",
    r"write an update|write the update|set the status, and": "add update",
    r"never reported|\bfreshness\b": "never updated, update status",
    r"\bmend(ed|s)?\b": "fix",
    r"\be-mails?\b|\bmailed\b|by mail\b|the mail\b": "email",
    r"\b(some|no|every)body\b|\bwhoever\b(?! had| uploads)": "someone, no one, everyone",
    r"(tak(e|en|es)|took|went|goes|put) back\b": "reversed, restored, undone",
    r"\bcame in\b|\bsent? in a\b|you sent in": "uploaded",
    r"passed over": "skipped",
    r"\bin error\b": "with errors",
    r"\bin force\b": "active",
    r"also written|as spreadsheets may write": "also known as",
    r"\bstands for\b": "members, means",
    r"as printed\b|printed cell": "as published",
    r"parted by|semicolons between": "separate with semicolons",
    r"workbook to report in|to be filled in|invite somebody": "reporting workbook, add a person",
    r"\b(you|account) may not\b|\bmay not (do|edit|see|use|read|write)\b": "do not have permission",
    r"\bsuch as\b": "for example",
    r"\b[ap]\.m\.": "am, pm",
}
# Legitimate uses: {where: what the texts there say}
ALLOWED = {
    "plans/backup/tables.py": r"whoever had signed in|nobody sends those",
    "plans/backup/restoring.py": r"tables such as",
    # Names that exports had before, which imports still read.
    "plans/spreadsheets/columns.py": r"^Freshness$",
    "plans/spreadsheets/writing/error_copy.py": r"^What to mend$",
    "plans/spreadsheets/reading/child.py": r"^What to mend$",
    "plans/views/health.py": r"some are still to come",
}
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)
SAID_BY_A_TAG = re.compile(r'(?:aria-label|title|placeholder|content|label|hint|summary|name)="([^"]*)"')
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<script.*?</script>", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`')


def texts_of_a_template(source):
    """What a template says: its text, and what its tags say by attributes and parameters."""
    source = COMMENT.sub("", source)
    return [TAG.sub("\n", source), *SAID_BY_A_TAG.findall(source)]


def texts_of_a_module(source):
    """The texts of a module: its strings of several words, or in capitals, that are not docstrings."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
        if " " in node.value or node.value[:1].isupper()
    ]


def texts_of_a_script(source):
    """The strings of a script."""
    return [one or other for one, other in LITERAL.findall(source)]


READERS = {
    ".html": texts_of_a_template,
    ".txt": texts_of_a_template,
    ".py": texts_of_a_module,
    ".js": texts_of_a_script,
}


def old_words_in(text):
    """The old words in a text, each as it is there."""
    return [match[0] for pattern in OLD_WORDS for match in re.finditer(pattern, text, re.IGNORECASE)]


@pytest.mark.parametrize("path", [*TEMPLATES, *SOURCES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_text_says_no_old_word(path):
    allowed = ALLOWED.get(str(path.relative_to(ROOT)))
    texts = READERS[path.suffix](path.read_text())
    if allowed:
        texts = [re.sub(allowed, "", text) for text in texts]
    # All at once, which takes a fifth of the time; where a word is found, one by one to say where.
    texts = texts if old_words_in("\n".join(texts)) else []

    assert [(old, text.strip()) for text in texts for old in old_words_in(text)] == []


def test_choice_says_no_old_word_and_means_something_in_a_sentence():
    found = [one for one in vars(choices).values() if isinstance(one, type) and issubclass(one, choices.TextChoices)]
    members = [member for one in found for member in one]
    assert members
    for member in members:
        meaning = getattr(member, "meaning", "")
        assert old_words_in(f"{member.label} {meaning}") == []
        assert not meaning or (meaning[0].isupper() and meaning.endswith("."))


@pytest.mark.parametrize("text", ["Nothing stands in the way", "Mend this", "Somebody owes an update", "2:10 p.m."])
def test_old_words_are_found(text):
    assert old_words_in(text)


@pytest.mark.parametrize(("count", "words"), [(0, "0 updates"), (1, "1 update"), (2, "2 updates")])
def test_counts_read_right(count, words):
    assert count_of(count, "update,updates") == words
