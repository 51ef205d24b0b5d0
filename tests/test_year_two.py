"""The proof that the fixture is the published plan: nothing lost, nothing invented.

The published text is read here again, in a few lines of this file's own; the reader that made the fixture has no part
in it but in the last tests, which compare the two.
"""

import unicodedata
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from plans.choices import PRINTED_HEADINGS
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    FocusArea,
    Plan,
    PriorityArea,
    ReadingNote,
    StatusUpdate,
    SubActivity,
    User,
)

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PUBLISHED = FIXTURES / "year-two-appendix.txt"
FIXTURE = FIXTURES / "year_two.json"
MODELS = [Plan, FocusArea, PriorityArea, Agency, AgencyAlias, Activity, ActivityAgency, SubActivity, ReadingNote]
COLUMNS = list(PRINTED_HEADINGS)

pytestmark = pytest.mark.django_db

# The judgement calls. Whatever the database holds is in the published text, but for what is listed here.
CODES_AND_NAMES = {
    ("police", "Ngā Pirihimana o Aotearoa", "New Zealand Police", "agency"),
    ("apa", "Ara Poutama Aotearoa", "Department of Corrections", "agency"),
    ("msd", "Te Manatū Whakahiato Ora", "Ministry of Social Development", "agency"),
    ("oranga-tamariki", "Oranga Tamariki", "Ministry for Children", "agency"),
    ("manatu-hauora", "Manatū Hauora", "Ministry of Health", "agency"),
    ("moe", "Te Tāhuhu o te Mātauranga", "Ministry of Education", "agency"),
    ("moj", "Te Tāhū o te Ture", "Ministry of Justice", "agency"),
    ("te-whatu-ora", "Te Whatu Ora", "Health New Zealand", "agency"),
    ("te-aka-whai-ora", "Te Aka Whai Ora", "Māori Health Authority", "agency"),
    ("kainga-ora", "Kāinga Ora", "Homes and Communities", "agency"),
    ("tpk", "Te Puni Kōkiri", "Ministry of Māori Development", "agency"),
    ("mbie", "Hīkina Whakatutuki", "Ministry of Business, Innovation and Employment", "agency"),
    ("swa", "Toi Hau Tāngata", "Social Wellbeing Agency", "agency"),
    ("ndib", "", "National Drug Intelligence Bureau", "cross_agency_unit"),
    ("ghic", "", "Gang Harm Insights Centre", "cross_agency_unit"),
    ("tnoc", "", "Transnational Organised Crime strategy", "programme"),
    ("rocc", "", "Resilience to Organised Crime in Communities, national team", "programme"),
    ("rps", "", "Regional Public Service", "regional_structure"),
    ("msd-rps-policy-office", "", "Regional Public Service policy office within MSD", "unit"),
    ("all", "", "All agencies", "group"),
}
ALIASES = {
    "NZ Police": "police",
    "NZP": "police",
    "Corrections": "apa",
    "OT": "oranga-tamariki",
    "MoH": "manatu-hauora",
    "Ministry of Health": "manatu-hauora",
    "Health NZ": "te-whatu-ora",
    "SIA": "swa",
    "TSOC": "tnoc",
    "RPS Policy Office": "msd-rps-policy-office",
    "All agencies": "all",
}
MEMBERS_OF_ALL = [
    "police", "apa", "msd", "oranga-tamariki", "manatu-hauora", "moe", "moj",
    "te-whatu-ora", "te-aka-whai-ora", "kainga-ora", "tpk", "mbie", "swa",
]  # fmt: skip
PRIORITY_CODES = {
    "P1": "Enforcement activity to reduce the harm caused by organised crime in communities",
    "P2": "Enhance the management of and support provided to deportees",
    "P3": "Work collaboratively to demonstrate the Government's end to end approach to organised crime",
    "P4": "Coordinate and implement initiatives to reduce harm and increase community wellbeing",
    "P5": "Prevention activity to reduce the harm caused by organised crime in communities",
    "P6": "Enhance agency capability and capacity to implement ROCC",
    "P7": "Develop and strengthen our evidence base to understand what success looks like",
}
PRINTED_OTHERWISE = {"OT": "Oranga Tamariki", "MoH": "Manatū Hauora", "MOE": "MoE"}
NOT_FINAL = {
    6: "Activity description yet to be finalised.",
    15: "Activity description to be finalised.",
}

