"""A pack as a tagged PDF (PDF/UA-1), set by Typst with the fonts that come with it.

Imported by the process that writes it alone: a large pack takes hundreds of megabytes.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import typst

from plans.packs.blocks import Outline

SOURCE = Path(__file__).with_name("pack.typ")
NOT_IN_FONTS = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
MOST_MISSING = 400
"""Characters that no font has, found one by one; no pack in English has so many."""
INSTEAD = "▯"
MODIFIERS = re.compile("[\U0001f3fb-\U0001f3ff\ufe00-\ufe0f\u200d]")
"""What only makes another picture of the one before it."""
UNBROKEN = re.compile(r"\S{20}(?=\S)")
BREAK = "\u200b"
"""Where a line may break in a word that is longer than a column."""
NOTE = "The fonts of this file lack some characters, which are named in brackets or shown as ▯. The page has them."
LETTERS = b"#for letter in json(bytes(sys.inputs.pack)) { par(letter); strong(letter) }\n"
"""Sets letters alone, which says in little time which of them there are."""
DOCUMENT = b'#set document(title: "Letters")\n#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n'


def write_pdf(outline: Outline) -> bytes:
    """Return the pack as the bytes of a PDF, the same for the same pack.

    What no font has is replaced by its name, since PDF/UA allows no empty boxes, which nobody can tell from each other.
    """
    fonts = typst.Fonts(include_system_fonts=False)

    def compiled(source: bytes, words: Any) -> bytes:
        return typst.compile(
            source,
            format="pdf",
            pdf_standards=["ua-1"],
            sys_inputs={"pack": json.dumps(words)},
            font_paths=fonts,
            timestamp=int(outline.at.timestamp()),
        )

    words = {**_each_text(outline.to_json(), _breakable), "name_of_file": outline.title}
    missing: dict[int, str] = {}
    _set_without(missing, partial(compiled, DOCUMENT + LETTERS), lambda: _letters(words, missing))
    return _set_without(missing, partial(compiled, SOURCE.read_bytes()), lambda: _shown(words, missing))


def _set_without(missing: dict[int, str], compiled: Callable[[Any], bytes], words: Callable[[], Any]) -> bytes:
    """Return what is set of `words()`; characters that no font has become `missing`."""
    while True:
        try:
            return compiled(words())
        except RuntimeError as error:
            found = {ord(one) for one in _unknown_to_fonts(f"{error}")} - set(missing)
            if not found or len(missing) > MOST_MISSING:
                raise
            missing |= {one: _instead_of(chr(one)) for one in found}


def _unknown_to_fonts(problem: str) -> str:
    """Return the characters that a problem is about; none where it is about something else."""
    found = NOT_IN_FONTS.search(problem)
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1]) if found else ""


def _instead_of(letter: str) -> str:
    name = unicodedata.name(letter, "").lower()
    return f"[{name}]" if name and unicodedata.category(letter).startswith("S") else INSTEAD


def _letters(words: Any, missing: Mapping[int, str]) -> list[str]:
    """Return the letters of all words that are not those of English, and that are not known to be missing."""
    # As JSON they are one text, whose own signs are all English.
    found = set(json.dumps(words, ensure_ascii=False))
    return sorted(one for one in found if one > "~" and ord(one) not in missing)


def _shown(words: Mapping[str, Any], missing: Mapping[int, str]) -> dict[str, Any]:
    shown = _each_text(words, lambda text: text.translate(missing))
    if missing:
        note = {"kind": "Paragraph", "style": "", "runs": [{"text": NOTE, "look": ""}]}
        shown = {**shown, "blocks": [*shown["blocks"], note]}
    return shown


def _breakable(text: str) -> str:
    """Return words where a line may break within what is longer than a column."""
    return UNBROKEN.sub(rf"\g<0>{BREAK}", MODIFIERS.sub("", text))


def _each_text(value: Any, become: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return become(value)
    if isinstance(value, Mapping):
        return {name: _each_text(one, become) for name, one in value.items()}
    return [_each_text(one, become) for one in value] if isinstance(value, list | tuple) else value
