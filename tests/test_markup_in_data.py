"""Markup in any text that a person or a file brings is shown as text: on every page, to every role, after any form."""

import io
import re
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from openpyxl import Workbook

from plans.actions.first_history import record_first_history
from plans.actions.rounds import close_round
from plans.models import Barrier, Import, ImportWord, ReportingRound
from plans.models.fields import FoldedTextField
from plans.summaries.rounds import freeze_report
from tests.test_absurd_addresses import read_names  # noqa: F401
from tests.test_addresses import ROLES, SOMEBODY, as_role, plans  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.imports import make_every_sort
from tests.walking import addresses_of_the_admin, addresses_of_the_site, routes_without

# An element and an attribute that no page has: where one turns up, it came out of a text.
SHORT = '"><zq7 onzq7=1>'
LONG = f"</textarea></title></script></style>--></option><zq7>' onzq7=1 {SHORT}"
LINK = "javascript:zq7()"
TOKEN = re.compile(r"zt(\d+)z")
FIELDS = ("input", "select", "textarea", "button")
STILL_OPEN = 900_200
SCHEMES = ("javascript:", "data:", "vbscript:")
# Columns that only ever hold what we put there.
NOT_BROUGHT = {"password", "sha256", "history_type", "session_key", "session_data"}
NOT_FOR_PAGES = {
    *("text/plain", "text/csv", "text/calendar", "application/zip", "application/octet-stream", "application/json"),
    *("application/problem+json", "application/pdf"),
}


def hostile(field, number):
    """A text for a column, which fits and can be found again by its number."""
    text = f"zt{number}z{LONG if field.max_length is None or field.max_length > 120 else SHORT}"
    return f"{text}@example.govt.nz" if isinstance(field, models.EmailField) else text


def columns():
    """[(model, [column that holds what somebody brought])] of every table, those of history and sessions among them."""
    for model in apps.get_app_config("plans").get_models():
        found = [field for field in model._meta.concrete_fields if is_brought(field)]
        if found and not model._meta.proxy:
            yield model, found


def is_brought(field):
    is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(
        field, models.SlugField | FoldedTextField
    )
    return is_text and not field.choices and field.name not in NOT_BROUGHT and not field.primary_key


def fill(names):
    """Put a hostile text into every column of every row, and the name of the column of each number into `names`.

    What the database refuses in a row, such as how an open barrier was resolved, is left as it is.
    """
    for model, fields in columns():
        for row in model._base_manager.all():
            for field in fields:
                names.append(f"{model._meta.model_name}.{field.name}")
                with suppress(IntegrityError), transaction.atomic():
                    text = {field.attname: hostile(field, len(names) - 1)}
                    model._base_manager.filter(pk=row.pk).update(**text)


def workbook():
    """A workbook whose sheet, headings and cells are hostile, with an error in each row."""
    book = Workbook()
    book.active.title = "<zq7 onzq7=1>"
    book.active.append(["Number", "Activity", "Agency Lead", "Status", SHORT])
    for number in (1, 2, SHORT, 999):
        book.active.append([number, LONG, f"Polcie {LONG}", SHORT, LONG])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


CSV = f'Number,Activity,Agency Lead,{SHORT.replace(chr(34), "")}\n1,"{LONG.replace(chr(34), chr(39))}",Polcie<zq7>,x\n'


@pytest.fixture
def names():
    """The column of each hostile text, by its number."""
    return []


def make_barriers(person):
    """Have one barrier that is escalated, and one that is resolved, too."""
    update = Barrier.objects.get(pk=SOMEBODY).update
    escalated = {
        "is_escalated": True,
        "escalated_at": timezone.now(),
        "escalated_by": person,
        "escalation_note": "Asked for help.",
    }
    resolved = {"resolved_at": timezone.now(), "resolved_by": person, "resolution_note": "Funded."}
    for fields in (escalated, {**escalated, **resolved}):
        Barrier.objects.create(activity=update.activity, update=update, text="No people", **fields)


@pytest.fixture
def site(plans, as_role, names, settings):  # noqa: F811
    """A site in which every text is hostile."""
    record_first_history("Loaded")
    client = as_role("superuser")
    make_every_sort(plans, client.user, 900_100)
    for name, content in (
        (f"{SHORT}.xlsx", workbook()),
        (f"{SHORT}.csv", CSV.encode()),
        ("<zq7>.xlsx", b"no workbook"),
    ):
        data = {"what": "file", "file": SimpleUploadedFile(name, content)}
        assert client.post("/plans/year-two/import/", data).status_code == 302
    make_barriers(client.user)
    ImportWord.objects.create(kind="status", word=SHORT, meaning="on_track")
    plans.activities.filter(number=5).update(ending="stopped", ended_on="2026-06-30", ending_note="Not funded")
    fill(names)
    for activity in plans.activities.all():
        cells = dict.fromkeys(activity.as_printed, LONG) if isinstance(activity.as_printed, dict) else None
        type(activity).objects.filter(pk=activity.pk).update(as_printed=cells)
    reporting_round = ReportingRound.objects.get(pk=SOMEBODY)
    close_round(reporting_round=reporting_round, by=client.user, report=freeze_report)
    days = {"opened_on": timezone.localdate(), "due_on": timezone.localdate()}
    ReportingRound.objects.create(pk=STILL_OPEN, plan=plans, name=SHORT, **days)
    return plans


