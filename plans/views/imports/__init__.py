"""Pages of imports: a spreadsheet comes in, is looked at, decided on, imported, and perhaps taken back."""

from plans.views.imports.deciding import import_apply, import_discard, import_options, import_undo
from plans.views.imports.files import import_file, import_marked
from plans.views.imports.receiving import import_list
from plans.views.imports.showing import import_detail, import_progress

__all__ = [
    "import_apply",
    "import_detail",
    "import_discard",
    "import_file",
    "import_list",
    "import_marked",
    "import_options",
    "import_progress",
    "import_undo",
]
