"""Letters that were taken for others, or lost: recognised, said by cell, and the right text is offered."""

import pytest

from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.wrong_letters import Corrector, with_signs_of_windows
from tests.spreadsheets.cases.reading import input_file
from tests.spreadsheets.checking.tables import changes, errors
from tests.spreadsheets.reading.makers import docx, ods, ods_row, word_table, workbook

TEXTS = [
    "Māori whānau",
    "Ōtaki rōpū",
    "Pākehā, Kāinga Ora",
    "ĀĒĪŌŪ whāēīōū āwhina",
    "Children’s plan – “now” … it’s",
    "• café £5 ½ – 16‑24",
    "✓ ≤ 5 €",
]


def misread(text, codec):
    """How a text in UTF-8 reads in another encoding, without the signs that no program shows."""
    shown = with_signs_of_windows(text.encode().decode("latin-1")) if codec == "cp1252" else text.encode().decode(codec)
    return "".join(sign for sign in shown if not "\x80" <= sign <= "\x9f")


def meant(text, *words):
    return Corrector(lambda: words).corrected(text)


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman", "cp437", "cp850"])
@pytest.mark.parametrize("text", TEXTS)
def test_cases_text_read_in_another_encoding_is_recognised(text, codec):
    assert meant(misread(text, codec)) == text


@pytest.mark.parametrize("text", ["Māori whānau", "café £5", "Children’s plan – now…", "• Train staff"])
def test_cases_text_misread_twice_is_recognised(text):
    assert meant(misread(misread(text, "cp1252"), "cp1252")) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("MÄori", "Māori"),
        ("PÄtea, hapÅ«", "Pātea, hapū"),
        ("rÅpÅ«", "rōpū"),
        ("MƒÅori", "Māori"),
        ("M─üori", "Māori"),
        ("at Â£5Â each", "at £5 each".replace(" each", "\u00a0each")),
        ("â€œnowâ€", "“now”"),
        ("ChildrenÕs", "Children’s"),
        ("Childrenís", "Children’s"),
        ("ChildrenÆs", "Children’s"),
        ("ÒnowÓ", "“now”"),
        ("ìnowî", "“now”"),
        ("plan Ð part two", "plan – part two"),
        ("2024Ð25", "2024–25"),
        ("¥\tMap the journey", "•\tMap the journey"),
        ("ï»¿One", "One"),
    ],
)
def test_cases_letters_of_other_encodings_are_recognised(written, text):
    assert meant(written).replace("\u00a0", " ") == text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("M?ori", "Māori"),
        ("M\ufffdori", "Māori"),
        ("M\ufffd\ufffdori", "Māori"),
        ("m??ori", "māori"),
        ("M?ORI", "MĀORI"),
        ("P?keh?.", "Pākehā."),
        ("?taki", "Ōtaki"),
        ("Mäori and Mâori", "Māori and Māori"),
        ("T?rangawaewae", "Tūrangawaewae"),
        ("Children?s", "Children’s"),
        ("we\ufffdre", "we’re"),
    ],
)
def test_cases_lost_letters_come_back_by_known_words(written, text):
    assert meant(written, "at Tūrangawaewae") == text


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        *("What is next?", "Why? Because", "see x.nz/page?id=1", "Is this Māori?", "? and a", "co?design", "yes?no"),
        *("naïve rôle of Zoë", "Luís in the país", "CAFÉ”", "Ærø", "Åse and Ägypten", "El Niño", "x ≈ 5 √2", "10 ¥ ¬"),
        *("Ð", "±5°", "« mot »", "¿Qué?", "• ◦ ▪ → ✓", "½ ¼ ²", "👩\u200d🚒", "中文 ─ │ ├", "ΓΔ", "fi ƒ(x)"),
    ],
)
def test_cases_texts_as_they_were_meant_are_left_alone(text):
    assert meant(text) == text


def test_cases_lost_letter_that_may_be_two_is_left_alone():
    assert meant("p?t?", "pātū", "pūtā") == "p?t?"


@pytest.mark.parametrize("sign", ["\x91", "\x92", "\x96", "\x95"])
def test_cases_bare_numbers_of_windows_signs_are_those_signs(sign):
    [row] = read_table(f"Number,Activity\n1,a{sign}b\n".encode(), "").rows
    assert row.cells == ("1", f"a{sign.encode('latin-1').decode('cp1252')}b")


ROWS = [["Number", "Activity", "Support Agencies"], ["1", "MÄori plan", "K?inga Ora"], ["2", "Title 2", "Police"]]
MAKERS = {
    "csv": lambda: "\n".join(",".join(row) for row in ROWS).encode(),
    "text": lambda: "\n".join("\t".join(row) for row in ROWS).encode(),
    "xlsx": lambda: workbook(("Activities", ROWS)),
    "ods": lambda: ods(*(ods_row(*row) for row in ROWS)),
    "docx": lambda: docx(word_table(ROWS)),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.django_db
def test_cases_wrong_letters_are_asked_about_once_and_said_by_cell(check, kind):
    table = read_table(MAKERS[kind](), "")
    asked = check(table)
    [question] = asked.questions
    row = table.rows[0].row
    about = ["Activity: “MÄori” is probably “Māori”", "Support Agencies: “K?inga” is probably “Kāinga”"]
    assert (question.kind, [(at, said) for at, _, _, said in question.rows]) == ("letters", [(row, about)])
    assert not asked.is_acceptable

    corrected = check(table, answers={"letters": "ours"})
    assert (errors(corrected), corrected.unknown_names, corrected.open_questions) == ([], [], [])
    wanted = {"Activity": ("Title 1", "Māori plan"), "Support Agencies": ("", "Kāinga Ora")}
    assert (changes(corrected), corrected.is_acceptable) == ([(row, 1, wanted)], True)

    kept = check(table, answers={"letters": f"theirs:{question.seal}"})
    assert [heading for _, heading, _ in errors(kept)] == ["Support Agencies"]
    assert kept.open_questions == []


@pytest.mark.django_db
def test_cases_c08_punctuation_is_corrected(check):
    table = read_table(input_file("C08-mojibake-punctuation.csv"), "")
    [question] = check(table).questions
    assert "Activity: “Childrenâ€™s” is probably “Children’s”" in question.rows[0][3]
    [(_, _, cells)] = changes(check(table, answers={"letters": "ours"}))
    assert cells["Activity"][1] == "Children’s plan – phase two"
    words = cells["Description"][1].replace("\u00a0", " ")
    assert words == "Do this:\n• Map the journey\n• Train the café staff, at £5 each “now”"


@pytest.mark.django_db
def test_cases_wrong_letters_that_the_plan_has_too_are_not_asked_about(check, small_plan):
    small_plan.activities.filter(number=1).update(title="MÄori plan")
    assert check("Number, Activity", ("1", "MÄori plan")).questions == []


@pytest.mark.django_db
def test_cases_letters_lost_come_back_by_words_of_the_plan(check, small_plan):
    small_plan.activities.filter(number=2).update(description="At Tūrangawaewae")
    checked = check("Number, Activity", ("1", "Hui at T?rangawaewae"), answers={"letters": "ours"})
    assert changes(checked) == [(2, 1, {"Activity": ("Title 1", "Hui at Tūrangawaewae")})]
