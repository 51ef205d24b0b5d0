"""Reading a published text, and what is saved of it beside the plan itself."""

import unicodedata
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from plans.choices import DescriptionState, Role
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    FocusArea,
    Plan,
    PriorityArea,
    ReadingNote,
    SubActivity,
)
from plans.spreadsheets.published import decode, load_guide, read_appendix
from plans.spreadsheets.published.printed_table import PartyNames

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PUBLISHED = FIXTURES / "year-two-appendix.txt"
MODELS = [Plan, FocusArea, PriorityArea, Agency, AgencyAlias, Activity, ActivityAgency, SubActivity, ReadingNote]


@pytest.fixture(scope="module")
def guide():
    """The guide to the Year Two plan."""
    return load_guide((FIXTURES / "year_two_guide.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published():
    """The published text."""
    return PUBLISHED.read_text(encoding="utf-8")


def read(file=PUBLISHED, **options):
    receipt = StringIO()
    call_command("read_appendix", file, stdout=receipt, **options)
    return receipt.getvalue().splitlines()


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("Police", ["police"]),
        ("APA MSD", ["apa", "msd"]),
        ("Police; APA MSD Oranga Tamariki Te Whatu Ora", ["police", "apa", "msd", "oranga-tamariki", "te-whatu-ora"]),
        ("MSD RPS Policy Office", ["msd-rps-policy-office"]),
        ("MSD RPS", ["msd", "rps"]),
        ("MSD MSD RPS Policy Office RPS", ["msd", "msd-rps-policy-office", "rps"]),
        ("RPS Policy Office", ["msd-rps-policy-office"]),
        ("OT; MoH MOE", ["oranga-tamariki", "manatu-hauora", "moe"]),
        ("kainga ora;TPK ;", ["kainga-ora", "tpk"]),
        ("All agencies All", ["all", "all"]),
        ("Polcie MSD", [None, "msd"]),
        ("Fire and Emergency MSD Iwi", [None, "msd", None]),
        ("", []),
        ("  ", []),
    ],
)
def test_parties_are_split_by_the_longest_known_name(guide, cell, codes):
    assert [code for code, _ in PartyNames(guide.parties).split(cell)] == codes


def test_unknown_words_side_by_side_are_one_unknown_name(guide):
    names = PartyNames(guide.parties)
    assert names.split("Police Fire and Emergency MSD") == [
        ("police", "Police"),
        (None, "Fire and Emergency"),
        ("msd", "MSD"),
    ]


def test_reading_makes_a_page_break_undone(guide, published):
    activity = read_appendix(published, guide).activities[4]
    assert activity.as_printed["support_agencies"] == "APA; Te Whatu Ora; Kāinga Ora; TPK; MSD; MBIE"
    assert activity.parties[Role.SUPPORT] == ("apa", "te-whatu-ora", "kainga-ora", "tpk", "msd", "mbie")


def test_reading_takes_what_is_to_be_finalised_out_of_the_text(guide, published):
    plan = read_appendix(published, guide)
    assert [a.number for a in plan.activities if a.state == DescriptionState.TO_BE_FINALISED] == [6, 15]
    assert plan.activities[5].description == ""
    assert plan.activities[14].description.endswith("effort focused in the right places.")
    assert plan.activities[14].as_printed["description"].endswith("Activity description to be finalised.")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: f"{text}\n\n\t\t\t\t\t\n---\t-\n",
        lambda text: text.replace("\t\t\t\tMSD; MBIE", "\t\t\t\t\tMSD; MBIE"),
        lambda text: text.replace("TPK;\n\n\t\t\t\tMSD; MBIE", "TPK; MSD; MBIE"),
        lambda text: text.replace("\t\t\t\tMSD; MBIE", "\t\t\t\tMSD;\n--\t--\n\t\t\t\tMBIE"),
    ],
    ids=["Windows lines", "decomposed", "rules and blanks after it", "a tab kept", "no page break", "two page breaks"],
)
def test_reading_is_not_put_off_by_how_a_text_was_saved(guide, published, change):
    changed = change(published)
    assert changed != published
    assert read_appendix(changed, guide) == read_appendix(published, guide)


def test_decoding_drops_a_byte_order_mark():
    assert decode("\ufeffKāinga".encode(), "a.txt") == "Kāinga"


@pytest.mark.django_db
def test_read_appendix_prints_a_receipt():
    assert read() == [
        "Saved Year Two ROCC Action Plan as 'year-two':",
        "15 activities",
        "7 priority areas",
        "20 parties",
        "9 sub-activities",
        "21 lead and 34 support links",
        "To be finalised: 6, 15",
    ]


@pytest.mark.django_db
def test_read_appendix_leaves_a_history_with_its_reason():
    read()
    history = {model.__name__: model.history.filter(history_type="+").count() for model in MODELS}
    reasons = {reason for model in MODELS for reason in model.history.values_list("history_change_reason", flat=True)}
    assert history == {model.__name__: model.objects.count() for model in MODELS}
    assert reasons == {"Read from the published appendix"}


@pytest.mark.django_db
def test_read_appendix_leaves_the_members_of_a_group_in_its_history():
    read()
    latest = Agency.history.filter(code="all").latest()
    assert (latest.history_type, latest.members.count()) == ("~", 13)


@pytest.mark.django_db
def test_read_appendix_of_a_second_plan_shares_areas_and_agencies():
    read()
    receipt = read(plan="year-two-again")
    assert receipt[0] == "Saved Year Two ROCC Action Plan as 'year-two-again':"
    assert receipt[-1].startswith("There already, and left as they were: All, APA, GHIC, ")
    assert {model.__name__: model.objects.count() for model in MODELS} == {
        "Plan": 2,
        "FocusArea": 4,
        "PriorityArea": 7,
        "Agency": 20,
        "AgencyAlias": 11,
        "Activity": 30,
        "ActivityAgency": 110,
        "SubActivity": 18,
        "ReadingNote": 34,
    }
    assert list(Plan.objects.filter(is_current=True).values_list("slug", flat=True)) == ["year-two"]


@pytest.mark.django_db
def test_read_appendix_does_not_overwrite_what_people_edited():
    Agency.objects.create(code="police", name="NZ Police Force", name_en="Edited", note="Edited")
    FocusArea.objects.create(code="SUPPLY", statement="Edited", position=9)
    PriorityArea.objects.create(code="P2", name="Something else", position=2)
    read()
    assert Agency.objects.values_list("name", "name_en", "note").get(code="police") == (
        "NZ Police Force",
        "Edited",
        "Edited",
    )
    assert AgencyAlias.objects.filter(agency__code="police").count() == 0
    assert list(FocusArea.objects.values_list("code", "statement", "position"))[:1] == [("SUPPLY", "Edited", 9)]
    assert list(PriorityArea.objects.order_by("position").values_list("code", flat=True)) == [
        *("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")
    ]
    assert PriorityArea.objects.get(code="P2").name == "Something else"
    assert Activity.objects.get(number=2).priority_area.code == "P3"


@pytest.mark.django_db
def test_read_appendix_saves_in_few_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        read()


@pytest.mark.django_db
def test_read_appendix_saves_nothing_when_the_last_step_fails(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr("plans.spreadsheets.published.printed_plan._new_items", fail)
    with pytest.raises(RuntimeError):
        read()
    assert sum(model.objects.count() + model.history.count() for model in MODELS) == 0
