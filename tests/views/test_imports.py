"""The pages of imports, over imports as a check leaves them."""

import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from plans.choices import ImportScope, ImportState
from plans.limited_process import NoTurn
from plans.models import Import
from plans.spreadsheets.importing import jobs, workflow
from tests.views.imports import CONTENT, change, conflict, make_import
from tests.views.page import Page, said

IMPORTS = "/plans/year-two/import/"
ROWS = [
    {"row": 2, "number": 1, "kind": "updated", "changes": [change("Status", "No update yet", "On track")]},
    {"row": 3, "number": 99, "kind": "created", "changes": [change("Activity", "", "New one")]},
    {"row": 4, "number": 3, "kind": "unchanged"},
    {"row": 5, "number": None, "kind": "skipped"},
    {"row": None, "number": 7, "kind": "missing"},
]
BAD = {"kind": "error", "errors": [{"column": "Status", "message": "'Fine' is no status."}]}


def at(source, what=""):
    return f"{IMPORTS}{source.pk}/{what}"


def sum_of(page):
    (found,) = (one for one in page.main.iter("p") if "import__sum" in one.get("class", ""))
    return said(found)


def cards(page):
    """What the rows on the page say, in order."""
    (rows,) = (one for one in page.main.iter("ol") if "import__rows" in one.get("class", ""))
    return [said(one) for one in rows]


def buttons(page):
    return [said(one) for one in page.main.iter("button")]


@pytest.fixture
def jobs_started(monkeypatch):
    """Starts no job, and notes which would have been: [(import, stage, person)]."""
    started = []
    monkeypatch.setattr(jobs, "start", lambda source, stage, by=None: started.append((source.pk, stage, by)))
    for module in ("views", "upload"):
        monkeypatch.setattr(f"plans.spreadsheets.pages.{module}.wait_a_moment", lambda source: True)
    return started


@pytest.fixture
def query_count(db):
    """Counts the queries of what is done: `query_count(function)`."""

    def count(function):
        with CaptureQueriesContext(connection) as queries:
            function()
        return len(queries)

    return count


@pytest.fixture
def checked(year_two, programme_admin):
    rows = [{**row, "activity": year_two.activities.filter(number=row["number"]).first()} for row in ROWS]
    return make_import(year_two, programme_admin.user, rows)


def test_import_page_names_the_button_by_what_it_does(checked, programme_admin):
    page = Page(programme_admin.get(at(checked)))

    assert page.h1 == "plan.csv"
    assert sum_of(page) == "4 rows: 1 new, 1 changed, 1 unchanged, 1 skipped"
    assert buttons(page)[:2] == ["Import 1 changed activity and 1 new activity", "Discard this file"]


def test_import_page_shows_a_changed_cell_struck_and_marked(checked, programme_admin):
    page = Page(programme_admin.get(at(checked, "?kind=updated")))

    assert cards(page) == ["1. Operation Cobalt row 2 · changed Status [before: No update yet] [after: On track]"]
    assert [said(one) for one in page.main.iter("del")] == ["[before: No update yet]"]
    assert [said(one) for one in page.main.iter("ins")] == ["[after: On track]"]


def test_import_page_shows_what_is_around_a_change_of_a_long_text(year_two, programme_admin):
    long = " ".join(f"word{number}" for number in range(100))
    cell = change("Description", long, long.replace("word50", "another"))
    source = make_import(
        year_two, programme_admin.user, [{"row": 2, "number": 1, "kind": "updated", "changes": [cell]}]
    )

    (card,) = cards(Page(programme_admin.get(at(source))))

    assert "word49[removed: word50][added: another] word51" in card.replace("  ", " ").replace(" [", "[")
    assert "word0 " not in card
    assert "word99" not in card
    assert len(card) < 400


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("created", ["Activity 99 row 3 · new Activity [after: New one]"]),
        ("unchanged", ["3. Alignment of TNOC and ROCC row 4 · unchanged"]),
        ("skipped", ["No number row 5 · skipped"]),
        ("missing", ["7. Disruptive Behaviour Referrals not in your file"]),
        ("error", ["No rows."]),
        ("conflict", ["No rows."]),
    ],
)
def test_import_page_shows_rows_by_what_becomes_of_them(checked, programme_admin, kind, shown):
    assert cards(Page(programme_admin.get(at(checked, f"?kind={kind}")))) == shown


def test_import_page_knows_no_other_sort_of_rows(checked, programme_admin):
    assert programme_admin.get(at(checked, "?kind=nonsense")).status_code == 404


