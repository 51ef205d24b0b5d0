from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from time import process_time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from openpyxl import load_workbook

from plans.actions import edit_activity, record_update
from plans.choices import Role
from plans.management.commands.quickstart import record_baseline
from plans.models import Activity, Agency, Barrier, Plan, StatusUpdate, SubActivity
from plans.spreadsheets.writing.activity_record import write_record
from plans.summaries.lineage import Relatives
from plans.summaries.record import moment_in_words, read_events, read_record, timeline
from plans.summaries.record.history_rows import fetch_rows
from plans.summaries.record.words import differences
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

HISTORY = "/plans/year-two/activities/{}/history/"
URL = "https://plans.example/plans/year-two/activities/1/"
START = datetime(2026, 11, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def plan(clock):
    return load_year_two()


@pytest.fixture
def admin(make_user):
    return make_user("someone@programme.example", name="Programme admin")


def activity(number):
    return Activity.objects.get(number=number)


def edit(number, by, reason="Agreed", **values):
    row = activity(number)
    for name, value in values.items():
        setattr(row, name, value)
    edit_activity(activity=row, by=by, reason=reason, changed=list(values))


def told(number):
    """[(who, why, [sentence])], newest first."""
    return [
        (str(entry.by), entry.why, [change.sentence for change in entry.changes])
        for entry in read_record(activity(number)).entries
    ]


def test_moments_are_told_where_the_programme_is():
    assert moment_in_words(START) == "3 November 2026 at 2:10 pm"
    assert moment_in_words(START - timedelta(hours=14)) == "3 November 2026 at 12:10 am"


def test_differences_are_found_word_by_word():
    assert differences("one two three", "one 2 three four") == [
        ("same", "one "),
        ("gone", "two"),
        ("new", "2"),
        ("same", " three"),
        ("new", " four"),
    ]


def test_differences_of_long_texts_are_found_while_a_reader_waits():
    words = [f"word{number}" for number in range(4_000)]
    before, after = " ".join(words), " ".join([*words[:2_000], "new", *words[2_001:]])
    started = process_time()

    pieces = differences(before, after)

    same = " ".join(words[:2_000]) + " ", " " + " ".join(words[2_001:])
    assert pieces == [("same", same[0]), ("gone", "word2000"), ("new", "new"), ("same", same[1])]
    assert process_time() - started < 5


def test_differences_of_texts_that_repeat_a_word_very_often_are_not_looked_for():
    before, after = "no " * 1_000 + "yes", "yes " + "no " * 1_000

    assert differences(before, after) == [("gone", before), ("new", after)]


def test_record_tells_how_it_began():
    record_baseline()
    assert told(1) == [
        (
            "None",
            "Loaded with the first start",
            ["loaded the activity from the published plan", "added Police as a lead agency"],
        )
    ]


def test_record_of_an_activity_that_was_loaded_without_one_says_so(admin, clock):
    assert told(1) == [
        (
            "None",
            "",
            ["It was loaded from the published plan before changes were recorded, so the history begins later"],
        )
    ]
    edit(1, admin, title="New")
    assert [entry[2] for entry in told(1)] == [
        ["changed the activity (earlier version not recorded)"],
        ["It was loaded from the published plan before changes were recorded, so the history begins later"],
    ]


def test_record_tells_changes_with_who_and_why(admin, clock):
    record_baseline()
    clock.shift(60)
    edit(1, admin, title="New", reason="Agreed in March")
    clock.shift(60)
    edit(1, admin, title="", withdrawn_on=date(2026, 12, 1), description_state="to_be_finalised")
    assert told(1)[:2] == [
        (
            "Programme admin",
            "Agreed",
            [
                "removed the title, which was “New”",
                "changed the description state from “Finalised” to “To be finalised”",
                "withdrew the activity on 1 December 2026",
            ],
        ),
        ("Programme admin", "Agreed in March", ["changed the title from “Operation Cobalt” to “New”"]),
    ]


def test_record_tells_changes_of_agencies(admin, clock):
    record_baseline()
    clock.shift(60)
    codes = {"msd": Role.LEAD, "police": Role.LEAD, "apa": Role.SUPPORT, "ghic": Role.SUPPORT}
    parties = {role: [Agency.objects.get(code=one) for one, its in codes.items() if its == role] for role in Role}
    edit_activity(activity=activity(2), by=admin, reason="Agreed", agencies=parties)
    assert sorted(told(2)[0][2]) == [
        "added GHIC as a support agency",
        "changed APA from a lead agency to a support agency",
        "changed Police from a support agency to a lead agency",
        "moved MSD from place 2 to place 1",
    ]


def test_record_tells_changes_of_sub_activities(admin, clock):
    record_baseline()
    clock.shift(60)
    rows = list(SubActivity.objects.filter(activity__number=3))
    rows[0].is_done, rows[0].done_on = True, date(2026, 11, 3)
    rows[1].due_on = date(2026, 12, 1)
    footnote, rows[2].footnote = rows[2].footnote, ""
    new = SubActivity(text="A fourth one", position=4)
    edit_activity(activity=activity(3), by=admin, reason="Agreed", items=[*rows, new])
    assert told(3)[0][2] == [
        "marked the sub-activity “Deportee journey mapping” as done on 3 November 2026",
        f"set when the sub-activity “{rows[1].text}” is due to “1 December 2026”",
        f"removed the footnote of the sub-activity “{rows[2].text[:59]}…”, which was “{footnote}”",
        "added the sub-activity “A fourth one”",
    ]


def test_record_tells_a_report_once(admin, clock):
    record_baseline()
    clock.shift(60)
    police = Agency.objects.get(code="police")
    record_update(activity=activity(1), by=admin, status="at_risk", agency=police, what_happened="Two of three done")
    (entry, *_) = read_record(activity(1)).entries
    assert [(change.sentence, change.details) for change in entry.changes] == [
        ("added the update “At risk” for Police", (("What happened", "Two of three done"),))
    ]


def test_record_tells_what_became_of_a_barrier(admin, clock):
    update = StatusUpdate.objects.create(
        activity=activity(1), agency=Agency.objects.get(code="police"), author=admin, status="at_risk", barrier="Money"
    )
    later = {"escalated_at": START + timedelta(hours=1), "resolved_at": START + timedelta(hours=2)}
    Barrier.objects.create(
        activity=activity(1),
        update=update,
        text="Money",
        is_escalated=True,
        escalated_by=admin,
        resolved_by=admin,
        resolution_note="Found",
        **later,
    )
    assert [entry[2] for entry in told(1)][:3] == [
        ["resolved the barrier “Money”"],
        ["escalated the barrier “Money”"],
        ["added the update “At risk” for Police"],
    ]


def test_entries_of_two_people_or_reasons_stay_apart(admin, make_user, clock):
    record_baseline()
    clock.shift(60)
    other = make_user("other@programme.example", name="Second admin")
    edit(1, admin, title="One", reason="First")
    edit(1, admin, description="Two", reason="Second")
    edit(1, other, title="Three", reason="Second")
    assert [entry[:2] for entry in told(1)][:3] == [
        ("Second admin", "Second"),
        ("Programme admin", "Second"),
        ("Programme admin", "First"),
    ]


def test_page_reads_like_sentences(reader, admin, clock):
    record_baseline()
    clock.shift(60)
    edit(1, admin, title="New", reason="Agreed in March")
    clock.shift(60)
    long_text = activity(1).description
    edit(1, admin, description=long_text.replace("multi-phase", "<b>long</b>"))
    text = " ".join(reader.get(HISTORY.format(1)).text.split())
    assert (
        'On <time datetime="2026-11-03T14:11:00+13:00">3 November 2026 at 2:11 pm</time> <b>Programme admin</b> '
        "changed the title from “Operation Cobalt” to “New”. Reason: “Agreed in March”" in text
    )
    assert 'multi-phase<span class="visually-hidden">]</span></del>' in text
    assert '<ins><span class="visually-hidden">[added: </span>&lt;b&gt;long&lt;/b&gt;' in text
    assert "Restore this version" not in text


def count_queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


def work(number, by, clock, rounds):
    """Have so many rounds of edits and reports, some of them in one breath, done on an activity."""
    police, area = Agency.objects.get(code="police"), activity(4).focus_area
    for one in range(rounds):
        clock.shift((60, 1.5, 0.5)[one % 3])
        edit(number, by, title=f"New {one}", focus_area=area if one % 4 else activity(1).focus_area)
        clock.shift(one % 2)
        record_update(activity=activity(number), by=by, status=("on_track", "at_risk")[one % 2], agency=police)
        item = SubActivity.objects.filter(activity__number=number).first()
        item.due_on = date(2026, 12, 1 + one % 28)
        edit_activity(activity=activity(number), by=by, reason=f"Round {one % 5}", items=[item])


def test_page_costs_the_same_for_one_change_and_for_many(reader, admin, clock, monkeypatch):
    record_baseline()
    edit(3, admin, title="New")
    for_one = count_queries(reader, HISTORY.format(3))
    monkeypatch.setattr(timeline, "ROWS_AT_FIRST", 1)
    work(3, admin, clock, 45)
    # How it began is asked for on the last page only; what a part was before, where it was changed often.
    assert (for_one, count_queries(reader, HISTORY.format(3))) == (13, 13)
    first = reader.get(HISTORY.format(3))
    assert len(first.context["record"].entries) == 20
    assert "The newest" not in first.text


def test_pages_tell_the_whole_record_once(reader, admin, clock):
    record_baseline()
    work(3, admin, clock, 25)
    whole = read_record(activity(3), most=10_000).entries
    found, address = [], HISTORY.format(3)
    while address:
        page = reader.get(address).context
        found += page["record"].entries
        address = page["record"].before and f"{HISTORY.format(3)}?before={page['record'].before}"

    assert len(whole) > 25
    assert found == list(whole)


@pytest.mark.parametrize("most", [1, 2, 7])
def test_parts_of_the_record_are_the_whole_record_however_few_rows_are_read(admin, make_user, clock, monkeypatch, most):
    record_baseline()
    other = make_user("other@programme.example", name="Second admin")
    for by in (admin, other, admin):
        work(3, by, clock, 4)
    whole = read_record(activity(3), most=10_000).entries
    monkeypatch.setattr(timeline, "ROWS_AT_FIRST", 2)
    found, before = [], None
    while True:
        part = read_record(activity(3), before, most)
        found += part.entries
        before = part.before
        if before is None:
            break

    assert found == list(whole)


def test_page_reads_no_more_rows_of_a_longer_record(admin, clock):
    record_baseline()
    work(3, admin, clock, 7)
    rows = fetch_rows(activity(3), 5)
    assert [len(found) for found in (rows.own, rows.items, rows.updates)] == [6, 6, 6]


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "1.5"])
def test_page_before_no_moment_is_the_newest(reader, admin, clock, before):
    edit(1, admin, title="New")
    page = reader.get(HISTORY.format(1), {"before": before})
    assert (page.status_code, len(page.context["record"].entries)) == (200, 2)


