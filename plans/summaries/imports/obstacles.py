"""What stands in the way of an import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Obstacle:
    """What has to be done before it can be imported: a sentence, and the part of the page where to do it."""

    sentence: str
    part: str


def list_obstacles(*, lacks_number, names, errors, conflicts, questions=()):
    """Answer what keeps a file from being imported, as [`Obstacle`]; `errors` are rows, `conflicts` cells.

    `questions` are sentences that nobody has answered yet.
    """
    found = []
    if lacks_number:
        found.append(Obstacle("No column of the file is read as Number. Say which one is.", "headings"))
    if names:
        one = "name is" if names == 1 else "names are"
        found.append(Obstacle(f"{names:,} {one} not known. Say what is meant.", "names"))
    if errors:
        them, are = ("it", "row is") if errors == 1 else ("them", "rows are")
        sentence = f"{errors:,} {are} in error. Mend {them} in the file and choose it again, or leave {them} out."
        found.append(Obstacle(sentence, "errors"))
    if conflicts:
        were = "cell was" if conflicts == 1 else "cells were"
        found.append(Obstacle(f"{conflicts:,} {were} changed on both sides. Choose which value to keep.", "rows"))
    return found + [Obstacle(sentence, "questions") for sentence in questions]