def test_errors_in_thousands_of_rows_are_one_line(year_two, programme_admin):
    rows = [{**BAD, "row": row, "number": row} for row in range(2, 4002)]
    other = {"row": 5000, "number": 9, "kind": "error", "errors": [{"column": "", "message": "The number is missing."}]}
    source = make_import(year_two, programme_admin.user, [*rows, other])

    page = Page(programme_admin.get(at(source)))

    assert [said(one) for one in page.section("Errors to fix").iter("li")] == [
        "Rows 2–4,001, Status: 'Fine' is no status.",
        "Row 5,000: The number is missing.",
    ]
    assert not any(button.startswith("Import") for button in buttons(page))
    assert "4,001 rows have errors. Fix them in your file and upload it again, or leave them out." in page.text


@pytest.mark.slow
def test_page_looks_at_a_bounded_number_of_errors_of_an_earlier_version(year_two, programme_admin):
    def cost(count):
        distinct = [{"column": "Status", "message": f"'{place}' is no status."} for place in range(count)]
        rows = [{"kind": "error", "row": row, "number": row, "errors": [one]} for row, one in enumerate(distinct, 2)]
        source = make_import(year_two, programme_admin.user, rows)
        with CaptureQueriesContext(connection) as queries:
            page = Page(programme_admin.get(at(source)))
        lines = page.section("Errors to fix").iter("li")
        return (
            len(queries),
            [one["sql"] for one in queries if "LIMIT 5000" in (one["sql"] or "")],
            sum(1 for _ in lines),
            page,
        )

    few, many = cost(3), cost(50_000)
    assert (few[0], len(many[1]), many[2]) == (many[0], 1, 100)
    assert "And 49,900 more, highlighted in the file." in many[3].text


@pytest.mark.slow
def test_page_looks_at_no_errors_that_a_check_has_listed(year_two, programme_admin):
    lines = "".join(f"{number},Status {number}\n" for number in range(1, 20_001))
    source = workflow.keep_file(
        year_two, f"Number,Status\n{lines}".encode(), "many.csv", by=programme_admin.user, scope=ImportScope.PLAN
    )
    workflow.run_check(source)
    with CaptureQueriesContext(connection) as queries:
        page = Page(programme_admin.get(at(source)))

    fetched = [one["sql"] for one in queries if '"plans_importrow"."errors"' in (one["sql"] or "")]
    assert [sql.rpartition("LIMIT ")[2] for sql in fetched] == ["50"]
    assert source.counts["errors"] == 20_000
    assert len(json.dumps(source.findings)) < 100_000
    lines = [said(one) for one in page.section("Errors to fix").iter("li")]
    assert (len(lines), lines[0][:47]) == (100, "Row 2, Status: no status is called 'Status 1'. ")
    assert "And 19,900 more, highlighted in the file." in page.text


def test_rows_in_error_that_are_left_out_stop_nothing(year_two, programme_admin):
    rows = [ROWS[0], {**BAD, "row": 3, "number": 2}]
    source = make_import(year_two, programme_admin.user, rows, options={"leave_out_errors": True})

    assert buttons(Page(programme_admin.get(at(source))))[0] == "Import 1 changed activity"


def test_conflict_shows_original_file_and_plan_and_asks(year_two, programme_admin):
    row = {"row": 2, "number": 1, "kind": "unchanged", "has_conflict": True}
    cell = conflict("Activity", "Was", "From the file", "Now in the plan")
    source = make_import(year_two, programme_admin.user, [{**row, "changes": [cell]}])

    page = Page(programme_admin.get(at(source)))

    assert page.terms(page.closest(page.controls("choice:1:Activity")[0], {"fieldset"})) == {
        "When the file was exported": "Was",
        "Your file": "From the file",
        "The plan": "Now in the plan",
    }
    assert [one.get("value") for one in page.controls("choice:1:Activity")] == ["theirs", "ours"]
    assert page.chosen("choice:1:Activity") == []
    assert "1 cell was changed in your file and in the plan. Choose which to keep." in page.text
    assert not any(button.startswith("Import") for button in buttons(page))


def test_conflict_that_was_decided_can_be_decided_again(year_two, programme_admin):
    row = {"row": 2, "number": 1, "kind": "updated"}
    cell = conflict("Activity", "Was", "From the file", "Now in the plan", taken="theirs")
    source = make_import(year_two, programme_admin.user, [{**row, "changes": [cell]}])

    page = Page(programme_admin.get(at(source, "?kind=conflict")))

    boxes = page.controls("choice:1:Activity")
    assert [(one.get("value"), "checked" in one.attrib) for one in boxes] == [("theirs", True), ("ours", False)]
    assert buttons(page)[0] == "Import 1 changed activity"


