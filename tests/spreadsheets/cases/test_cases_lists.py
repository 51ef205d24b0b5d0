"""List signs of every program and hand: each begins a sub-activity, wherever the text comes from."""

from datetime import date

import pytest

from plans.models import SubActivity
from plans.spreadsheets.descriptions import Description, Item, join_description, split_description
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import cells_of, input_file, pasted
from tests.spreadsheets.checking.tables import changes, errors, kinds
from tests.spreadsheets.reading.makers import docx, ods, ods_row, word_table, workbook, xls

BULLETS = "•◦▪▫■□●○∙·⁃‣➢►▶◆◇❖❑✓✔☐☑→⇒\uf0b7\uf0a7\uf0d8\uf0fc\uf06f"
DASHES = "-–—‑−*+"
FONT_LETTERS = "o§Øüvq"
WANTED = ("Deportee journey mapping", "Delivery of training")


def listed(sign, space):
    return f"Do this:\n{sign}{space}{WANTED[0]}\n{sign}{space}{WANTED[1]}"


def words(description):
    return tuple(item.text for item in description.items)


@pytest.mark.parametrize("space", ["\t", " ", "\u00a0", "\u202f", "   "])
@pytest.mark.parametrize("sign", [*BULLETS, *DASHES])
def test_cases_any_bullet_begins_an_item(sign, space):
    assert split_description(listed(sign, space)) == Description("Do this:", tuple(map(Item, WANTED)))
    assert words(split_description(listed(sign, space).partition("\n")[2])) == WANTED
    assert words(split_description(f"{sign}{space}{WANTED[0]}")) == WANTED[:1]


@pytest.mark.parametrize("space", ["\t", "\u00a0", "   "])
@pytest.mark.parametrize("sign", FONT_LETTERS)
def test_cases_letters_of_symbol_fonts_begin_an_item(sign, space):
    assert words(split_description(listed(sign, space))) == WANTED


@pytest.mark.parametrize(
    "signs",
    [
        *(("1.", "2."), ("1)", "2)"), ("(1)", "(2)"), ("a.", "b."), ("a)", "b)"), ("(a)", "(b)")),
        *(("A.", "B."), ("A)", "B)"), ("i.", "ii."), ("(i)", "(ii)"), ("i)", "ii)")),
    ],
)
@pytest.mark.parametrize("space", ["\t", " ", "\u00a0"])
def test_cases_numbers_and_letters_that_count_begin_items(signs, space):
    text = "\n".join(f"{sign}{space}{text}" for sign, text in zip(signs, WANTED, strict=True))
    assert words(split_description(f"Do this:\n{text}")) == words(split_description(text)) == WANTED


@pytest.mark.parametrize(
    "text",
    [
        "A. Smith leads it",
        "-5 degrees",
        "o te iwi katoa",
        "Due by\n30. June 2024",
        "*see below",
        "Met\n-",
        "e.g. this",
        "2. Second alone",
        "5% of it",
    ],
)
def test_cases_words_that_only_look_like_a_list_are_words(text):
    assert split_description(text) == Description(text)
    assert split_description(join_description(Description(text))) == Description(text)


def test_cases_nested_lists_are_words_of_the_item_above():
    text = "Do all of this:\n• Map the journey\n  ◦ in the north\n  ◦ in the south\n• Train the staff"
    wanted = (Item("Map the journey\n◦ in the north\n◦ in the south"), Item("Train the staff"))
    assert split_description(text) == Description("Do all of this:", wanted)
    assert join_description(split_description(text)) == text


def test_cases_indented_first_item_is_of_the_first_level():
    assert words(split_description("  • one\n  • two\n  • three")) == ("one", "two", "three")


def test_cases_asterisk_is_a_note_only_under_an_item_that_carries_one():
    assert split_description("• a*\n* note\n• b") == Description("", (Item("a", "note"), Item("b")))
    assert words(split_description("* a\n* b")) == ("a", "b")


