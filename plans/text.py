"""Text as people search for it: without macrons, case or stray spaces."""

import re
import unicodedata

NUMBER = re.compile(r"#?(\d{1,9})\.?")


def fold(text):
    """Answer `text` as it is compared: no diacritics, no case, single spaces.

    "Kāinga  Ora" and "KAINGA ORA" both fold to "kainga ora".
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFC", bare.casefold()).split())


def search_words(query):
    """Answer the folded words of what a person typed into a search box, in order."""
    return fold(query).split()


def number_in(word):
    """Answer the activity number that `word` may stand for ("12", "#12", "12."), or None."""
    match = NUMBER.fullmatch(word)
    return int(match[1]) if match else None
