"""Words that were explained for earlier files: what they mean in this one, and keeping what is explained now."""

from contextlib import suppress
from functools import cached_property

from django.db import IntegrityError, transaction

from plans.actions.row_changes import save_row
from plans.choices import NO_LEAD, WordKind
from plans.models import ImportWord
from plans.models.import_word import MEANINGS
from plans.spreadsheets.names import letters_of
from plans.text import fold, listed

LONGEST_WORD = ImportWord._meta.get_field("word").max_length
MEANS = {
    WordKind.STATUS: {**dict(MEANINGS), NO_LEAD: "nothing"},
    WordKind.AGENCY: {NO_LEAD: "no agency yet"},
}
"""{kind: {code: what it is called in a sentence}}."""

RECALLED = "recalled"
"""What marks a decision, among `Options.names`, that was not made for this file."""


class RecalledWords:
    """What words mean by what was explained for earlier files. One query, once a file has a word that is unknown."""

    def __init__(self):
        self.names = {}
        """Those that were asked for, as `Options.names` has decisions."""

    def code(self, known, written):
        """Return the code of what `written` means among the `Names` `known`; None where nobody explained it."""
        meaning = self._meanings.get((known.kind, known.key(written)))
        if meaning:
            self.names.setdefault(known.kind, {})[written] = {"use": meaning, RECALLED: "yes"}
        return meaning

    @cached_property
    def _meanings(self):
        keys = {WordKind.STATUS: letters_of, WordKind.AGENCY: fold}
        words = ImportWord.objects.exclude(meaning="").order_by("pk")
        return {(one.kind, keys[WordKind(one.kind)](one.word)): one.meaning for one in words}


def recalled_in_words(names):
    """Return the sentence that says which decisions were made for an earlier file; blank for none."""
    found = [
        f"“{written}” means {MEANS[kind].get(one['use'], one['use'])}"
        for kind in WordKind.values
        for written, one in names.get(kind, {}).items()
        if RECALLED in one
    ]
    return f"As explained for an earlier file: {listed(found)}." if found else ""


def remember_words(names, *, by, reason):
    """Keep what was explained for a file, given its `Options.names`, for the next one. Takes part in a transaction.

    No query where nothing was explained.
    """
    explained = [
        (kind, written, one["use"])
        for kind in WordKind.values
        for written, one in names.get(kind, {}).items()
        if RECALLED not in one and len(written) <= LONGEST_WORD and _is_meaning(kind, one.get("use", ""))
    ]
    for kind, written, meaning in explained:
        word = ImportWord.objects.filter(kind=kind, key=fold(written)).first() or ImportWord(kind=kind, word=written)
        if word.meaning == meaning:
            continue
        word.meaning = meaning
        # Another import may explain it at the same moment.
        with suppress(IntegrityError), transaction.atomic():
            save_row(word, by=by, reason=reason)


def _is_meaning(kind, use):
    return use == NO_LEAD or (kind == WordKind.STATUS and use in MEANS[kind])