# number: (title, focus area, priority area, description state, leads, supports)
RELATIONS = {
    1: ("Operation Cobalt", "SUPPLY", "P1", "finalised", "police", ""),
    2: ("Reintegration support for deportees", "SUPPLY", "P2", "finalised", "apa msd", "police"),
    3: ("Alignment of TNOC and ROCC", "SUPPLY", "P3", "finalised", "rocc tnoc", "mbie police"),
    4: (
        "Coordination of meth harm reduction programmes",
        "DEMAND",
        "P4",
        "finalised",
        "te-whatu-ora",
        "manatu-hauora te-aka-whai-ora police ndib swa",
    ),
    5: (
        "Gang Harm Reduction Project rollout",
        "DEMAND",
        "P4",
        "finalised",
        "police",
        "apa te-whatu-ora kainga-ora tpk msd mbie",
    ),
    6: ("", "RESILIENCE", "P5", "to_be_finalised", "", ""),
    7: (
        "Disruptive Behaviour Referrals",
        "RESILIENCE",
        "P4",
        "finalised",
        "kainga-ora",
        "police apa msd oranga-tamariki te-whatu-ora",
    ),
    8: (
        "Oranga Tamariki Action Plan (OTAP)",
        "RESILIENCE",
        "P4",
        "finalised",
        "oranga-tamariki police manatu-hauora moe msd moj",
        "",
    ),
    9: (
        "Oranga Rangatahi and Youth Inclusion Programmes",
        "RESILIENCE",
        "P5",
        "finalised",
        "oranga-tamariki",
        "police moe",
    ),
    10: ("ROCC Strategic Intent Document", "ENABLE", "P6", "finalised", "all", "rocc"),
    11: ("Insights-led decision making", "ENABLE", "P7", "finalised", "swa", "apa police mbie ndib ghic rps rocc"),
    12: ("Enablement of regions to implement ROCC", "ENABLE", "P6", "finalised", "msd-rps-policy-office", "swa rocc"),
    13: ("Meth Harm Tranche 2 Paper", "ENABLE", "P7", "finalised", "police", "all"),
    14: ("Evaluation of ROCC", "ENABLE", "P7", "finalised", "rocc", "all"),
    15: ("Stocktake of initiatives", "ENABLE", "P6", "to_be_finalised", "rocc", "all"),
}


@pytest.fixture(scope="module")
def loaded(rows_of_module):
    call_command("loaddata", FIXTURE, verbosity=0)


@pytest.fixture
def year_two(loaded, db):
    """The plan as the fixture has it."""
    return Plan.objects.get(slug="year-two")


def printed_rows():
    """The published table as this file reads it: {number: [six cells]}, page breaks mended, areas as printed."""
    rows = []
    for line in PUBLISHED.read_text(encoding="utf-8").splitlines()[3:]:
        cells = line.split("\t")
        if len(cells) == 5 and cells[4] == "MSD; MBIE":
            rows[-1][5] += f" {cells[4]}"
        elif len(cells) == 6:
            rows.append(cells)
    return {int(cells[2].split(".")[0]): cells for cells in rows}


def recomposed_description(activity):
    """The description cell that an activity's own text, its items and their footnotes make."""
    words = [activity.description] if activity.description else []
    items = list(activity.sub_activities.order_by("position"))
    words += [f"{item.text}*" if item.footnote else item.text for item in items]
    words += [f"* {item.footnote}" for item in items if item.footnote]
    words += [NOT_FINAL[activity.number]] if activity.description_state == "to_be_finalised" else []
    return " ".join(words)


def recomposed_parties(activity, role):
    """The names of an activity's leads or supports, in order, without what stands between them."""
    links = activity.agency_links.filter(role=role).order_by("position")
    return [link.agency.name for link in links]