def test_decisions_are_kept_and_the_file_is_checked_again(checked, programme_admin, jobs_started):
    sent = {"fingerprint": "abc", "column_1": "Number", "column_2": "Status", "column_3": "Description"}
    sent |= {"clear_3": "on", "column_4": "Activity", "choice:1:Activity": "ours", "kind": "updated", "page": "2"}

    response = programme_admin.post(at(checked, "options/"), sent)

    checked.refresh_from_db()
    assert response["Location"] == at(checked, "?kind=updated&page=2")
    assert checked.options["columns"] == {"4": "Activity"}
    assert checked.options["clears"] == ["Description"]
    assert checked.options["choices"] == {"1": {"Activity": "ours"}}
    assert (checked.state, jobs_started) == (ImportState.WAITING, [(checked.pk, "check", programme_admin.user)])


def test_one_side_for_all_conflicts_takes_the_place_of_single_choices(checked, programme_admin, jobs_started):
    Import.objects.update(options={"choices": {"1": {"Activity": "ours"}}})

    programme_admin.post(at(checked, "options/"), {"fingerprint": "abc", "all_conflicts": "theirs"})

    checked.refresh_from_db()
    assert (checked.options["all_conflicts"], checked.options["choices"]) == ("theirs", {})


def test_unknown_name_is_asked_once_and_its_suggestion_is_chosen(year_two, programme_admin, jobs_started):
    name = {"kind": "agency", "written": "Polcie", "rows": [2, 3, 4], "suggestion": "Police"}
    rows = [{**BAD, "row": 2, "number": 1}]
    source = make_import(year_two, programme_admin.user, rows, findings={"unknown_names": [name]})

    page = Page(programme_admin.get(at(source)))
    (box,) = page.controls("name_0")
    chosen = [one.get("value") for one in box if "selected" in one.attrib]
    programme_admin.post(at(source, "options/"), {"fingerprint": "abc", "name_0": "create"})

    source.refresh_from_db()
    assert chosen == ["use:police"]
    assert "“Polcie” agency · rows 2–4" in page.text
    assert source.options["names"] == {"agency": {"Polcie": {"create": "Polcie"}}}


def test_words_for_a_status_and_for_nobody_are_asked_once(year_two, programme_admin, jobs_started):
    names = [
        {"kind": "status", "written": "Green", "rows": [2], "suggestion": "on_track"},
        {"kind": "agency", "written": "TBC", "rows": [2, 3], "suggestion": "none"},
    ]
    rows = [{**BAD, "row": 2, "number": 1}]
    source = make_import(year_two, programme_admin.user, rows, findings={"unknown_names": names})

    page = Page(programme_admin.get(at(source)))
    boxes = [page.controls(name)[0] for name in ("name_0", "name_1")]
    chosen = [one.text for box in boxes for one in box if "selected" in one.attrib]
    sent = {"fingerprint": "abc", "name_0": "use:at_risk", "name_1": "use:none"}
    programme_admin.post(at(source, "options/"), sent)

    source.refresh_from_db()
    assert chosen == ["On track", "No agency yet"]
    assert page.link("words in spreadsheets") == "/admin/plans/importword/"
    assert "Nothing: keep the status as it is" in [one.text for one in boxes[0]]
    assert source.options["names"] == {"status": {"Green": {"use": "at_risk"}}, "agency": {"TBC": {"use": "none"}}}


def test_decision_about_an_earlier_check_changes_nothing(checked, programme_admin, jobs_started):
    page = Page(programme_admin.post(at(checked, "options/"), {"fingerprint": "old"}, follow=True))

    checked.refresh_from_db()
    assert "This file was checked again after you opened the page." in page.text
    assert (checked.state, checked.options, jobs_started) == (ImportState.CHECKED, {}, [])


def test_import_button_pressed_twice_starts_one_job(checked, programme_admin, jobs_started):
    for _ in range(2):
        assert programme_admin.post(at(checked, "apply/"), {"fingerprint": "abc"})["Location"] == at(checked)

    assert jobs_started == [(checked.pk, "apply", programme_admin.user)]


