"""Which letters the bytes of a text file stand for: UTF-8, UTF-16, or Windows-1252 where Excel saved plain "CSV"."""

import codecs
import re

from plans.spreadsheets.reading.table import UnreadableFile

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE_BYTES = 4096
CHUNK_BYTES = 1024 * 1024
LETTERS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
NO_WINDOWS_LETTER = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
OTHER_LETTER = re.compile(rb"[\x80-\xff]")
WINDOWS_NOTE = (
    "The text is in Windows-1252, which has no letters with macrons. If any are missing, save the file in Excel as "
    "“CSV UTF-8” and send that."
)
NO_TEXT = "The file is no text: it holds bytes that no letters have. Send a workbook (.xlsx, .xls, .ods) or CSV UTF-8."


def encoding_of(content):
    """Answer (name of the codec, notes) of the bytes of a text. Raises `UnreadableFile` for what is no text."""
    for mark, name in MARKS:
        if content.startswith(mark):
            _check(content, name)
            return name, []
    if name := _unmarked_utf_16(content):
        _check(content, name)
        return name, []
    if b"\x00" in content:
        raise UnreadableFile(NO_TEXT)
    broken_at = _broken_at(content, "utf-8")
    if broken_at is None:
        return "utf-8", []
    if _is_mostly_utf_8(content):
        line = content.count(b"\n", 0, broken_at) + 1
        raise UnreadableFile(
            f"A letter in line {line} is broken, and the rest is UTF-8. Write it again there, and save as “CSV UTF-8”."
        )
    if NO_WINDOWS_LETTER.search(content):
        raise UnreadableFile(NO_TEXT)
    return "cp1252", [WINDOWS_NOTE]


def _check(content, name):
    if _broken_at(content, name) is not None:
        raise UnreadableFile("The file ends in the middle of a letter, or is damaged. Save it again as “CSV UTF-8”.")


def _unmarked_utf_16(content):
    """The codec of text in which every other byte is nothing, as in plain words in UTF-16."""
    sample = content[:SAMPLE_BYTES]
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if max(high, low) * 3 < len(sample[1::2]) or not sample[1:]:
        return ""
    if low > 20 * high:
        return "utf-16-le"
    return "utf-16-be" if high > 20 * low else ""


def _broken_at(content, name):
    """The place of the first byte that is no letter, None when all are. The text is not kept."""
    decoder = codecs.getincrementaldecoder(name)()
    for start in range(0, len(content), CHUNK_BYTES):
        chunk = content[start : start + CHUNK_BYTES]
        try:
            decoder.decode(chunk, final=start + CHUNK_BYTES >= len(content))
        except UnicodeDecodeError as error:
            return start + error.start
    return None


def _is_mostly_utf_8(content):
    """Whether letters outside ASCII that are well formed outnumber the bytes that are not."""
    rest, good = LETTERS.subn(b"", content)
    return good > len(OTHER_LETTER.findall(rest))
