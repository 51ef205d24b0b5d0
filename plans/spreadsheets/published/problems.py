"""What is wrong with a text, gathered so that people are told all of it at once."""

from plans.choices import PRINTED_HEADINGS


class AppendixError(Exception):
    """A plan cannot be read or saved. `problems` are the sentences that say why, in the order of the text."""

    def __init__(self, problems):
        """Keep the sentences, and let the message be all of them, one a line."""
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class Problems:
    """Gathers problems; those of the text are answered by line and column, after those of the text come the rest."""

    def __init__(self):
        """Begin with none."""
        self._found = []

    def __bool__(self):
        return bool(self._found)

    def at(self, line, sentence, column=None):
        """Note what is wrong on a line of the text, in `column` (a key of `PRINTED_HEADINGS`) or as a whole."""
        if column is None:
            self._found.append((line, -1, f"Line {line}: {sentence}"))
        else:
            place = list(PRINTED_HEADINGS).index(column)
            self._found.append((line, place, f"Line {line}, {PRINTED_HEADINGS[column]}: {sentence}"))

    def elsewhere(self, sentence):
        """Note what is wrong with something that is not a line of the text."""
        self._found.append((float("inf"), 0, sentence))

    def raise_any(self):
        """Raise `AppendixError` with all that was noted, if anything was."""
        if self._found:
            in_order = sorted(self._found, key=lambda found: found[:2])
            raise AppendixError(sentence for *_, sentence in in_order)
