"""The law: what pages and files said at a moment, they say again when they are asked for as at that moment.

The plan is changed at random, in every way in which plans change, and what pages and files said after each change is
kept. Afterwards each of them says the same again, letter for letter but for the band. A seed makes a run repeatable.
"""

import random
import re
from contextlib import suppress
from io import BytesIO
from itertools import zip_longest

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from plans.actions import correct_update, record_update
from plans.actions.activities import withdraw
from plans.actions.agency_merges import undo_merge
from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.actions.first_history import record_first_history
from plans.actions.plans import edit_plan
from plans.actions.roll_over import choose, make_draft, undo_roll_over
from plans.actions.rounds import close_round
from plans.choices import RollOverDates, Status
from plans.models import Activity, Agency, AgencyAlias, AgencyMerge, Barrier, FocusArea, Import, Plan, StatusUpdate
from plans.summaries.rounds import freeze_report
from tests.as_at.conftest import moment
from tests.test_admin_activities import form_fields
from tests.test_agency_merges import merge
from tests.test_editing import opened, send
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
PLAN = "/plans/year-two/"
STEPS = 15
MINUTES = 5
"""Between two changes, so that nobody is signed out."""
ALWAYS = ("", "activities/?group=none&view=table&q=a", "activities.csv")
SOMETIMES = (
    *("about/", "matrix/", "agencies/", "agencies/te-whatu-ora/", "agencies/police/", "rounds/", "dates/"),
    *("dates.csv", "barriers/", "barriers.csv", "barriers.xlsx", "activities.xlsx", "focus-areas/supply/"),
    *(
        "activities/?status=off_track&status=on_track",
        "activities/?attention=any",
        "activities/?agency=police&role=lead",
    ),
    *("activities/1/", "activities/4/", "activities/9/", "activities/1/history/", "activities/4/history/"),
    *("activities/4/record.xlsx", "activities/?q=whakamutunga", "activities/?sort=-updated", "rounds/1/", "rounds/2/"),
)
OF_LINEAGE = (
    "activities/{0}/",
    "activities/{0}/history/",
    "activities/{0}/record.xlsx",
    "/plans/year-three/activities/{0}/",
)
"""What says in which activity that one goes on, or of which it is the continuation."""
ROLL_OVERS = 3
BAND = re.compile(r'\s*<section class="as-at".*?</section>', re.DOTALL)
CHOICE = re.compile(r'\s*<section class="card" aria-labelledby="as-at-head">.*?</section>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="at" value="[^"]*">')
CALENDAR = re.compile(r' <a class="no-print" href="[^"]*/due\.ics">.*?</a>')
"""The way to the due date of today, which no page of an earlier moment has."""
AT = re.compile(r"(?:\?|&amp;|&)(?:at|to)=[0-9TZ.%A:-]+")
OF_MAKING = ("As at", "Made", "Link to this view")


