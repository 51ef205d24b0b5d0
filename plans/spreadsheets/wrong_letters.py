"""Letters that a program took for others on the way, and those that were meant.

Text in UTF-8 that was read as another encoding, once or several times ("MÄ€ori", "childrenâ€™s"); punctuation of Macs
and of Windows read as each other's ("childrenÕs"); and letters with macrons that were lost altogether ("M?ori"), which
only words that are known can bring back.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import islice

from plans.choices import ImportScope
from plans.spreadsheets import columns
from plans.spreadsheets.names import names_of

READ_AS = ("cp1252", "mac_roman", "cp437", "cp850")
"""What text in UTF-8 was read as: Windows, old Macs, and DOS, which scripts on Windows still speak."""

MACRONS = "āēīōūĀĒĪŌŪ"
MEANT = {
    *map(chr, range(0xA0, 0x100)),
    *MACRONS,
    *"‘’‚“”„†‡•…‹›€™‐‑–—−≤≥≠≈→←✓✔✗✘☐☑☒■□▪▫▲►▼●○◦◆❖➢★\u200b\u202f\ufeff",
    # What text reads as that was misread once may be misread again.
    *"".join(bytes(range(0x80, 0x100)).decode(codec, "ignore") for codec in READ_AS),
}
"""Letters and signs of plans in English and te reo that more than one byte stands for in UTF-8."""

UNSEEN = frozenset("\u200b\ufeff\u00ad")
MOST_TIMES = 3
"""How often one text was misread at most."""


def _misread():
    """Return {how a letter reads once it was misread: the letter}, but for those that two letters read as."""
    found = {}
    for codec in READ_AS:
        for letter in MEANT:
            wrong = letter.encode().decode(codec, "ignore")
            if len(wrong) == len(letter.encode()):
                found.setdefault(wrong, set()).add("" if letter in UNSEEN else letter)
    return {wrong: min(letters) for wrong, letters in found.items() if len(letters) == 1}


MISREAD = _misread()
MISREAD_LETTER = re.compile("|".join(map(re.escape, sorted(MISREAD, key=len, reverse=True))))
LOST_BYTES = (
    # Five bytes are no letter of Windows, and vanish. This is what is left of "ā", "ō" and a closing quotation mark.
    (re.compile(r"(?<=[a-zāēīōū])Ä\u00c2?|(?<=[A-Z])Ä\u00c2?(?=[a-z])"), "ā"),
    (re.compile(r"(?<=[a-zāēīōū])Å\u00c2?|(?<=[A-Z])Å\u00c2?(?=[a-z])"), "ō"),
    (re.compile("â€"), "”"),
    # And of a space that does not break.
    (re.compile(r"\u00c2(?=[\s.,;:)]|$)"), ""),
)
PUNCTUATION = (
    # Signs of Macs read as those of Windows, the other way round, and as those of DOS.
    (re.compile(r"(?<=[a-z])[ÕÆ](?=(?:s|t|d|m|re|ve|ll)\b)|(?<=[a-z]{3})í(?=[st]\b)|(?<=n)í(?=t\b)"), "’"),
    (re.compile(r"Ò([^\W\d_][^ÒÓ\n]{0,300})Ó"), r"“\1”"),
    (re.compile(r"(?<!\w)ì([^\W\d_][^ìî\n]{0,300})î(?!\w)"), r"“\1”"),
    (re.compile(r"(?<=[a-z] )[Ðñ](?= [a-z])|(?<=[0-9])[Ðñ](?=[0-9])"), "–"),
    (re.compile(r"^[¥ï](?=[\t\u00a0 ])", re.MULTILINE), "•"),
)
MARKED, LOST = "äëïöüâêîôûÄËÏÖÜÂÊÎÔÛÅ", "?\ufffd"
"""Letters that stand for those with macrons in old fonts and on other keyboards, and signs of a lost letter."""

SUSPECT = re.compile(f"[{LOST}{MARKED}ÆÐÑÒÕìíñ¥{re.escape(''.join(sorted({wrong[0] for wrong in MISREAD})))}]")
"""What one of stands in each text that is not as it was meant."""

TO_LOST = str.maketrans(dict.fromkeys(f"{MARKED}{MACRONS}{LOST}", "?"))
LOST_WORD = re.compile(rf"(?<!\w)[\w{LOST}]{{2,40}}(?!\w)")
LOST_RUN = re.compile(r"\?+")
LOST_APOSTROPHE = re.compile(rf"(?<=[a-z])[{LOST}](?=(?:s|t|re|ve|ll)(?![\w{LOST}]))")
WORD = re.compile(r"(?<!\w)[^\W\d_]{2,40}(?!\w)")
KNOWN_WORDS = (
    "Māori Pākehā whānau kāinga kōrero rōpū hapū ngā tāngata mātauranga wāhine tāne mātua pēpi kōhanga whānui",
    "kāwanatanga manatū tūpuna tīpuna wānanga hīkoi hōtaka āwhina ārahi pūtea kaumātua pūnaha rāhui rārangi Pōneke",
    "Tūhoe Ngāi Ngāti Ngāpuhi Tāmaki Ōtaki Ōtautahi Ōtepoti Ōpōtiki Whangārei Taupō Pātea Whakatāne Hāwera Kāpiti",
    "Ōtāhuhu Māngere mōhio tūturu hāpori hāpai kaiārahi pūrongo āhua tātou mātou rātou pātai kōti kāhui tūāpapa",
)
"""Words of te reo that plans use."""


def misreads_corrected(text):
    """Return a text with the letters that were meant, where those that stand there say which."""
    for _ in range(MOST_TIMES):
        corrected = MISREAD_LETTER.sub(lambda found: MISREAD[found[0]], text)
        if corrected == text:
            break
        text = corrected
    for pattern, meant in (*LOST_BYTES, *PUNCTUATION):
        text = pattern.sub(meant, text)
    return text


class Corrector:
    """Says how texts were meant. Letters that were lost come back by words that are known."""

    def __init__(self, texts_of=tuple):
        """`texts_of()` returns texts in which such words may stand, and is asked only once a letter is lost."""
        self._texts_of, self._words = texts_of, None

    def corrected(self, text):
        """Return a text as it was meant; the same one if nothing is wrong with it."""
        if not SUSPECT.search(text):
            return text
        found = misreads_corrected(text)
        return LOST_APOSTROPHE.sub("’", LOST_WORD.sub(self._found_again, found))

    def _found_again(self, found):
        word = found[0]
        # A question mark behind a word may be one.
        for end in {len(word): None, len(word.rstrip("?")): None}:
            if known := self._known(word[:end]):
                return known + word[end:]
        return word

    def _known(self, word):
        """Return the one word with macrons that a word was; blank if there is none, or several."""
        rest = _without_macrons(word)
        if "?" not in rest or not any(sign in word for sign in MARKED + LOST):
            return ""
        if self._words is None:
            self._words = _by_rest([*KNOWN_WORDS, *self._texts_of()])
        known = self._words.get(rest, {})
        return _in_case_of(word, next(iter(known.values()))) if len(known) == 1 else ""


def _by_rest(texts):
    """Return {word without its letters with macrons: {the word in small letters: the word}} of the words of texts."""
    found = {}
    for word in {word for text in texts if not text.isascii() for word in WORD.findall(text)}:
        rest = _without_macrons(word)
        if "?" in rest and not SUSPECT.search(word):
            found.setdefault(rest, {}).setdefault(word.casefold(), word)
    return found


def _without_macrons(word):
    return LOST_RUN.sub("?", word.translate(TO_LOST).casefold())


def _in_case_of(word, known):
    if word.upper() == word and sum(map(str.isalpha, word)) > 1:
        return known.upper()
    # A capital that is what is left of a small letter says nothing of its case.
    return (
        known if word[0] in f"{LOST}ÄÅ" else (known[0].upper() if word[0].isupper() else known[0].lower()) + known[1:]
    )


WINDOWS_SIGNS = {
    code: bytes([code]).decode("cp1252", "ignore")
    for code in range(0x80, 0xA0)
    if code != 0x85  # which ends a line
}
"""What programs mean by signs that control nothing any more: those of Windows, as browsers take them, too."""


def with_signs_of_windows(text):
    """Return a text with quotation marks, dashes and bullets of Windows where a program left their bare numbers."""
    return text if text.isprintable() else text.replace("Ã\x85", "Ã…").translate(WINDOWS_SIGNS)


# Wrong letters in the cells of a file, as it was meant.

ANY_WORD = re.compile(r"\S+")
MOST_WORDS, LONGEST_WORD = 3, 40
"""How many words of a cell are named, and how many characters of each."""


@dataclass
class WrongLetters:
    """The cells of a table whose letters are wrong: {row: {place in it, from 0: (heading of ours, text as meant)}}."""

    found: dict[int, dict[int, tuple[str, str]]] = field(default_factory=dict)

    def corrected(self, table):
        """Return the table as it was meant."""
        return replace(table, rows=[self._corrected(row) for row in table.rows]) if self.found else table

    def _corrected(self, row):
        if row.row not in self.found:
            return row
        cells = list(row.cells)
        for place, (_, text) in self.found[row.row].items():
            cells[place] = text
        return replace(row, cells=tuple(cells))

    def about(self, row):
        """Return what is wrong in a `TableRow`, in words: ["Activity: “M?ori” is probably “Māori”"]."""
        return [
            f"{heading}: {words}"
            for place, (heading, text) in self.found.get(row.row, {}).items()
            for words in _differences(row.cells[place], text)
        ]


def find_wrong_letters(table, sheet, state, scope):
    """Return the `WrongLetters` in the columns of a table that the `scope` may change. No query.

    Words that hold what is lost elsewhere are those of the `PlanState` and of the table itself.
    """
    places = {place: heading for heading, place in sheet.places.items() if heading != columns.NUMBER.heading}
    if scope == ImportScope.UPDATES:
        places = {place: heading for place, heading in places.items() if heading in sheet.report_headings}
    corrector = Corrector(lambda: [*_texts_of(state), *(cell for row in table.rows for cell in row.cells)])
    found = {}
    for row in table.rows:
        for place, heading in places.items():
            cell = row.cells[place]
            if cell.isascii() and "?" not in cell:
                # Nearly all are.
                continue
            if (text := corrector.corrected(cell)) != cell:
                found.setdefault(row.row, {})[place] = (sheet.name_of(heading), text)
    return WrongLetters(found)


def _texts_of(state):
    for agency in state.agencies.values():
        yield from names_of(agency)
    for area in (*state.focus_areas.values(), *state.priority_areas.values()):
        yield str(area)
    for one in state.activities.values():
        yield from (one.title, one.words, *(text for text, *_ in one.items))


def _differences(cell, text):
    """Yield what differs in the first words that do, in words."""
    pairs = zip(ANY_WORD.finditer(cell), ANY_WORD.finditer(text), strict=False)
    differ = ((one[0], other[0]) for one, other in pairs if one[0] != other[0])
    for one, other in islice(differ, MOST_WORDS):
        yield f"“{one[:LONGEST_WORD]}” is probably “{other[:LONGEST_WORD]}”"
