"""What people may choose from in a workbook of ours: drop-downs, whose lists stand in a hidden sheet.

A list inside a drop-down itself holds 255 characters, which the names of agencies exceed.
"""

SHEET = "Lists"
NOT_IN_LIST = "Choose from the list: click the arrow beside the cell."


class PickLists:
    """The hidden sheet of lists of a workbook. Each list is a column of it."""

    def __init__(self):
        """Start without lists."""
        self.lists = []

    def add(self, sheet, place, last_row, choices, **options):
        """Give the cells below the heading at `place` of `sheet` a drop-down of `choices`.

        `options` are XlsxWriter's for a data validation; without others, nothing but what is in the list is taken.
        """
        if not choices or not last_row:
            return
        if choices not in self.lists:
            self.lists.append(choices)
        column = chr(ord("A") + self.lists.index(choices))
        source = f"={SHEET}!${column}$1:${column}${len(choices)}"
        refusal = {"error_title": "Not in the list", "error_message": NOT_IN_LIST}
        sheet.data_validation(1, place, last_row, place, {"validate": "list", "source": source, **refusal, **options})

    def write(self, book):
        """Write the lists into a hidden sheet of `book`, its last."""
        sheet = book.add_worksheet(SHEET)
        sheet.hide()
        for row in range(max(map(len, self.lists), default=0)):
            for place, choices in enumerate(self.lists):
                if row < len(choices):
                    sheet.write_string(row, place, choices[row])


def add_plan_lists(lists, sheet, columns, last_row, names):
    """Give drop-downs to those of `columns` that take one of the `Names`, or one of some choices."""
    for place, column in enumerate(columns):
        if not column.readonly:
            lists.add(sheet, place, last_row, column.widget.choices(names), **column.widget.drop_down)