def printed_parties(cell):
    """The same of a printed cell: the names that the plan uses, in the order in which they stand there."""
    names = sorted([*PRINTED_OTHERWISE, *Agency.objects.values_list("name", flat=True)], key=len, reverse=True)
    found, rest = [], cell
    while rest := rest.lstrip("; "):
        name = next(
            name for name in names if rest.startswith(name) and rest[len(name) : len(name) + 1] in {"", " ", ";"}
        )
        found.append(PRINTED_OTHERWISE.get(name, name))
        rest = rest.removeprefix(name)
    return found


def test_printed_rows_are_fifteen_and_use_up_the_text():
    rows = printed_rows()
    text = PUBLISHED.read_text(encoding="utf-8")
    kept = "\n".join("\t".join(cells) for cells in rows.values()).split()
    rest = ["Appendix 8: Year Two ROCC Action Plan", *PRINTED_HEADINGS.values(), "-- -- -- -- --------------"]
    assert list(rows) == list(range(1, 16))
    assert sorted(text.split()) == sorted([*kept, *" ".join(rest).split()])


@pytest.mark.parametrize("number", range(1, 16))
def test_every_cell_of_the_row_is_found_again(year_two, number):
    cells = printed_rows()[number]
    activity = Activity.objects.get(plan=year_two, number=number)
    focus_area, priority_area, title, description, leads, supports = cells
    above = [row[0] for other, row in printed_rows().items() if other <= number and row[0]]
    assert f"{activity.focus_area.code}: {activity.focus_area.statement}" == (focus_area or above[-1])
    assert activity.priority_area.name == priority_area
    assert f"{activity.number}. {activity.title}".strip() == title
    assert recomposed_description(activity) == description
    assert recomposed_parties(activity, "lead") == printed_parties(leads)
    assert recomposed_parties(activity, "support") == printed_parties(supports)
    assert activity.as_printed == dict(zip(COLUMNS, cells, strict=True))


def test_plan_has_nothing_that_the_text_does_not_have(year_two):
    columns = (
        "name",
        "short_name",
        "source",
        "programme",
        "marking",
        "starts_on",
        "ends_on",
        "is_published",
        "is_current",
    )
    assert Plan.objects.values_list(*columns).get() == (
        "Year Two ROCC Action Plan",
        "Year Two",
        "Appendix 8",
        "Resilience to Organised Crime in Communities",
        "unclassified",
        None,
        None,
        True,
        True,
    )
    assert PUBLISHED.read_text(encoding="utf-8").splitlines()[0] == f"{year_two.source}: {year_two.name}"


def test_areas_are_the_printed_ones_in_their_order(year_two):
    rows = printed_rows().values()
    focus_areas = [f"{area.code}: {area.statement}" for area in FocusArea.objects.order_by("position")]
    priority_areas = list(PriorityArea.objects.order_by("position").values_list("name", flat=True))
    assert focus_areas == [cells[0] for cells in rows if cells[0]]
    assert priority_areas == list(dict.fromkeys(cells[1] for cells in rows))
    assert dict(PriorityArea.objects.values_list("code", "name")) == PRIORITY_CODES


def test_parties_are_the_printed_ones(year_two):
    printed = {name for cells in printed_rows().values() for cell in cells[4:] for name in printed_parties(cell)}
    assert set(Agency.objects.values_list("name", flat=True)) == printed
    assert set(Agency.objects.values_list("code", "name_mi", "name_en", "kind")) == CODES_AND_NAMES
    assert dict(AgencyAlias.objects.values_list("alias", "agency__code")) == ALIASES


def test_parties_relate_to_each_other_as_was_decided(year_two):
    of = Agency.objects
    ended = {code: str(day) for code, day in of.exclude(ended_on=None).values_list("code", "ended_on")}
    assert dict(of.exclude(parent=None).values_list("code", "parent__code")) == {"msd-rps-policy-office": "msd"}
    assert ended == {"te-aka-whai-ora": "2024-06-30"}
    assert dict(of.exclude(note="").values_list("code", "note")) == {
        "swa": "Called the Social Investment Agency since 2024."
    }
    assert sorted(of.get(code="all").members.values_list("code", flat=True)) == sorted(MEMBERS_OF_ALL)
    assert of.exclude(members=None).distinct().count() == 1