class Changes:
    """Ways in which a plan changes, each by a method; what cannot be done at that time is left out."""

    def __init__(self, rng, browser, folder):
        self.rng, self.browser, self.by, self.folder = rng, browser, browser.user, folder
        self.count = self.roll_overs = 0

    def word(self):
        self.count += 1
        return f"{self.rng.choice(['Whakamutunga', 'Kāinga', 'Police', 'Step'])} {self.count}"

    def activity(self):
        return self.rng.choice(list(self.activities()))

    def activities(self):
        return Activity.objects.in_force().filter(plan__slug="year-two", number__in=[1, 4, 9])

    def edit_on_the_page(self):
        number = self.activity().number
        data = opened(self.browser, number)
        leads = self.rng.choice(["Police", "Te Whatu Ora", "Te Aka Whai Ora; Police"])
        if Agency.objects.exclude(merged_into=None).exists():
            leads = "Police"
        due = {"due_on": f"2026-12-{self.rng.randint(10, 28)}", "date_reason": "Agreed"}
        answer = send(self.browser, number, data, title=self.word(), leads=leads, supports="MSD", **due)
        assert answer.status_code == 302, answer.context["editing"].errors

    def edit_in_the_admin(self):
        area = FocusArea.objects.get(code="SUPPLY")
        page = f"/admin/plans/focusarea/{area.pk}/change/"
        fields = form_fields(self.browser.get(page))
        assert self.browser.post(page, {**fields, "statement": self.word()}).status_code == 302

    def report(self):
        activity = self.activity()
        lead = activity.agency_links.filter(role="lead").order_by("position").first()
        if lead:
            told = {"what_happened": self.word(), "whats_next": "More", "barrier": self.rng.choice(["", self.word()])}
            status = self.rng.choice([Status.ON_TRACK, Status.OFF_TRACK, Status.AT_RISK])
            record_update(activity=activity, by=self.by, agency=lead.agency, status=status, **told)

    def correct(self):
        update = StatusUpdate.objects.filter(retracted_at=None, replaced_by=None).exclude(kind="note").first()
        plan = Plan.objects.get(slug="year-two")
        if update and plan.open_round and update.round == plan.open_round and not update.activity.withdrawn_on:
            told = {"what_happened": self.word(), "barrier": self.rng.choice(["", self.word(), update.barrier])}
            correct_update(update=update, by=self.by, agency=update.agency, status=Status.AT_RISK, **told)

    def deal_with_a_barrier(self):
        barrier = Barrier.objects.filter(resolved_at=None).first()
        if barrier:
            act = self.rng.choice([resolve_barrier, escalate_barrier])
            if not (act is escalate_barrier and barrier.is_escalated):
                act(barrier=barrier, by=self.by, note=self.word())

    def open_or_close_a_round(self):
        plan = Plan.objects.get(slug="year-two")
        if plan.open_round:
            close_round(reporting_round=plan.open_round, by=self.by, report=freeze_report)
        else:
            answer = self.browser.post(f"{PLAN}rounds/open/", {"name": self.word(), "due_on": "2026-07-20"})
            assert answer.status_code == 302

    def import_a_file(self):
        self.count += 1
        file = self.folder / f"{self.count}.csv"
        others = (self.activity(), Activity.objects.get(plan__slug="year-two", number=7))
        rows = [f"{one.number},{self.word()},Corrections" for one in others]
        file.write_text("\n".join(["Number,Activity,Support Agencies", *dict.fromkeys(rows)]))
        told = ["--plan", "year-two", "--apply", "--confirm-removals", "--as", self.by.email]
        call_command("import_activities", str(file), *told, verbosity=0)

    def undo_an_import(self):
        source = Import.objects.filter(state="applied").first()
        if source:
            # It exits with 1 where it keeps what was edited since.
            with suppress(SystemExit):
                call_command("undo_import", str(source.pk), "--as", self.by.email, verbosity=0)

    def merge_or_undo(self):
        undoable = AgencyMerge.objects.filter(undone_at=None).first()
        if undoable:
            undo_merge(merge=undoable, by=self.by, reason="Back")
        else:
            merge(self.by, "te-aka-whai-ora", "te-whatu-ora")

    def rename_an_agency(self):
        agency = Agency.objects.get(code=self.rng.choice(["police", "te-whatu-ora"]))
        agency.name_en = self.word()
        agency.save()
        AgencyAlias.objects.create(agency=agency, alias=self.word())

    def change_a_group(self):
        group = Agency.objects.filter(kind="group").first()
        members = Agency.objects.filter(kind="agency", merged_into=None)
        group.members.set(self.rng.sample(list(members), 3))

    def withdraw_one(self):
        if self.activities().count() > 2:
            withdraw(activity=self.activity(), by=self.by, on=timezone.localdate())

    def roll_over(self):
        """Make the next plan, undo that, and make it again, which is published then: one of them each time."""
        plan, self.roll_overs = Plan.objects.get(slug="year-two"), self.roll_overs + 1
        if self.roll_overs == ROLL_OVERS - 1:
            undo_roll_over(plan=plan, by=self.by, reason=self.word(), on=timezone.localdate())
            return
        choices = {one: {"outcome": "continue"} for one in Activity.objects.in_force().filter(plan=plan)}
        choices[self.activity()] = {"outcome": "split", "titles": f"{self.word()}\n{self.word()}"}
        choose(plan=plan, choices=choices, by=self.by)
        year_three = Plan(slug="year-three", name="Year Three", short_name="Year Three")
        made = make_draft(plan=plan, by=self.by, dates=RollOverDates.KEPT, new_plan=year_three).new_plan
        if self.roll_overs == ROLL_OVERS:
            made.is_published = True
            edit_plan(plan=made, by=self.by, reason="Published", fields=["is_published"])


NO_WAYS = ("word", "activity", "activities")
WAYS = [name for name in vars(Changes) if not name.startswith("_") and name not in NO_WAYS]


def said(client, path, *, at=""):
    """What an address answers: (status, text or cells), without the band and what is about the moment alone."""
    if at:
        path += f"{'&' if '?' in path else '?'}at={at}"
    response = client.get(path if path.startswith("/") else PLAN + path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if "spreadsheet" in response["Content-Type"]:
        return response.status_code, _cells(body)
    text = body.decode()
    for pattern in (BAND, CHOICE, HIDDEN, CALENDAR, AT):
        text = pattern.sub("", text)
    return response.status_code, [line.strip() for line in text.splitlines() if line.strip()]


def _cells(body):
    book = openpyxl.load_workbook(BytesIO(body))
    rows = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    return {name: [row for row in sheet if row[0] not in OF_MAKING] for name, sheet in rows.items()}


@pytest.mark.parametrize("seed", [3])
def test_pages_and_files_say_again_what_they_said(clock, client, programme_admin, open_reading, tmp_path, capsys, seed):
    load_year_two()
    record_first_history("Loaded")
    rng = random.Random(seed)
    changes, kept = Changes(rng, programme_admin, tmp_path), []
    ways = [*WAYS, *["roll_over"] * (ROLL_OVERS - 1), *rng.choices(WAYS, k=STEPS - len(WAYS) - ROLL_OVERS + 1)]
    rng.shuffle(ways)
    for step, way in enumerate(ways, start=1):
        clock(step * MINUTES / 60)
        getattr(changes, way)()
        clock((step * MINUTES + 1) / 60)
        paths = [*ALWAYS, *rng.sample(SOMETIMES, 3)]
        if way == "roll_over":
            paths += [path.format(changes.activity().number) for path in OF_LINEAGE]
        kept += [(step, way, path, said(client, path)) for path in paths]

    clock(100)
    for step, way, path, before in kept:
        at = moment((step * MINUTES + 1) / 60).isoformat().replace("+00:00", "Z")
        again = said(client, path, at=at)
        assert differences(before, again) == [], f"{path} after step {step}, {way}"
    assert all(any(word in str(lines) for *_, (_, lines) in kept) for word in (">Continues<", ">Continued by<"))


def differences(before, again):
    """The lines, or the cells, that are not the same: [(then, said again)]."""
    # A page that is not there says why it is not there then in another sentence.
    if before == again or before[0] == again[0] == 404:
        return []
    if before[0] != again[0] or isinstance(before[1], dict):
        return [(before, again)]
    return [pair for pair in zip_longest(before[1], again[1]) if pair[0] != pair[1]][:6] or [(before[0], again[0])]
