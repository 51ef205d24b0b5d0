"""Whether the tricks for speed are on: the one place that each of them asks.

All are off with `ROCC_FAST=off`. One is off by itself where a library lacks a private part that it uses, as may be
after an upgrade; the log says so once for each process. Every answer is the same then, only slower.
"""

import inspect
import logging
from functools import cache
from pkgutil import resolve_name

from django.conf import settings

PREPARED_QUERIES = "prepared queries"
CACHED_FRAGMENTS = "cached fragments"
CONDITIONAL_PAGES = "conditional pages"
KEPT_ANSWERS = "kept answers"
EXCEL_LINES = "lines of Excel"

PRIVATE_PARTS = {
    PREPARED_QUERIES: (
        "django.db.backends.base.base.BaseDatabaseWrapper.connection",
        "django.db.backends.base.operations.BaseDatabaseOperations.limit_offset_sql",
        "django.db.backends.utils.CursorWrapper.cursor",
        "django.db.models.expressions.Col",
        "django.db.models.query.ModelIterable",
        "django.db.models.query.QuerySet._iterable_class",
        "django.db.models.query.RelatedPopulator.cols_end",
        "django.db.models.query.RelatedPopulator.cols_start",
        "django.db.models.query.RelatedPopulator.init_list",
        "django.db.models.query.RelatedPopulator.local_setter",
        "django.db.models.query.RelatedPopulator.model_cls",
        "django.db.models.query.RelatedPopulator.pk_idx",
        "django.db.models.query.RelatedPopulator.populate",
        "django.db.models.query.RelatedPopulator.related_populators",
        "django.db.models.query.RelatedPopulator.remote_setter",
        "django.db.models.query.get_related_populators",
        "django.db.models.sql.compiler.SQLCompiler.annotation_col_map",
        "django.db.models.sql.compiler.SQLCompiler.apply_converters",
        "django.db.models.sql.compiler.SQLCompiler.as_sql",
        "django.db.models.sql.compiler.SQLCompiler.get_converters",
        "django.db.models.sql.compiler.SQLCompiler.klass_info",
        "django.db.models.sql.compiler.SQLCompiler.select",
        "django.db.models.sql.query.Query.get_compiler",
    ),
    CACHED_FRAGMENTS: (),
    KEPT_ANSWERS: (),
    CONDITIONAL_PAGES: ("django.utils.cache.get_conditional_response",),
    EXCEL_LINES: (
        "xlsxwriter.format.Format._get_xf_index",
        "xlsxwriter.worksheet.Worksheet._check_dimensions",
        "xlsxwriter.worksheet.Worksheet._convert_date_time",
        "xlsxwriter.worksheet.Worksheet._escape_control_characters",
        "xlsxwriter.worksheet.Worksheet._write_single_row",
        "xlsxwriter.worksheet.Worksheet.fh",
    ),
}
"""What each trick uses that a library does not promise to keep, by its dotted name."""

log = logging.getLogger(__name__)


def is_on(trick):
    """Return whether to use a trick."""
    return settings.ROCC_FAST and has_its_parts(trick)


@cache
def has_its_parts(trick):
    """Return whether every private part that a trick uses is there; what is missing is logged. Looks once."""
    missing = [part for part in PRIVATE_PARTS[trick] if not _is_there(part)]
    if missing:
        log.warning("Going on without %s, which are only for speed: there is no %s.", trick, " and no ".join(missing))
    return not missing


def _is_there(part):
    """Return whether there is what a dotted name says; in a class, what its `__init__` puts on objects counts."""
    owner, _, name = part.rpartition(".")
    try:
        owner = resolve_name(owner)
    except (ImportError, AttributeError):
        return False
    return hasattr(owner, name) or (inspect.isclass(owner) and any(name in _names_in_init(one) for one in owner.mro()))


def _names_in_init(one):
    init = vars(one).get("__init__")
    return init.__code__.co_names if inspect.isfunction(init) else ()
