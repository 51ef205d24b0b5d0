"""A text that does not fit is refused as a whole, with every fault named by its line."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from plans.models import Activity, ActivityAgency, Agency, AgencyAlias, FocusArea, Plan, PriorityArea, SubActivity

PUBLISHED = Path(settings.BASE_DIR) / "fixtures" / "year-two-appendix.txt"
GUIDE = Path(settings.BASE_DIR) / "fixtures" / "year_two_guide.toml"
MODELS = [Plan, FocusArea, PriorityArea, Agency, AgencyAlias, Activity, ActivityAgency, SubActivity]
HEADINGS = "Strategic Focus Area, Priority Action Area, Activity, Description, Agency Lead, Support Agencies"

pytestmark = pytest.mark.django_db


def saved():
    """How many rows there are of anything that the reading makes."""
    return sum(model.objects.count() + model.history.count() for model in MODELS)


@pytest.fixture
def complaints(tmp_path):
    """What is said of the published text after replacements: its lines, without the last."""

    def read(*replacements, **options):
        text = PUBLISHED.read_text(encoding="utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the published text"
            text = text.replace(old, new)
        return refuse(text.encode(), **options)

    def refuse(content, **options):
        path = tmp_path / "appendix.txt"
        path.write_bytes(content)
        before = saved()
        with pytest.raises(CommandError) as refused:
            call_command("read_appendix", path, **options)
        assert saved() == before
        *sentences, last = str(refused.value).replace(str(tmp_path), "").split("\n")
        assert last == "Nothing was saved."
        return sentences

    read.of_bytes = refuse
    return read


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "lifestyles.\tPolice",
            "lifestyles.\tPolcie",
            "Line 8, Agency Lead: no agency is called 'Polcie'. Did you mean Police?",
        ),
        (
            "Police; APA MSD Oranga Tamariki Te",
            "Police; APA MSD Oranga Tamarki Te",
            "Line 14, Support Agencies: no agency is called 'Oranga Tamarki'. Did you mean Oranga Tamariki?",
        ),
        (
            "Police; APA MSD Oranga",
            "Police; APA Fire and Emergency MSD Oranga",
            "Line 14, Support Agencies: no agency is called 'Fire and Emergency'.",
        ),
        ("OT; Police; MoH", "OT;; Police; MoH", "Line 15, Agency Lead: a name is missing beside a ';'."),
        ("OT; Police; MoH", "OT; Police; NZ Police; MoH", "Line 15, Agency Lead: 'NZ Police' stands there twice."),
        (
            "NDIB; SWA",
            "NDIB; Te Whatu Ora",
            "Line 7, Support Agencies: 'te-whatu-ora' leads this activity, so it cannot support it.",
        ),
        ("MSD; MBIE\n", "MSD; MBIE;\n", "Line 8, Support Agencies: ends in ';', but no line continues it."),
        ("\t\t\t\tMSD; MBIE\n", "", "Line 8, Support Agencies: ends in ';', but no line continues it."),
        ("OT; Police; MoH; MoE; MSD; MOJ", "OT;", "Line 15, Agency Lead: ends in ';', but no line continues it."),
        (
            "TPK;\n",
            "TPK\n",
            (
                "Line 10: 'MSD; MBIE' has only a last field, which continues the row above when that ends in ';'. "
                "It does not, so this continues nothing."
            ),
        ),
        (
            "Support Agencies\n",
            "Support Agencies\n\t\t\t\tMSD; MBIE\n",
            (
                "Line 4: 'MSD; MBIE' has only a last field, which continues the row above when that ends in ';'. "
                "It does not, so this continues nothing."
            ),
        ),
        ("\tAPA MSD\tPolice\n", "\tAPA MSD\n", "Line 5: has 5 fields, but should have 6, a tab between each."),
        (
            "\tAll\n\tEnhance",
            "\tAll\nEnd of page\n\tEnhance",
            "Line 23: has 1 field, but should have 6, a tab between each.",
        ),
        ("APA MSD\tPolice\n", "APA\tMSD\tPolice\n", "Line 5: has 7 fields, but should have 6, a tab between each."),
        (
            "\t7. Disruptive",
            "\tDisruptive",
            (
                "Line 14, Activity: 'Disruptive Behaviour Referrals' should begin with a number from 1 and "
                "a full stop, for example '1. A title'."
            ),
        ),
        (
            "\t6.\t",
            "\t0.\t",
            "Line 13, Activity: '0.' should begin with a number from 1 and a full stop, for example '1. A title'.",
        ),
        (
            "\t6.\t",
            "\t12345678901.\t",
            (
                "Line 13, Activity: '12345678901.' should begin with a number from 1 and a full stop, "
                "for example '1. A title'."
            ),
        ),
        ("\t9. Oranga", "\t8. Oranga", "Line 16, Activity: number 8 stands on line 15 already."),
        ("\t15. Stocktake", "\t16. Stocktake", "Line 23, Activity: 16 stands where 15 should. Is a row missing?"),
        (
            "1. Operation Cobalt\t",
            f"1. {'Operation Cobalt ' * 20}\t",
            "Line 4, Activity: the title has 339 characters, and 300 at most can be kept.",
        ),
        (
            "DEMAND: Reduce",
            "Demand - Reduce",
            (
                "Line 7, Strategic Focus Area: 'Demand - Reduce harm from organised crime and the illicit …' "
                "should read CODE: statement, with the code in capitals."
            ),
        ),
        (
            "DEMAND: Reduce",
            "SUPPLY: Reduce",
            "Line 7, Strategic Focus Area: SUPPLY has another statement further up.",
        ),
        (
            "SUPPLY: Target organised crime and supply of illicit drugs through investigations and law\t",
            "\t",
            "Line 4, Strategic Focus Area: is blank, and there is no row above to take it from.",
        ),
        (
            "Enhance the management of and support provided to deportees\t",
            "\t",
            "Line 5, Priority Action Area: is blank.",
        ),
        (
            "\tActivity description yet to be finalised.\t",
            "\t\t",
            (
                "Line 13, Description: is blank. While it is not agreed it should read "
                "'Activity description to be finalised.'"
            ),
        ),
        (
            "alignment through: Deportee journey",
            "alignment through: A deportee journey",
            (
                "Line 6, Description: the sub-activity 'Deportee journey mapping' should stand there after a colon, "
                "and does not."
            ),
        ),
        (
            "alignment through: Deportee",
            "alignment through Deportee",
            (
                "Line 6, Description: the sub-activity 'Deportee journey mapping' should stand there after a colon, "
                "and does not."
            ),
        ),
        (
            "positions Development of a model",
            "positions Also this Development of a model",
            (
                "Line 20, Description: where 'Development of a model which enable escalation of risks/barriers by "
                "RPSCs to the centre' should stand, there is "
                "'Also this Development of a model which enable escalation …'."
            ),
        ),
        (
            "(TiP) team\t",
            "(TiP) team and more\t",
            "Line 6, Description: 'and more' belongs to no sub-activity that the guide lists.",
        ),
        (
            "domestically* * This",
            "domestically This",
            (
                "Line 6, Description: where 'Delivery of training and educational material to improve awareness and "
                "understanding of trafficking in persons domestically*' should stand, there is "
                "'Delivery of training and educational material to improve …'."
            ),
        ),
        (
            "Strategic Focus Area\tPriority",
            "Focus\tPriority",
            (
                f"No line holds the headings. Above the activities one line should read: {HEADINGS}; "
                "with a tab between each."
            ),
        ),
        (
            "Appendix 8: Year Two ROCC Action Plan",
            "The plan",
            "Line 1: should say where the plan was published and its name, for example 'Appendix 1: Our plan'.",
        ),
        (
            "Action Plan\n",
            "Action Plan\nDraft\n",
            "Line 2: 'Draft' stands between the title and the headings, and belongs to neither.",
        ),
        (
            "3. Alignment of",
            "3. Alignment\x00 of",
            "Line 6: holds a control character (U+0000). Save the file as plain text and try again.",
        ),
        (
            "8: Year Two",
            f"8: {'Year ' * 40}Two",
            "Plan, name: Ensure this value has at most 200 characters (it has 220).",
        ),
    ],
)
def test_read_appendix_says_the_line_and_what_is_wrong(complaints, old, new, sentence):
    assert complaints((old, new)) == [sentence]


def test_read_appendix_says_everything_that_is_wrong_in_the_order_of_the_text(complaints):
    assert complaints(
        ("\tROCC TNOC", "\tROCK TNOC"), ("\t9. Oranga", "\t8. Oranga"), ("SWA ROCC", "SWA ROCC RUCC")
    ) == [
        "Line 6, Agency Lead: no agency is called 'ROCK'. Did you mean ROCC?",
        "Line 16, Activity: number 8 stands on line 15 already.",
        "Line 20, Support Agencies: no agency is called 'RUCC'. Did you mean ROCC?",
    ]


def test_read_appendix_does_not_blame_rows_for_the_one_above(complaints):
    assert complaints(("investigations and law\t", "investigations and law\tand\t")) == [
        "Line 4: has 7 fields, but should have 6, a tab between each."
    ]


def test_read_appendix_refuses_a_text_without_activities(complaints):
    heading = HEADINGS.replace(", ", "\t")
    assert complaints.of_bytes(f"Appendix 8: A plan\n{heading}\n".encode()) == [
        "No activity stands under the headings."
    ]


def test_read_appendix_refuses_an_empty_file(complaints):
    assert complaints.of_bytes(b"") == [
        f"No line holds the headings. Above the activities one line should read: {HEADINGS}; with a tab between each."
    ]


def test_read_appendix_refuses_what_is_not_utf8(complaints):
    content = PUBLISHED.read_text(encoding="utf-8").replace("ū", "u").replace("ā", "ä").encode("latin-1")
    assert complaints.of_bytes(content) == [
        "/appendix.txt, line 8: byte 0xE4 is not UTF-8. Save the file as UTF-8 text and try again."
    ]


def test_read_appendix_refuses_a_file_that_is_not_there(db):
    with pytest.raises(CommandError) as refused:
        call_command("read_appendix", "no/such.txt")
    assert str(refused.value) == "no/such.txt: cannot be read. No such file or directory.\nNothing was saved."


def test_read_appendix_refuses_a_folder(tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("read_appendix", tmp_path)
    assert str(refused.value) == f"{tmp_path}: cannot be read. Is a directory.\nNothing was saved."


def test_read_appendix_refuses_a_plan_that_is_there_already(complaints):
    call_command("read_appendix", PUBLISHED, verbosity=0)
    assert complaints() == ["There is a plan 'year-two' already. Give this one another address with --plan."]


def test_read_appendix_refuses_an_address_that_is_none(complaints):
    [sentence] = complaints(plan="Year two!")
    assert sentence.startswith("Plan, slug: Enter a valid")


def test_read_appendix_refuses_a_party_whose_name_means_another(complaints):
    Agency.objects.create(code="nzp", name="POLICE")
    apa = Agency.objects.create(code="apa", name="APA")
    AgencyAlias.objects.create(agency=apa, alias="Health NZ")
    assert complaints() == [
        "Guide, party 'police': 'Police' means 'nzp' in the database already.",
        "Guide, party 'te-whatu-ora': 'Health NZ' means 'apa' in the database already.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (
            "[plan]",
            "[plan",
            ["Guide: is not TOML. Expected ']' at the end of a table declaration (at line 15, column 6)."],
        ),
        (
            "[wording]",
            "[words]",
            ["Guide: 'words' means nothing here.", "Guide, wording: to_be_finalised should be a list of sentences."],
        ),
        ('slug = "year-two"', "slug = 2", ["Guide, plan: slug should be text."]),
        (
            'short_name = "Year Two"',
            'name = "Year Two"',
            ["Guide, plan: 'name' means nothing here.", "Guide, plan: short_name is missing."],
        ),
        (
            'marking = "unclassified"',
            'marking = "secret"',
            ["Guide, plan, marking: Value 'secret' is not a valid choice."],
        ),
        ("ended_on = 2024-06-30", 'ended_on = "2024"', ["Guide, party 'te-aka-whai-ora': ended_on should be a date."]),
        (
            'code = "apa"',
            'code = "police"',
            ["Guide, party 'police': is listed twice.", "Guide, party 'all': there is no party 'apa'."],
        ),
        (
            'code = "ndib"',
            'code = "none"',
            ["Guide, party 'none': this code means that there is no lead. Choose another."],
        ),
        ('aliases = ["Corrections"]', 'aliases = ["nzp"]', ["Guide, party 'apa': 'nzp' means 'police' already."]),
        ('part_of = "msd"\n', "", ["Guide, party 'msd-rps-policy-office': a unit has part_of, and nothing else has."]),
        ('kind = "group"', 'kind = "programme"', ["Guide, party 'all': a group has members, and nothing else has."]),
        (
            'kind = "regional_structure"',
            'kind = "region"',
            ["Guide, party 'rps', kind: Value 'region' is not a valid choice."],
        ),
        ("activity = 12", "activity = 3", ["Guide, description of activity 3: is listed twice."]),
        ("activity = 12", "activity = 16", ["Guide, description of activity 16: the text has no such activity."]),
        (
            "[wording]",
            "[[wording]]",
            ["Guide: is not laid out as [plan], [wording], [[party]], [[description]] and [[note]]."],
        ),
        ('cell = "activity"', "", ["Guide, note 11: name both the activity and the cell, or neither."]),
        ('cell = "activity"', 'cell = "title"', ["Guide, note 11: there is no cell 'title'."]),
        ("activity = 15", "activity = 16", ["Guide, note 17: the text has no activity 16."]),
        ("activity = 15", 'activity = "15"', ["Guide, note 17: activity should be a whole number."]),
    ],
)
def test_read_appendix_says_what_is_wrong_with_the_guide(complaints, tmp_path, old, new, sentences):
    text = GUIDE.read_text(encoding="utf-8")
    assert old in text
    guide = tmp_path / "guide.toml"
    guide.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert complaints(guide=guide) == sentences
