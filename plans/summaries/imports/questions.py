"""What a file asks before it is imported, in words: what would be undone or moved, and what to do about it."""

from dataclasses import dataclass

ANSWERS = {
    "numbers": ("Renumber {} as in the file", "Keep the plan’s numbers"),
    "titles": ("Import these titles as they are in the file", ""),
    "items": ("Withdraw {}", "Keep these descriptions as the plan has them"),
    "agencies": ("Remove {}", "Keep the agencies of these activities as the plan has them"),
}
"""{kind of question: (what the file says, what the plan says; blank where that is no answer)}"""
HINTS = {
    "numbers": (
        "Hidden row versions show which activity each row was made from. Its updates and history move with it. If a "
        "row is a new activity, type it into an empty row of the file instead."
    ),
    "titles": (
        "Updates, sub-activities and history stay with the number. If rows changed places in the file, discard it, "
        "correct the numbers and upload it again."
    ),
    "items": "Done sub-activities that are withdrawn no longer count. Sub-activities are lines that begin with •.",
    "agencies": "An agency that no longer leads an activity cannot report on it.",
}

NOUNS = {
    "numbers": "activity,activities",
    "titles": "row,rows",
    "items": "sub-activity,sub-activities",
    "agencies": "agency,agencies",
}


@dataclass(frozen=True)
class RowAsked:
    """A row that a question is about: where it is, its activity's number, and what it is about."""

    row: int
    number: int
    kind: str
    about: list[str]


@dataclass(frozen=True)
class QuestionShown:
    """A question in words. `choices` are [(value in the form, label)]; `more_count` rows are not listed."""

    kind: str
    sentence: str
    hint: str
    choices: list[tuple[str, str]]
    answer: str
    rows: list[RowAsked]
    more_count: int

    @property
    def field(self):
        """The name of its field in the form."""
        return f"answer_{self.kind}"

    @property
    def chosen(self):
        """The value of the choice that was made; blank while none was."""
        return next((value for value, _ in self.choices if value.partition(":")[0] == self.answer), "")


def list_questions(source):
    """Return the questions that an `Import` was found to ask, as [`QuestionShown`]. No query."""
    return [_shown(one) for one in source.findings.get("questions", [])]


def question_in_words(kind, count, done, row_count):
    """Return what is asked, as a sentence."""
    if kind == "numbers":
        return f"{_counted(count, 'activity,activities')} would get another number."
    if kind == "titles":
        return f"{_counted(count, 'row,rows')} would take the title of another activity."
    if kind == "agencies":
        of = _counted(row_count, "activity,activities")
        return f"{_counted(count, 'agency,agencies')} would no longer lead or support {of}."
    done_too = f", {done:,} of them done," if done else ""
    return f"{_counted(count, 'sub-activity,sub-activities')}{done_too} would be withdrawn."


def _shown(one):
    as_in_file, as_in_plan = ANSWERS[one["kind"]]
    things = _counted(one["count"], NOUNS.get(one["kind"], ""))
    choices = [(f"theirs:{one['seal']}", as_in_file.format(things))]
    if as_in_plan:
        choices.append(("ours", as_in_plan))
    return QuestionShown(
        kind=one["kind"],
        sentence=question_in_words(one["kind"], one["count"], one["done"], one["row_count"]),
        hint=HINTS[one["kind"]],
        choices=choices,
        answer=one["answer"],
        rows=[RowAsked(**row) for row in one["rows"]],
        more_count=one["row_count"] - len(one["rows"]),
    )


def _counted(count, noun):
    one, many = noun.split(",")
    return f"{count:,} {one if count == 1 else many}"
