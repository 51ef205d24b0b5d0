"""Files that people bring: read into a table of text, or refused in a sentence, in bounded memory and time.

`kinds` says what a file is; `texts` reads text by itself, and `opened` has anything else taken apart by a process of
its own (`plans.exchange.opening`); `tables` finds the headings and makes a `Table`, whatever the file was.
"""

from plans.exchange.files.days import read_day
from plans.exchange.files.headings import HeadingMatch, match_headings
from plans.exchange.files.reading import read_pasted, read_table, sheet_names
from plans.exchange.files.table import Table, TableRow, UnreadableFile
from plans.exchange.files.tables import is_heading_row

__all__ = [
    "HeadingMatch",
    "Table",
    "TableRow",
    "UnreadableFile",
    "is_heading_row",
    "match_headings",
    "read_day",
    "read_pasted",
    "read_table",
    "sheet_names",
]
