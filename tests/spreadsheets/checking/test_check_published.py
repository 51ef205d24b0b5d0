"""The appendix as it was published, against the plan that was made of it and against an empty one."""

from pathlib import Path

from plans.models import Plan
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, errors
from tests.spreadsheets.checking.test_check import NOTHING
from tests.year_two import load_year_two

APPENDIX = Path("fixtures/year-two-appendix.txt")


def test_published_text_changes_nothing_in_its_own_plan(db, importing_admin):
    load_year_two()
    table = read_table(APPENDIX.read_bytes(), APPENDIX.name)
    checked = check_table(Plan.objects.get(), table, by=importing_admin, on=ON)
    assert (checked.counts(), changes(checked)) == ({**NOTHING, "rows": 15, "unchanged": 15}, [])
    other = Plan.objects.create(slug="year-three", name="Year Three", short_name="Year Three")
    checked = check_table(other, table, by=importing_admin, on=ON)
    assert (checked.counts(), errors(checked)) == ({**NOTHING, "rows": 15, "created": 15}, [])
    drafts = {one.number: one.draft for one in checked.rows}
    assert [agency.code for agency in drafts[8].leads] == [
        *("oranga-tamariki", "police", "manatu-hauora", "moe", "msd", "moj"),
    ]
    assert [agency.code for agency in drafts[12].leads] == ["msd-rps-policy-office"]
    assert [agency.code for agency in drafts[7].supports] == ["police", "apa", "msd", "oranga-tamariki", "te-whatu-ora"]
    states = {number: draft.description_state.value for number, draft in drafts.items()}
    assert [number for number, state in states.items() if state == "to_be_finalised"] == [6, 15]
    assert (drafts[6].title, drafts[6].description, drafts[6].leads) == (None, None, None)
    assert drafts[15].description.text.endswith("in the right places.")
