"""Reading a plan out of the text of its published table.

`printed_table` makes rows of lines and sense of their cells, and `printed_plan` puts a plan together from them and from
the `guide`, and then into the database.
"""

from plans.spreadsheets.published.guide import Guide, load_guide
from plans.spreadsheets.published.printed_plan import PrintedPlan, Receipt, read_appendix, save_plan
from plans.spreadsheets.published.printed_table import AppendixError, decode

__all__ = ["AppendixError", "Guide", "PrintedPlan", "Receipt", "decode", "load_guide", "read_appendix", "save_plan"]