def test_import_of_what_was_not_shown_is_refused(checked, programme_admin, jobs_started):
    page = Page(programme_admin.post(at(checked, "apply/"), {"fingerprint": "old"}, follow=True))

    assert "Review the new result. Nothing has changed." in page.text
    assert jobs_started == []


def test_discarded_file_stays_and_offers_nothing(checked, programme_admin, jobs_started):
    page = Page(programme_admin.post(at(checked, "discard/"), follow=True))
    assert "plan.csv was discarded. Nothing was changed." in page.text

    page = Page(programme_admin.get(at(checked)))
    assert buttons(page) == []
    assert programme_admin.post(at(checked, "apply/"), {"fingerprint": "abc"}).status_code == 302
    assert jobs_started == []


def test_receipt_says_who_when_which_file_and_what_was_left(year_two, programme_admin):
    source = make_import(year_two, programme_admin.user, ROWS, state=ImportState.APPLIED)

    page = Page(programme_admin.get(at(source)))

    terms = page.terms(page.section("Imported"))
    assert terms["File"] == "plan.csv, 25 bytes"
    assert terms["Checksum"] == f"{source.sha256} SHA-256"
    assert terms["Columns not imported"] == "Colour"
    assert terms["Imported"].endswith(" by Programme admin")
    assert sum_of(page) == "4 rows: 1 new, 1 changed, 1 unchanged, 1 skipped"
    assert page.link("Undo this import…") == at(source, "undo/")
    assert buttons(page) == []


def test_undone_import_lists_what_was_kept(year_two, programme_admin):
    kept = [{"number": 1, "column": "Activity", "imported": "From the file", "now": "Edited since"}]
    report = {"taken_back": 2, "kept": kept}
    source = make_import(year_two, programme_admin.user, ROWS, state=ImportState.UNDONE, undo_report=report)

    page = Page(programme_admin.get(at(source)))

    assert page.terms(page.section("Import undone"))["Undone"].endswith(
        ": 2 values restored, 1 kept because changed since"
    )
    assert "1 Activity From the file Edited since" in page.text
    assert "Undo this import…" not in page.text


@pytest.mark.parametrize("state", [state for state in ImportState if state.is_busy])
def test_import_at_work_shows_how_far_it_is(year_two, programme_admin, state, jobs_started):
    how_far = {"rows_read": 4000, "rows_total": 10000, "beat_at": timezone.now()}
    source = make_import(year_two, programme_admin.user, state=state, **how_far)

    page, part = (programme_admin.get(at(source, what)).content.decode() for what in ("", "progress/"))

    assert f"{state.label}: 4,000 of 10,000 rows" in page
    assert f"{state.label}: 4,000 of 10,000 rows" in part
    assert "data-busy" in part
    assert "<html" not in part


def test_whoever_looks_at_an_import_whose_job_died_puts_it_right(year_two, programme_admin, jobs_started):
    source = make_import(year_two, programme_admin.user, ROWS[:1], state=ImportState.APPLYING)

    page = Page(programme_admin.get(at(source)))

    source.refresh_from_db()
    assert source.state == ImportState.CHECKED
    assert page.errors == [source.problem]
    assert "Nothing was imported." in source.problem


def test_refused_file_says_why(year_two, programme_admin):
    problem = "This is a picture, not a spreadsheet. Choose the workbook itself."
    source = make_import(year_two, programme_admin.user, state=ImportState.REFUSED, problem=problem, findings={})

    page = Page(programme_admin.get(at(source)))

    assert problem in page.text
    assert page.link("Choose another file") == IMPORTS


def test_file_comes_back_as_it_came_and_is_never_shown(year_two, programme_admin):
    source = make_import(year_two, programme_admin.user, file_name="Kāinga <plan>.html", content=b"<script>\x00\xff")

    response = programme_admin.get(at(source, "file"))

    assert response.content == b"<script>\x00\xff"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_updater_sees_their_own_imports_only(year_two, programme_admin, police_updater, other_updater):
    own = make_import(year_two, police_updater.user, ROWS[:1], scope=ImportScope.UPDATES)
    make_import(year_two, other_updater.user, scope=ImportScope.UPDATES, file_name="other.csv")
    make_import(year_two, programme_admin.user, file_name="admin.csv")

    page = Page(police_updater.get(IMPORTS))

    assert page.h1 == "Upload a spreadsheet of updates"
    assert [words for words, href in page.links(page.section("Your uploads"))] == ["plan.csv"]
    assert buttons(Page(police_updater.get(at(own))))[0] == "Send 1 update"
    assert {other_updater.get(at(own, what)).status_code for what in ("", "file", "progress/", "undo/")} == {404}
    assert {other_updater.post(at(own, what)).status_code for what in ("options/", "apply/", "discard/")} == {404}