def is_autocomplete(said):
    """Whether it is a box that Django fails to show again for what is no number, which no browser sends."""
    return "admin-autocomplete" in said.get("class", "")


class Markup(HTMLParser):
    """What of a page came out of a text: elements, attributes and addresses that no template has."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.fields, self.action = [], {}, None

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if "zq7" in tag:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or "zq7" in name:
                self.found.append(f"<{tag} {name}>")
            if (value or "").strip().lower().startswith(SCHEMES) and name in ("href", "src", "action", "formaction"):
                self.found.append(f"<{tag} {name}={value[:40]}>")
        if tag == "form":
            self.action = said.get("action") or "" if (said.get("method") or "").lower() == "post" else None
        elif self.action is not None and tag in FIELDS and said.get("name") and not is_autocomplete(said):
            self.fields.setdefault(self.action, set()).add(said["name"])

    def handle_endtag(self, tag):
        if tag == "form":
            self.action = None


def look(response):
    """(What came out of a text, {action: names of its fields}, the numbers of texts that are shown) of an answer."""
    body = b"".join(response) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if response.status_code >= 500:
        return [f"status {response.status_code}"], {}, set()
    if kind != "text/html":
        is_guarded = response.headers["X-Content-Type-Options"] == "nosniff"
        is_known = kind in NOT_FOR_PAGES or kind.startswith("application/vnd.") or kind == "text/javascript" or not body
        return [] if is_guarded and is_known else [f"content type {kind}"], {}, set()
    page, text = Markup(), body.decode()
    page.feed(text)
    page.close()
    return page.found, page.fields, {int(number) for number in TOKEN.findall(text)}


@pytest.mark.parametrize("role", ROLES)
def test_no_text_becomes_markup_on_any_page(site, as_role, names, read_names, role):  # noqa: F811
    client, found, shown = as_role(role), {}, set()
    client.defaults["HTTP_USER_AGENT"] = LONG
    addresses = list(addresses_of_the_site())
    addresses += [f"/plans/year-two/import/{pk}/" for pk in Import.objects.values_list("pk", flat=True)]
    addresses += [f"/plans/year-two/rounds/{STILL_OPEN}/{part}" for part in ("", "chase/", "close/", "change/")]
    addresses += [f"/plans/year-two/activities/{number}/" for number in (1, 2, 4)]
    if role in ("superuser", "programme_admin", "closed visitor"):
        addresses += addresses_of_the_admin()
    assert role != "superuser" or routes_without(addresses) == set()
    for address in addresses:
        if "logout" in address:
            continue
        read_names()
        asked = [{}]
        markup, _, numbers = look(client.get(address))
        asked += [dict.fromkeys(read_names(), text) for text in (LONG, LINK)]
        asked += [{name: LONG} for name in asked[1]] if role == "open visitor" else []
        shown |= numbers
        for query in asked[1:]:
            markup += look(client.get(address, query))[0]
        if markup:
            found[address] = markup

    assert found == {}
    # What is filled in is shown: a sweep of empty pages would prove nothing.
    seen = {names[number].removeprefix("historical") for number in shown}
    assert EXPECTED.get(role, set()) <= seen


READ = {
    *("activity.title", "activity.description", "subactivity.text", "subactivity.footnote", "agency.name", "plan.name"),
    *("focusarea.statement", "priorityarea.name", "statusupdate.what_happened", "barrier.text", "reportinground.name"),
    *("activity.ending_note", "readingnote.text", "agency.note", "barrier.escalation_note", "barrier.resolution_note"),
}
MANAGED = {
    *READ,
    *("user.name", "user.email", "import.file_name", "auditevent.detail", "activity.history_change_reason"),
}
EXPECTED = {"reader": READ, "open visitor": READ, "programme_admin": MANAGED, "superuser": MANAGED}


def test_no_text_becomes_markup_in_a_form_that_is_refused(site, as_role):  # noqa: F811
    client, found, sent = as_role("superuser"), {}, 0
    for address in [*addresses_of_the_site(), *addresses_of_the_admin()]:
        if "logout" in address:
            continue
        _, forms, _ = look(client.get(address))
        for action, fields in forms.items():
            # No provider of single sign-on answers here, which is no fault of what was sent.
            if "logout" in action or "/sso/" in action:
                continue
            with transaction.atomic():
                response = client.post(action or address, dict.fromkeys(fields, LONG))
                markup = look(response)[0]
                if response.status_code == 302 and response["Location"].startswith("/"):
                    markup += look(client.get(response["Location"]))[0]
                transaction.set_rollback(True)
            # Some of them sign out, or end other sessions.
            client.force_login(client.user)
            sent += 1
            if markup:
                found[action or address] = markup

    assert found == {}
    assert sent > 40
