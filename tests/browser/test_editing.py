"""Two programme admins on the same activity, in two real browsers' sessions."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from plans.management.commands.quickstart import record_baseline
from plans.models import Activity

EDIT = "/plans/year-two/activities/3/edit/"
HISTORY = "/plans/year-two/activities/3/history/"


@pytest.fixture
def admin_page(open_page, make_user, programme_admin):
    """Opens a page of another programme admin, without scripts: `admin_page("Second admin")`."""

    def answer(name):
        user = make_user(f"{name.split()[0]}@programme.example", name=name, is_staff=True)
        user.groups.set(programme_admin.user.groups.all())
        client = Client()
        client.force_login(user)
        page = open_page(by=client, java_script_enabled=False)
        # That is how a collision is answered.
        page.watch.allow("409")
        return page

    return answer


def test_two_admins_collide_and_both_texts_survive(site, admin_page):
    record_baseline()
    first, second = admin_page("First admin"), admin_page("Second admin")
    for page in (first, second):
        page.goto(EDIT)
    second.get_by_label("Title").fill("Their title")
    second.get_by_role("radiogroup", name="MBIE").get_by_label("Support").check()
    second.get_by_label("Reason for change").fill("Asked for by the lead")
    second.get_by_role("button", name="Save changes").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("3. Their title")

    first.get_by_label("Title").fill("My title")
    first.get_by_label("Reason for change").fill("Clearer")
    first.get_by_role("button", name="Save changes").click()
    conflict = first.get_by_role("group", name="Title")
    expect(conflict).to_contain_text("Alignment of TNOC and ROCC")
    expect(conflict).to_contain_text("Their title")
    expect(first.get_by_label("Title", exact=True).last).to_have_value("My title")
    expect(first.get_by_role("radiogroup", name="MBIE").get_by_label("Support")).to_be_checked()
    first.get_by_role("button", name="Save changes").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("3. My title")

    first.goto(HISTORY)
    heads = first.locator(".history__head")
    expect(heads.nth(0)).to_contain_text(
        "First admin changed the title from “Their title” to “My title”. Reason: “Clearer”"
    )
    first.get_by_role("link", name="Restore this version").last.click()
    first.get_by_label("Reason for change").fill("As published")
    first.get_by_role("button", name="Restore this version").click()
    expect(heads.nth(0)).to_contain_text("Restored the version of")
    assert Activity.objects.get(number=3).title == "Alignment of TNOC and ROCC"