@pytest.mark.parametrize("sign", ["▪\t", "- ", "–\u00a0", "\uf0b7 ", "o\t", "1. "])
@pytest.mark.django_db
def test_cases_b1_same_words_with_other_signs_change_nothing(check, small_plan, sign):
    SubActivity.objects.filter(activity__number=3).update(is_done=True, done_on=date(2024, 6, 1))
    signs = (sign, sign.replace("1", "2"))
    text = "Words 3\n" + "\n".join(f"{one}Item {place}" for place, one in enumerate(signs, start=1))
    checked = check("Number, Description", ("3", text))
    assert (changes(checked), errors(checked), kinds(checked)) == ([], [], [(2, 3, "unchanged")])


HEAD = ["Number", "Activity", "Description", "Agency Lead"]
TEXT = "Do this:\n▪\tDeportee journey mapping\n–\u00a0Delivery of training"


def read_as(kind):
    row = ["3", "Alignment", TEXT, "Police"]
    if kind == "xlsx":
        return read_table(workbook(("Activities", [HEAD, row])), "")
    if kind == "xls":
        return read_table(xls([HEAD, row]), "")
    if kind == "csv":
        return read_table(f'{",".join(HEAD)}\n3,Alignment,"{TEXT}",Police\n'.encode(), "")
    if kind == "pasted":
        return pasted("\t".join(HEAD) + "\n" + "\t".join(row) + "\n")
    if kind == "docx":
        return read_table(docx(word_table([HEAD, row])), "")
    paragraphs = TEXT.replace("\t", "<text:tab/>").replace("\n", "</text:p><text:p>")
    return read_table(ods(ods_row(*HEAD), ods_row("3", "Alignment", paragraphs, "Police")), "")


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "ods", "docx", "pasted"])
def test_cases_lists_are_read_in_each_kind_of_file(kind):
    table = read_as(kind)
    assert words(split_description(cells_of(table)[0]["Description"])) == WANTED
    assert cells_of(table)[0]["Agency Lead"] == "Police"


def test_cases_t01_list_pasted_from_word():
    rows = cells_of(pasted(input_file("T01-pasted-from-word.txt").decode()))
    assert [row["Number"] for row in rows] == ["3", "5"]
    assert split_description(rows[0]["Description"]) == Description(
        "Strengthen alignment through:", tuple(map(Item, WANTED))
    )
    assert [row["Agency Lead"] for row in rows] == ["Police", "MSD"]


@pytest.mark.parametrize(
    "signs", [*((sign, sign) for sign in "•\uf0b7-–*o§"), ("1.", "2."), ("a)", "b)"), ("(i)", "(ii)")]
)
@pytest.mark.parametrize("lead_in", ["Do this:\n", ""])
def test_cases_pasted_lists_with_tabs_stay_in_their_cell(signs, lead_in):
    first, second = signs
    text = (
        "Number\tActivity\tDescription\tAgency Lead\n"
        f"3\tAlignment\t{lead_in}{first}\t{WANTED[0]}\n{second}\t{WANTED[1]}\tPolice\n"
        "5\tOther\tSupport it\tMSD\n"
    )
    rows = cells_of(pasted(text))
    assert [(row["Number"], row["Agency Lead"]) for row in rows] == [("3", "Police"), ("5", "MSD")]
    assert words(split_description(rows[0]["Description"])) == WANTED


def test_cases_dashes_and_numbers_that_are_cells_stay_cells():
    text = "Number\tActivity\tAgency Lead\tStatus\n1.\tOne\t-\tPaused\n2.\tTwo\t–\tComplete\n"
    rows = cells_of(pasted(text))
    assert [tuple(row.values()) for row in rows] == [("1.", "One", "-", "Paused"), ("2.", "Two", "–", "Complete")]
    ragged = pasted("Number\tActivity\tAgency Lead\tStatus\n1.\tOne\n2.\tTwo\n")
    assert [row["Number"] for row in cells_of(ragged)] == ["1.", "2."]
