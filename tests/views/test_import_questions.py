"""What a file would move or undo, from its upload to its receipt, through the page."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from plans.models import Activity, Import, StatusUpdate, SubActivity
from tests.views.page import Page, said

IMPORTS = "/plans/year-two/import/"
PROSE = 'Number,Description\n3,"Strengthen alignment through:\nDeportee journey mapping, delivery of training"\n'


def export(client, address="/plans/year-two/activities.xlsx"):
    return load_workbook(BytesIO(client.get(address).content))


def upload(client, content, name):
    """Send a file in, and answer the address of its import."""
    if not isinstance(content, bytes):
        content.save(out := BytesIO())
        content = out.getvalue()
    response = client.post(IMPORTS, {"what": "file", "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302
    return response["Location"]


def fields(page, form):
    """What a browser would send of a form as it stands: {name: value}."""
    (found,) = (one for one in page.main.iter("form") if one.get("action", "").endswith(form))
    sent = {}
    for one in found.iter():
        if one.tag == "select":
            chosen = [option for option in one.iter("option") if "selected" in option.attrib]
            sent[one.get("name")] = chosen[0].get("value") if chosen else ""
        elif one.tag == "input" and (one.get("type") not in ("radio", "checkbox") or "checked" in one.attrib):
            sent[one.get("name")] = one.get("value", "")
    return sent


def choose(client, address, **answers):
    """Choose one of the answers by its label, and save; answer the page as it is then."""
    page = Page(client.get(address))
    sent = fields(page, "/options/")
    for name, label in answers.items():
        (value,) = (one.get("value") for one in page.controls(name) if label in said(page.closest(one, {"label"})))
        sent[name] = value
    assert client.post(f"{address}options/", sent).status_code == 302
    return Page(client.get(address))


def apply(client, address):
    """Import it, and answer its page."""
    page = Page(client.get(address))
    assert client.post(f"{address}apply/", fields(page, "/apply/")).status_code == 302
    return Page(client.get(address))


def buttons(page):
    return [said(one) for one in page.main.iter("button")]


def swap(sheet):
    sheet["A6"], sheet["A8"] = 7, 5


def insert(sheet):
    sheet.insert_rows(5)
    for row in range(6, 18):
        sheet.cell(row, 1).value = row - 1
    for column, text in enumerate(["4", "SUPPLY", "P1", "Inserted"], start=1):
        sheet.cell(5, column).value = text


def reverse(sheet):
    for row in range(2, 17):
        sheet.cell(row, 1).value = 17 - row


def sort_rows(sheet):
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=16)]
    for place, row in enumerate(sorted(rows, key=lambda row: row[3] or ""), start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(place, column).value = value


RENUMBERED = [
    (swap, 2, {5: 7, 7: 5}),
    (insert, 12, {number: number + 1 for number in range(4, 16)}),
    (reverse, 14, {number: 16 - number for number in range(1, 16)}),
]


@pytest.mark.parametrize(("edit", "count", "number_now"), RENUMBERED)
def test_renumbered_export_is_one_choice_and_updates_follow(year_two, programme_admin, edit, count, number_now):
    ids = dict(year_two.activities.values_list("number", "pk"))
    StatusUpdate.objects.create(activity_id=ids[7], author=programme_admin.user, kind="set", status="on_track")
    book = export(programme_admin)
    edit(book["Activities"])
    address = upload(programme_admin, book, "plan.xlsx")

    page = Page(programme_admin.get(address))
    assert f"{count} activities would get another number." in page.text
    assert not any(button.startswith("Import") for button in buttons(page))
    assert [one.get("checked") for one in page.controls("answer_numbers")] == [None, None]

    page = choose(programme_admin, address, answer_numbers=f"Renumber {count} activities as in the file")
    assert any(button.startswith("Import") for button in buttons(page))
    apply(programme_admin, address)

    now = dict(year_two.activities.values_list("number", "pk"))
    assert {old: now[new] for old, new in number_now.items()} == {old: ids[old] for old in number_now}
    assert list(StatusUpdate.objects.values_list("activity_id", "status")) == [(ids[7], "on_track")]
    page = Page(programme_admin.get(f"/plans/year-two/activities/{number_now[7]}/"))
    assert "On track" in page.text


def test_renumbered_export_can_keep_the_numbers_of_the_plan(year_two, programme_admin):
    before = list(year_two.activities.order_by("pk").values_list("pk", "number", "title"))
    book = export(programme_admin)
    reverse(book["Activities"])
    address = upload(programme_admin, book, "plan.xlsx")

    page = choose(programme_admin, address, answer_numbers="Keep the plan’s numbers")

    assert "Your file matches the plan." in page.text
    assert list(year_two.activities.order_by("pk").values_list("pk", "number", "title")) == before


def test_sorted_export_asks_nothing(year_two, programme_admin):
    book = export(programme_admin)
    sort_rows(book["Activities"])
    address = upload(programme_admin, book, "plan.xlsx")

    source = Import.objects.get()
    assert (source.findings["questions"], source.counts["unchanged"], source.counts["rows"]) == ([], 15, 15)
    assert "Check these before you import" not in Page(programme_admin.get(address)).text


def test_done_sub_activities_are_withdrawn_only_when_that_is_chosen(year_two, programme_admin):
    items = SubActivity.objects.filter(activity__number=3)
    items.update(is_done=True, done_on=date(2026, 10, 1))
    address = upload(programme_admin, PROSE.encode(), "plan.csv")

    page = Page(programme_admin.get(address))
    assert "3 sub-activities, 3 of them done, would be withdrawn." in page.text
    (link,) = (one for one in page.section("Check these before you import").iter("a"))
    assert (said(link), link.get("href")) == ("Row 2, activity 3", "?kind=updated&row=2#rows")
    row_page = Page(programme_admin.get(f"{address}?kind=updated&row=2"))
    assert "Row 2 only." in row_page.text
    assert buttons(page)[:1] == ["Discard this file"]
    programme_admin.post(f"{address}apply/", {"fingerprint": Import.objects.get().findings["fingerprint"]})
    assert items.in_force().count() == 3

    page = choose(programme_admin, address, answer_items="Keep these descriptions as the plan has them")
    assert "matches the plan" in page.text
    page = choose(programme_admin, address, answer_items="Withdraw 3 sub-activities")
    page = apply(programme_admin, address)

    assert items.in_force().count() == 0
    assert "Chosen: Withdraw 3 sub-activities." in page.text
    programme_admin.post(f"{address}undo/")
    assert items.in_force().filter(is_done=True).count() == 3


def test_agencies_that_would_go_are_removed_only_when_that_is_chosen(year_two, programme_admin):
    address = upload(programme_admin, b"Number,Agency Lead\n1,MSD\n", "plan.csv")
    leads = Activity.objects.get(number=1).agency_links.filter(role="lead")

    page = Page(programme_admin.get(address))
    assert "1 agency would no longer lead or support 1 activity." in page.text
    choose(programme_admin, address, answer_agencies="Remove 1 agency")
    apply(programme_admin, address)

    assert [link.agency.code for link in leads] == ["msd"]


def test_workbook_of_an_agency_with_other_numbers_is_an_error_in_each_row(year_two, police_updater):
    book = export(police_updater, "/plans/year-two/agencies/police/fill-in.xlsx")
    sheet = book["Activities"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    first, second = (sheet.cell(row, columns["Number"]) for row in (2, 3))
    first.value, second.value = second.value, first.value
    sheet.cell(2, columns["Update Status"]).value = "On track"
    address = upload(police_updater, book, "police.xlsx")

    page = Page(police_updater.get(address))

    assert len(list(page.section("Errors to fix").iter("li"))) == 2
    assert "Only programme admins renumber activities." in page.text
    assert StatusUpdate.objects.count() == 0


def test_titles_that_changed_places_in_a_csv_are_asked_about(year_two, programme_admin):
    one, five = (Activity.objects.get(number=number).title for number in (1, 5))
    address = upload(programme_admin, f"Number,Activity\n1,{five}\n5,{one}\n".encode(), "plan.csv")

    page = Page(programme_admin.get(address))

    assert "2 rows would take the title of another activity." in page.text
    page = choose(programme_admin, address, answer_titles="Import these titles as they are in the file")
    assert "Import 2 changed activities" in buttons(page)


def test_moving_due_dates_asks_for_a_reason_on_the_page(year_two, programme_admin):
    Activity.objects.filter(number=3).update(due_on=date(2027, 6, 30))
    address = upload(programme_admin, b"Number,Due\n3,30/9/2027\n", "dates.csv")
    page = choose(programme_admin, address, answer_dates="Move 1 due date")
    assert "1 due date would move. Choose one. Moving them needs a reason" in page.text
    assert "30 June 2027 → 30 September 2027" in page.text

    (reason,) = page.controls("date_reason")
    assert said(page.closest(reason, {"fieldset"})).count("Reason for moving these due dates") == 1
    sent = fields(page, "/options/") | {"date_reason": "Late funding"}
    (sent["answer_dates"],) = (
        one.get("value") for one in page.controls("answer_dates") if one.get("value").startswith("theirs")
    )
    programme_admin.post(f"{address}options/", sent)
    apply(programme_admin, address)
    assert Activity.objects.get(number=3).due_on == date(2027, 9, 30)
    assert Activity.history.first().history_change_reason.endswith(": Late funding")
