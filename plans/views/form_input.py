"""What somebody typed into a form: its fields, and which of them are words to show again when it is refused."""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from django import forms
from django.conf import settings
from django.http import QueryDict

NEVER_KEPT = ("csrfmiddlewaretoken", "kept")
SECRET = re.compile("password|token", re.IGNORECASE)
"""Part of the names of fields that are never kept and never shown again."""
IN_A_SET = re.compile(r"(activity-|.+-)?(\d+|(?<=activity-)[0-9A-Za-z._]{1,20})-([a-z_]+(?:_\d+)?)")
"""The name of a field of one of several forms: `items-0-text`, and `activity-5-what_happened` on "My updates"."""
OF_ACTIVITY = "activity-"
CHOSEN = re.compile(
    r"_.*|initial-.*|choice:.*|(column|clear|name|done|done_on|still|role|place)_\d+|form_key|fingerprint|seen|was|then|no_change"
    r"|back|next|what|kind|page|action|select_across|index|sheet|all_conflicts|usable_password",
    re.DOTALL,
)
"""The names of fields that are chosen or hidden, and are in no form class by which that could be told."""
WRITTEN = (forms.Textarea, forms.TextInput, forms.EmailInput, forms.URLInput)


@dataclass(frozen=True)
class FormInput:
    """What was sent to `path` by a form, as `query`: the urlencoded fields without passwords and tokens.

    `is_kept` says that it is stored, and is in its form again when somebody goes back to it. `whole` is all that came
    with it, where that is more, such as what was typed about other activities on the same page.
    """

    path: str
    query: str
    is_kept: bool = False
    whole: str = ""

    @cached_property
    def fields(self):
        """All fields, as a `QueryDict`."""
        return QueryDict(self.query)

    @property
    def pairs(self):
        """All fields that came, as [(name, value)]: what sends the form once more."""
        return _pairs(QueryDict(self.whole or self.query))

    @property
    def is_entered(self):
        """Whether anything was written or chosen, and not only a button clicked."""
        return any(value and not CHOSEN.fullmatch(_own_name(name)) for name, value in _pairs(self.fields))

    @cached_property
    def words(self):
        """What was written in words, as [(label, text)]: neither what was chosen nor what is hidden in the form."""
        return [(label_of(name), value) for name, value in _pairs(self.fields) if _is_words(name, value)]


def read_form_input(request):
    """Return what the form of this request sent, as `FormInput`; None when it sent nothing, or cannot be read.

    Costs nothing but memory: a body that nobody has read yet is read only up to a few megabytes.
    """
    if request.method != "POST" or not _is_readable(request):
        return None
    # What is kept for another page, such as the other cards of "My updates", is not shown and kept here as well.
    return FormInput(request.path, whole_form(request, without=getattr(request, "kept_elsewhere", ())))


def whole_form(request, without=()):
    """Return all fields of a readable form, urlencoded: no passwords, no tokens, and none of those in `without`."""
    fields = request.POST.copy()
    for name in [name for name in fields if name in NEVER_KEPT or name in without or SECRET.search(name)]:
        del fields[name]
    return fields.urlencode()


def label_of(name):
    """Return the label of the field called `name`, with which of several forms it is in: "Footnote (2)"."""
    match = IN_A_SET.fullmatch(name)
    own = _own_name(name)
    label = _labels().get(own) or own.replace("_", " ").strip().capitalize()
    if match is None:
        return label
    if match[1] == OF_ACTIVITY:
        return f"Activity {match[2].replace('_', '-')}: {label}"
    return f"{label} ({int(match[2]) + 1})" if match[2].isdecimal() else label


def _pairs(fields):
    return [(name, value) for name, values in fields.lists() for value in values]


def _own_name(name):
    match = IN_A_SET.fullmatch(name)
    return match[3] if match else name


def _is_words(name, value):
    name = _own_name(name)
    is_text = any(character.isalpha() for character in value) and value != "on"
    return is_text and (name in _labels() or not (name in _other_names() or CHOSEN.fullmatch(name)))


def _is_readable(request):
    """Return whether the form can be read without reading a file of any size for it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    try:
        is_read = hasattr(request, "_post")
        return (is_read or int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE) and request.POST is not None
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the refusal itself has to be answered
        return False


@cache
def _labels():
    """Return {name: label, blank where forms differ} of the fields of the tracker's forms that are written in."""
    found = {}
    for name, field in _fields():
        if isinstance(field.widget, WRITTEN):
            found.setdefault(name, set()).add(str(field.label or ""))
    return {name: labels.pop() if len(labels) == 1 else "" for name, labels in found.items()}


@cache
def _other_names():
    """Return the names of fields that are only ever chosen or hidden."""
    return {name for name, _ in _fields()} - set(_labels())


def _fields():
    classes = list(forms.BaseForm.__subclasses__())
    for one in classes:
        classes += one.__subclasses__()
        if one.__module__.startswith("plans."):
            yield from getattr(one, "base_fields", {}).items()
