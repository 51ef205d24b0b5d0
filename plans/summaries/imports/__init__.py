"""What an import comes to, ready to be shown: its counts, its rows cell by cell, its errors in few sentences."""

from plans.summaries.imports.cells import CellShown, RowShown
from plans.summaries.imports.columns import list_columns
from plans.summaries.imports.errors import list_errors, rows_in_words
from plans.summaries.imports.outcome import CONFLICT, OF_TAB, ImportSummary
from plans.summaries.imports.questions import list_questions, question_in_words

__all__ = [
    "CONFLICT",
    "OF_TAB",
    "CellShown",
    "ImportSummary",
    "RowShown",
    "list_columns",
    "list_errors",
    "list_questions",
    "question_in_words",
    "rows_in_words",
]