def noon(minute):
    """What Excel holds for a minute after two, New Zealand time; it knows no time zones."""
    return datetime(2026, 11, 3, 14, minute)  # noqa: DTZ001


def sheets(content):
    book = load_workbook(BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}, book


def test_workbook_holds_the_whole_record(reader, admin, clock):
    record_baseline()
    clock.shift(60)
    edit(1, admin, title="=New", reason="Agreed in March")
    clock.shift(60)
    police = Agency.objects.get(code="police")
    record_update(activity=activity(1), by=admin, status="at_risk", agency=police, what_happened="+Two of three done")
    response = reader.get("/plans/year-two/activities/1/record.xlsx")
    assert response["Content-Disposition"] == ('attachment; filename="year-two-activity-1-record-UNCLASSIFIED.xlsx"')
    told, book = sheets(response.content)
    assert list(told) == ["Events", "Updates", "The activity", "About this export"]
    assert told["Events"][0] == ["When", "Who", "What", "How", "From", "To", "Why"]
    assert told["Events"][-2:] == [
        [
            noon(11),
            "Programme admin",
            "Title",
            "changed the title",
            "Operation Cobalt",
            "=New",
            "Agreed in March",
        ],
        [
            noon(12),
            "Programme admin",
            "Update",
            "added the update “At risk” for Police",
            "",
            "At risk\nWhat happened: +Two of three done",
            "",
        ],
    ]
    assert [row[7] for row in told["Updates"]] == ["What happened", "+Two of three done"]
    assert told["The activity"][4] == ["Activity", "1. Operation Cobalt", "=New"]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "d", "n"}
    assert ["Protective marking", "UNCLASSIFIED"] in told["About this export"]
    assert book["Events"].oddHeader.center.text == "UNCLASSIFIED"


def test_workbook_costs_the_same_for_one_event_and_for_many(admin, plan, clock, django_assert_num_queries):
    record_baseline()

    def updates(row):
        return row.updates.select_related("agency", "author", "round").prefetch_related("evidence")

    def write():
        row = Activity.objects.for_export(localdate()).get(number=1)
        write_record(row, plan, read_events(row), updates(row), URL, START, Relatives())

    with django_assert_num_queries(12):
        write()
    for number in range(5):
        clock.shift(60)
        edit(1, admin, title=f"New {number}")
    with django_assert_num_queries(12):
        write()


@pytest.mark.parametrize("address", [HISTORY, "/plans/year-two/activities/{}/record.xlsx"])
def test_record_is_for_readers_of_the_activity(visitor, reader, settings, address):
    settings.ROCC_OPEN_READING = False
    assert [client.get(address.format(1)).status_code for client in (visitor, reader)] == [302, 200]
    assert reader.get(address.format(99)).status_code == 404
    assert reader.post(address.format(1)).status_code == 405
    Plan.objects.update(is_published=False, is_current=False)
    assert reader.get(address.format(1)).status_code == 404
