import csv
from io import BytesIO, StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.signing import BadSignature
from django.utils.timezone import localdate
from openpyxl import load_workbook

from plans.admin.uploads import SignedStorage
from plans.exchange.writing import write_csv
from plans.models import Activity, Plan, StatusUpdate

pytestmark = pytest.mark.django_db

IMPORT, CONFIRM, EXPORT = (f"/admin/plans/activity/{name}/" for name in ("import", "process_import", "export"))


@pytest.fixture(autouse=True)
def plan():
    call_command("loaddata", "year_two", verbosity=0)
    return Plan.objects.get()


def preview(client, *lines):
    content = lines[0] if isinstance(lines[0], bytes) else "\n".join(lines).encode()
    file = SimpleUploadedFile("plan.csv", content)
    return client.post(IMPORT, {"plan": Plan.objects.get(slug="year-two").pk, "import_file": file, "resource": "0"})


def confirm(client, response, **other):
    form = response.context["confirm_form"]
    return client.post(CONFIRM, {**{field.html_name: field.value() or "" for field in form}, **other}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_preview_shows_each_change_and_saves_none(programme_admin):
    response = preview(programme_admin, "Number,Status,Activity", "1,On track,", "2,,")
    changes = [(row.number, row.changes) for row in response.context["result"].changed_rows()]
    assert changes == [("1", [("Status", "No update yet", "On track")])]
    assert "0 new, 1 changed, 1 unchanged" in response.text
    assert StatusUpdate.objects.count() == 0


def test_confirmed_import_saves_what_was_shown(programme_admin):
    response = confirm(programme_admin, preview(programme_admin, "Number,Status,Activity", "1,On track,", "2,,"))
    assert said(response) == ["Imported: 0 new, 1 changed, 1 unchanged."]
    updates = StatusUpdate.objects.values_list("activity__number", "status", "what_happened", "author__email")
    assert list(updates) == [(1, "on_track", "Import of plan.csv", "admin@programme.example")]
    assert LogEntry.objects.count() == 1


def test_own_export_has_nothing_to_confirm(programme_admin):
    response = preview(programme_admin, b"".join(write_csv(Activity.objects.for_export(localdate()))))
    assert "0 new, 0 changed, 15 unchanged" in response.text
    assert "There is nothing to save." in response.text


def test_preview_of_a_wrong_file_says_what_to_mend_and_cannot_be_confirmed(programme_admin):
    response = preview(programme_admin, "Number,Agency Lead", "1,Polcie")
    assert response.context["result"].problems() == [
        "Row 2, Agency Lead: no agency is called 'Polcie'. Did you mean Police?"
    ]
    assert "confirm_form" not in response.context


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b"Number\n1,K\xe4inga",
            "The file is not in UTF-8, so its macrons are lost. In Excel, save it as “CSV UTF-8”.",
        ),
        (b"PK\x03\x04", "This is no Excel workbook. Save it again as .xlsx, or as CSV UTF-8."),
        (b"x" * 1_500_001, "The file is larger than 1.5 MB. Import it in parts: fewer rows at a time."),
    ],
)
def test_file_that_cannot_be_read_is_an_error_at_the_field(programme_admin, content, problem):
    assert preview(programme_admin, content).context["form"].errors == {"import_file": [problem]}


def test_confirmation_shows_the_changes_again_when_the_plan_has_changed(programme_admin):
    first = preview(programme_admin, "Number,Activity", "1,New title")
    Activity.objects.filter(number=1).update(title="A colleague's title")
    second = confirm(programme_admin, first)
    assert Activity.objects.get(number=1).title == "A colleague's title"
    changes = [row.changes for row in second.context["result"].changed_rows()]
    assert changes == [[("Activity", "A colleague's title", "New title")]]
    confirm(programme_admin, second)
    assert Activity.objects.get(number=1).title == "New title"


def test_confirmation_saves_nothing_when_a_name_is_gone(programme_admin):
    first = preview(programme_admin, "Number,Activity", "1,New title")
    Activity.objects.filter(number=1).update(withdrawn_on="2024-07-01")
    second = confirm(programme_admin, first)
    assert second.context["result"].problems() == [
        "Row 2, Number: activity 1 has been withdrawn, so it cannot be changed. Take the row out."
    ]
    assert Activity.objects.get(number=1).title == "Operation Cobalt"


def test_confirmation_of_a_forged_file_starts_again(programme_admin):
    response = confirm(programme_admin, preview(programme_admin, "Number,Activity", "1,New"), import_file_name="x:y:z")
    assert said(response) == ["Nothing was saved: the preview is too old. Choose the file again."]


def test_signed_storage_gives_back_the_bytes_and_refuses_others():
    storage = SignedStorage()
    storage.save(b"\x00\xff bytes")
    assert SignedStorage(name=storage.name).read() == b"\x00\xff bytes"
    with pytest.raises(BadSignature):
        SignedStorage(name=f"{storage.name}x").read()


@pytest.mark.parametrize("address", [IMPORT, CONFIRM, EXPORT])
def test_staff_who_are_no_programme_admins_are_refused(make_user, client, address):
    client.force_login(make_user("staff@programme.example", is_staff=True))
    assert (client.get(address).status_code, client.post(address).status_code) in [(403, 403), (405, 403)]


def test_export_as_csv_is_the_filtered_list(programme_admin, plan):
    response = programme_admin.post(f"{EXPORT}?q=kainga", {"plan": plan.pk, "format": "1", "resource": "0"})
    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert response["Content-Type"] == "text/csv"
    assert [row[0] for row in rows] == ["Number", "5", "7"]


def test_export_as_excel_says_how_it_was_filtered(programme_admin, plan):
    response = programme_admin.post(f"{EXPORT}?lead=police", {"plan": plan.pk, "format": "0", "resource": "0"})
    book = load_workbook(BytesIO(response.content))
    assert [row[0].value for row in book["Activities"]["A2":"A6"]] == [1, 5, 8, 10, 13]
    assert ("Lead agency", "Police") in list(book["About this export"].iter_rows(values_only=True))
