"""Lists of the admin, imported in a browser: and how their pages look, light and dark, wide and narrow."""

import pytest
from playwright.sync_api import expect

from plans.models import Agency
from tests.browser.test_every_page import NARROW, RULES, RULES_OF_COLOUR, SCRIPTS, barriers

pytestmark = pytest.mark.sqlite_only

AGENCIES = "/admin/plans/agency/"
WRONG = "Code,Part of\npolice,Polcie\n"
RIGHT = (
    "Code,Name,Type,Part of,Members,Also known as\n"
    "police,NZ Police,,,,Polis\n"
    "kapua-office,An office with a name that is long on the screen of a phone,Unit,Police,,\n"
    "both,Both of them,Group,,Kāinga Ora; police,\n"
)


def choose(page, text):
    """Choose a file of this text, and have it shown what it comes to."""
    page.goto(f"{AGENCIES}import/")
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Review changes").click()


def found_in(page, rules):
    """What axe finds wrong on the page, at both widths, and what reaches beyond its window."""
    for script in SCRIPTS:
        page.evaluate(script.read_text())
    found = []
    for width in (1280, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        found += [(width, *barrier) for barrier in barriers(page, rules)]
        found += [(width, "reaches beyond the window", one) for one in page.evaluate("looking.overflowing()")]
    return found


@pytest.mark.parametrize(("scheme", "rules"), [("light", RULES), ("dark", RULES_OF_COLOUR)])
def test_pages_of_an_import_have_no_barrier_at_any_width(open_page, programme_admin, scheme, rules):
    page = open_page(by=programme_admin, color_scheme=scheme)
    # axe itself looks into the style sheets, for which it makes elements that the policy forbids.
    page.watch.allow("console: Applying inline style violates", "console: Couldn't load preload assets")

    page.goto(f"{AGENCIES}export/")
    assert found_in(page, rules) == []
    choose(page, WRONG)
    expect(page.get_by_role("alert")).to_be_visible()
    assert found_in(page, rules) == []
    choose(page, RIGHT)
    expect(page.get_by_role("table", name="Row 2: NZ Police")).to_be_visible()
    assert found_in(page, rules) == []


def test_list_is_imported_after_a_look_at_every_change(open_page, programme_admin):
    page = open_page(by=programme_admin)

    choose(page, WRONG)
    expect(page.get_by_role("alert")).to_contain_text("Row 2, Part of: no agency is called 'Polcie'.")
    choose(page, RIGHT)
    expect(page.get_by_role("table", name="Row 2: NZ Police")).to_contain_text("Polis")
    assert not Agency.objects.filter(code="both").exists()
    page.get_by_label("Reason for change").fill("Agreed in June")
    page.get_by_role("button", name="Import").click()

    expect(page.get_by_text("The file was imported: 2 rows added, 1 row changed, 0 rows unchanged.")).to_be_visible()
    assert sorted(map(str, Agency.objects.get(code="both").members.all())) == ["Kāinga Ora", "NZ Police"]
