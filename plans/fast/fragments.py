"""Parts of pages that are made of values alone, and so are made once for the same values: fragments, and menus."""

from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import lru_cache, wraps

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString

from plans.fast.switch import CACHED_FRAGMENTS, is_on

KEPT = 4_000
PLAIN = (str, int, float, date, type(None))


def cached_fragment(template_name, **values):
    """Return what a template makes of `values` and of nothing else: no request, no query, no clock.

    Django takes longer to render a row than the database takes to find it, and most rows are as they were when the
    last page was made. So what was made of the same values is kept, the latest few thousand for a process. It is found
    by the values themselves, which the page has just read for the person that it is for: it cannot be out of date, and
    tells nobody what they do not have already.

    Values are text, numbers, days, choices, and tuples and frozen dataclasses of these. Anything else raises
    `TypeError`: two objects of a table are equal when they have the same key, whatever else changed.
    """
    make = _kept if is_on(CACHED_FRAGMENTS) and not settings.DEBUG else _make
    # What a template itself says counts as safe.
    plain = ((name, str.__str__(value) if isinstance(value, SafeString) else value) for name, value in values.items())
    return make(template_name, tuple(plain))


def _make(template_name, values):
    for _, value in values:
        _refuse_changeable(value)
    return get_template(template_name).render(dict(values))


_kept = lru_cache(maxsize=KEPT)(_make)


def made_once(make):
    """Wrap `make`, a function of plain values alone, so that what it made of the same values is returned again."""
    kept = lru_cache(maxsize=KEPT)(make)

    @wraps(make)
    def made(*values):
        return (kept if is_on(CACHED_FRAGMENTS) else make)(*values)

    return made


def _refuse_changeable(value):
    if isinstance(value, tuple):
        inner = value
    elif is_dataclass(value) and value.__dataclass_params__.frozen:
        inner = [getattr(value, one.name) for one in fields(value)]
    # Text that counts as safe equals text that has to be escaped.
    elif (isinstance(value, PLAIN) and not isinstance(value, SafeString)) or isinstance(value, Enum):
        inner = ()
    else:
        raise TypeError(f"A fragment of a page is made of plain values, not of {type(value).__name__}.")
    for one in inner:
        _refuse_changeable(one)