def test_import_page_costs_as_many_queries_for_a_thousand_rows(year_two, programme_admin, query_count):
    def cost(count):
        rows = [{**ROWS[0], "row": row, "number": row} for row in range(2, 2 + count)]
        activity = year_two.activities.get(number=1)
        bad = [{**BAD, "row": 9000 + row, "number": row} for row in range(count)]
        source = make_import(year_two, programme_admin.user, [*({**row, "activity": activity} for row in rows), *bad])
        return query_count(lambda: programme_admin.get(at(source)))

    assert cost(15) == cost(1000) == 7


def test_upload_keeps_the_file_and_starts_its_check(year_two, programme_admin, jobs_started):
    sent = {"what": "file", "file": SimpleUploadedFile("Plan two.csv", CONTENT)}

    response = programme_admin.post(IMPORTS, sent)

    source = Import.objects.get()
    assert response["Location"] == at(source)
    assert (source.file_name, bytes(source.content), source.scope) == ("Plan two.csv", CONTENT, ImportScope.PLAN)
    assert (source.uploaded_by, jobs_started) == (programme_admin.user, [(source.pk, "check", None)])


def test_upload_of_an_updater_is_about_updates_only(year_two, police_updater, jobs_started):
    police_updater.post(IMPORTS, {"what": "file", "file": SimpleUploadedFile("plan.csv", CONTENT)})

    assert Import.objects.get().scope == ImportScope.UPDATES


def test_pasted_table_is_kept_as_a_file(year_two, programme_admin, jobs_started):
    programme_admin.post(IMPORTS, {"what": "text", "text": "Number\tActivity\n1\tKāinga\n"})

    source = Import.objects.get()
    assert bytes(source.content).decode().split() == ["Number", "Activity", "1", "Kāinga"]
    assert source.file_name == "Pasted table.txt"


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"what": "file"}, "Choose a file first."),
        ({"what": "text", "text": " "}, "Paste a table first."),
        ({"what": "file", "file": SimpleUploadedFile("plan.csv", b"")}, "The submitted file is empty."),
    ],
)
def test_upload_of_nothing_says_what_to_do(year_two, programme_admin, sent, problem):
    assert Page(programme_admin.post(IMPORTS, sent), 400).errors == [problem]
    assert Import.objects.count() == 0


def test_two_files_at_once_are_refused_in_words(year_two, programme_admin):
    two = [SimpleUploadedFile(name, CONTENT) for name in ("police.csv", "msd.csv")]

    page = Page(programme_admin.post(IMPORTS, {"what": "file", "file": two}), 400)

    assert page.errors == ["Choose one file at a time. You can import the others after it."]
    assert Import.objects.count() == 0


@pytest.mark.parametrize("has_length", [True, False])
def test_file_that_is_too_large_is_thrown_away_as_it_comes(year_two, programme_admin, settings, has_length):
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_mb": 1}
    size = 1_200_000 if has_length else 1_048_577
    sent = {"what": "file", "file": SimpleUploadedFile("plan.csv", b"x" * size)}

    (problem,) = Page(programme_admin.post(IMPORTS, sent), 400).errors

    assert problem.startswith("The file is larger than 1 MB.")
    assert Import.objects.count() == 0


def test_file_sent_after_the_session_ended_is_asked_for_again(year_two, visitor, programme_admin):
    sent = {"what": "file", "file": SimpleUploadedFile("plan.csv", CONTENT)}
    page = Page(visitor.post(IMPORTS, sent), 403)
    # Each way to sign in takes along the same.
    (kept,) = {one.get("value") for one in page.controls("kept")}
    programme_admin.user.set_password("nine quiet herons wade")
    programme_admin.user.save()
    typed = {"login": "admin@programme.example", "password": "nine quiet herons wade", "kept": kept}

    page = Page(visitor.post("/accounts/login/", {**typed, "next": IMPORTS}, follow=True))

    assert page.h1 == "Import a spreadsheet"
    assert "Your file was not kept. Choose it again." in page.text
    assert Import.objects.count() == 0


