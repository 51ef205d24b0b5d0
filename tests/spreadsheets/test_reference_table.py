import pytest

from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reference.reference_files import read_reference_table
from tests.spreadsheets.reading.makers import docx, workbook

SPELLINGS = {"Code": "Code", "Name": "Name"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Send one that has headings in a row and focus areas under them."),
        (
            b"Name\nactivities\n",
            (
                "No row holds the headings. Above the focus areas one row should read: Code, Name. Not all of them are "
                "needed, but Code is."
            ),
        ),
        (
            b"Code\n" + b"x\n" * 1_001,
            "The file has more than 1,000 rows. Keep only the rows of focus areas, or send it in parts.",
        ),
        (docx(""), "The Word file has no table in it. Send the file that holds the table of focus areas."),
        (
            workbook(*[(name, [["Code"]] + [["x"]] * 1_001) for name in ("One", "Two")]),
            "No sheet of the workbook is small enough to be one of focus areas. Keep only that sheet.",
        ),
    ],
)
def test_refusal_names_what_the_rows_are(content, sentence):
    with pytest.raises(UnreadableFile) as refused:
        read_reference_table(content, SPELLINGS, "Code", "focus areas")
    assert str(refused.value) == sentence