def test_nobody_has_reported_and_nothing_is_due(year_two):
    assert set(Activity.objects.values_list("status", "withdrawn_on")) == {("no_update", None)}
    items = SubActivity.objects.values_list("due_on", "is_done", "done_on", "withdrawn_on")
    assert set(items) == {(None, False, None, None)}
    assert (StatusUpdate.objects.count(), User.objects.count()) == (0, 0)


def test_relations_are_those_of_the_table(year_two):
    relations = {
        activity.number: (
            activity.title,
            activity.focus_area.code,
            activity.priority_area.code,
            activity.description_state,
            " ".join(link.agency.code for link in activity.lead_links),
            " ".join(link.agency.code for link in activity.support_links),
        )
        for activity in Activity.objects.for_list_page()
    }
    assert relations == RELATIONS


def test_counts_are_those_of_the_plan(year_two):
    pairs = Activity.objects.values_list("focus_area", "priority_area").distinct().order_by()
    assert {
        "activities": Activity.objects.count(),
        "focus areas": FocusArea.objects.count(),
        "priority areas": PriorityArea.objects.count(),
        "pairs of the two": pairs.count(),
        "parties": Agency.objects.count(),
        "sub-activities": SubActivity.objects.count(),
        "leads": ActivityAgency.objects.filter(role="lead").count(),
        "supports": ActivityAgency.objects.filter(role="support").count(),
    } == {
        "activities": 15,
        "focus areas": 4,
        "priority areas": 7,
        "pairs of the two": 8,
        "parties": 20,
        "sub-activities": 9,
        "leads": 21,
        "supports": 34,
    }


def test_positions_count_from_one_within_role_and_activity(year_two):
    for activity in Activity.objects.with_agencies().with_sub_activities():
        for rows in (activity.lead_links, activity.support_links, activity.sub_activities.all()):
            assert [row.position for row in rows] == list(range(1, len(rows) + 1))


def test_activities_15_and_6_are_kept_without_the_sentence_that_they_are_not_final(year_two):
    descriptions = dict(Activity.objects.filter(number__in=[6, 15]).values_list("number", "description"))
    assert descriptions == {
        6: "",
        15: "Undertake a stocktake of current ROCC aligned initiatives to ensure visibility of gaps and effort "
        "focused in the right places.",
    }


def test_fixture_is_in_nfc_with_its_macrons_written_out():
    text = FIXTURE.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "Kāinga Ora" in text
    assert "\\u" not in text


def contents():
    """Every value of every row, {model: sorted rows}, with foreign keys and members as natural keys."""
    return {model.__name__: sorted(map(repr, map(row_values, model.objects.all()))) for model in MODELS}


def row_values(row):
    values = {}
    for field in row._meta.concrete_fields:
        if field.name != "id":
            value = getattr(row, field.name)
            values[field.name] = value.natural_key() if field.is_relation and value else value
    for field in row._meta.many_to_many:
        if field.remote_field.through._meta.auto_created:
            values[field.name] = sorted(other.natural_key() for other in getattr(row, field.name).all())
    return values


def empty():
    Agency.members.through.objects.all().delete()
    for model in reversed(MODELS):
        model.objects.filter(**({"parent__isnull": False} if model is Agency else {})).delete()
        model.objects.all().delete()


def test_reading_the_text_and_loading_the_fixture_give_equal_plans(year_two):
    loaded = contents()
    empty()
    assert set(map(len, contents().values())) == {0}
    call_command("read_appendix", PUBLISHED, verbosity=0)
    assert contents() == loaded
    assert {name: len(rows) for name, rows in loaded.items()} == {
        "Plan": 1,
        "FocusArea": 4,
        "PriorityArea": 7,
        "Agency": 20,
        "AgencyAlias": 11,
        "Activity": 15,
        "ActivityAgency": 55,
        "SubActivity": 9,
        "ReadingNote": 17,
    }


def test_fixture_carries_the_folded_text_that_a_save_would_write(year_two):
    loaded = contents()
    for model in MODELS:
        for row in model.objects.all():
            row.save()
    assert contents() == loaded


def test_fixture_loads_again_on_top_of_itself(year_two):
    loaded = contents()
    call_command("loaddata", FIXTURE, verbosity=0)
    assert contents() == loaded