@pytest.mark.parametrize("what", ["options", "apply", "discard"])
def test_step_taken_after_the_session_ended_leads_back_to_the_import(checked, visitor, programme_admin, what):
    sent = Page(visitor.post(at(checked, f"{what}/"), {"fingerprint": ""}), 403)
    # Each way to sign in takes along the same.
    (kept,) = {one.get("value") for one in sent.controls("kept")}
    programme_admin.user.set_password("nine quiet herons wade")
    programme_admin.user.save()
    typed = {"login": "admin@programme.example", "password": "nine quiet herons wade", "kept": kept}

    page = Page(visitor.post("/accounts/login/", {**typed, "next": at(checked, f"{what}/")}, follow=True))

    assert page.h1 == "plan.csv"
    assert "You were signed out, so nothing was done." in page.text
    assert Import.objects.get().state == ImportState.CHECKED


def test_reader_may_not_import(year_two, reader):
    assert (reader.get(IMPORTS).status_code, reader.post(IMPORTS).status_code) == (403, 403)


def test_upload_without_its_token_is_not_kept(year_two, programme_admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(programme_admin.user)

    page = Page(client.post(IMPORTS, {"what": "file", "file": SimpleUploadedFile("plan.csv", CONTENT)}, follow=True))

    assert "Your file was not kept. Choose it again." in page.text
    assert Import.objects.count() == 0


def test_conflicts_stay_within_reach_when_all_are_decided(year_two, programme_admin):
    cell = conflict("Activity", "Was", "From the file", "Now in the plan", taken="theirs")
    options = {"all_conflicts": "theirs"}
    source = make_import(year_two, programme_admin.user, [{**ROWS[0], "changes": [cell]}], options=options)

    assert Page(programme_admin.get(at(source))).link("Conflicts 0") == "?kind=conflict#rows"


def test_rows_go_on_on_further_pages(year_two, programme_admin):
    rows = [{**ROWS[0], "row": row, "number": row} for row in range(2, 62)]
    source = make_import(year_two, programme_admin.user, rows)

    first, second = (Page(programme_admin.get(at(source, f"?kind=updated&page={page}"))) for page in (1, 2))

    assert (len(cards(first)), len(cards(second))) == (50, 10)
    assert first.link("Next") == "?kind=updated&page=2#rows"
    assert second.link("Previous") == "?kind=updated&page=1#rows"


def test_workbook_with_its_errors_marked_is_handed_out(year_two, programme_admin):
    rows = [{**BAD, "row": 2, "number": 1}]
    source = make_import(year_two, programme_admin.user, rows, content=b"Number,Status\n1,Fine\n")

    response = programme_admin.get(at(source, "marked.xlsx"))

    book = load_workbook(BytesIO(response.getvalue()))
    assert response["Content-Disposition"] == 'attachment; filename="plan-errors.xlsx"'
    assert "'Fine' is no status." in book.worksheets[0]["B2"].comment.text


def test_workbook_is_not_marked_while_too_many_others_are(year_two, programme_admin, monkeypatch):
    source = make_import(year_two, programme_admin.user, [{**BAD, "row": 2, "number": 1}])

    def refuse(source):
        raise NoTurn

    monkeypatch.setattr("plans.spreadsheets.pages.views.write_marked", refuse)
    page = Page(programme_admin.get(at(source, "marked.xlsx"), follow=True))

    assert page.h1 == "plan.csv"
    assert "Other people are downloading files with errors highlighted. Try again in a minute." in page.text


def test_undo_says_first_what_it_would_take_back(year_two, programme_admin):
    source = make_import(year_two, programme_admin.user, ROWS[:1], state=ImportState.APPLIED)

    page = Page(programme_admin.get(at(source, "undo/")))

    assert page.h1 == "Undo the import of plan.csv?"
    assert "Values go back to what they were before the import: 0 values." in page.text
    assert buttons(page) == ["Undo the import"]


def test_undo_of_many_rows_counts_only_when_asked(year_two, programme_admin):
    source = make_import(year_two, programme_admin.user, ROWS[:1], state=ImportState.APPLIED)
    Import.objects.update(counts={**source.counts, "updated": 1001})

    page = Page(programme_admin.get(at(source, "undo/")))
    asked = Page(programme_admin.get(at(source, "undo/?preview=1")))

    assert page.link("Show it now") == "?preview=1"
    assert "is kept: none." in asked.text
    assert "Show it now" not in asked.text


def test_undo_asked_for_twice_starts_one_job(year_two, programme_admin, jobs_started):
    source = make_import(year_two, programme_admin.user, ROWS[:1], state=ImportState.APPLIED)

    for _ in range(2):
        programme_admin.post(at(source, "undo/"))

    assert jobs_started == [(source.pk, "undo", programme_admin.user)]
