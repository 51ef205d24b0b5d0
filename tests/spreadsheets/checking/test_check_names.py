import pytest

from plans.models import Agency
from plans.spreadsheets.importing.outcome import Options, UnknownName
from plans.spreadsheets.names import NewAgency
from tests.spreadsheets.checking.tables import changes, errors

HEADINGS = "Number,Agency Lead"


def leads(checked):
    return [agency.name for agency in checked.rows[0].draft.leads]


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("NZ Police; kainga-ora", ["Police", "Kāinga Ora"]),
        ("Police\nMSD", ["Police", "MSD"]),
        ("Police, MSD and MBIE", ["Police", "MSD", "MBIE"]),
        ("Police & MSD", ["Police", "MSD"]),
        ("MSD Police Kāinga Ora", ["MSD", "Police", "Kāinga Ora"]),
        ("MSD MSD RPS Policy Office", ["MSD", "MSD RPS Policy Office"]),
        ("MBIE;; Police ;", ["MBIE", "Police"]),
        ("Police; MSD MBIE; APA", ["Police", "MSD", "MBIE", "APA"]),
    ],
)
def test_agencies_are_read_as_people_and_the_printed_table_join_them(check, cell, named):
    checked = check(HEADINGS, ("1", cell))
    assert (errors(checked), leads(checked)) == ([], named)


@pytest.mark.parametrize("name", ["Arts, Sport and Leisure", "Fire & Emergency", "Wind and Water"])
def test_agency_whose_name_looks_like_several_is_one(check, name):
    Agency.objects.create(code="one", name=name)
    checked = check(HEADINGS, ("1", f"{name} Police"), ("2", f"MSD; {name}"))
    assert [[one.name for one in outcome.draft.leads] for outcome in checked.rows[:2]] == [
        [name, "Police"],
        ["MSD", name],
    ]


@pytest.mark.parametrize(
    ("cell", "unknown"),
    [
        ("MSD Polcie", ["MSD Polcie"]),
        ("Police, Pliece and MSD", ["Pliece"]),
        ("Ministry of Truth and Justice", ["Ministry of Truth and Justice"]),
        ("Truth; Police; Beauty", ["Truth", "Beauty"]),
    ],
)
def test_names_that_are_unknown_are_told_from_those_that_are_not(check, cell, unknown):
    assert [one.written for one in check(HEADINGS, ("1", cell)).unknown_names] == unknown


def test_unknown_name_is_told_once_for_all_its_rows_with_a_suggestion(check):
    checked = check(f"{HEADINGS},Support Agencies", ("1", "Polcie", ""), ("2", "", "POLCIE; Zzz"), ("3", "polcie", ""))
    assert checked.unknown_names == [
        UnknownName("agency", "Polcie", [2, 3, 4], "police"),
        UnknownName("agency", "Zzz", [3], ""),
    ]
    assert errors(checked)[0] == (2, "Agency Lead", "no agency is called 'Polcie'. Did you mean Police?")


def test_unknown_name_may_be_decided_to_be_an_agency(check):
    names = {"agency": {"Polcie": {"use": "police"}, "Zzz": {"use": "no such code"}}}
    checked = check(HEADINGS, ("1", "polcie; MSD"), ("3", "Zzz"), names=names)
    assert leads(checked) == ["Police", "MSD"]
    assert [heading for _, heading, _ in errors(checked)] == ["Agency Lead"]


def test_unknown_name_may_be_decided_to_be_created_once_for_the_file(check):
    names = {"agency": {"Customs": {"create": "Customs Service"}, "Cstoms": {"create": "Customs  Service"}}}
    checked = check(HEADINGS, ("1", "Customs"), ("2", "cstoms; MBIE"), ("3", "MSD Customs"), names=names)
    assert errors(checked) == []
    assert checked.new_agencies == [NewAgency("Customs Service", "customs-service")]
    assert changes(checked)[1][2]["Agency Lead"] == ("APA; MSD", "Customs Service; MBIE")
    assert checked.rows[0].draft.leads == (checked.new_agencies[0],)


def test_agency_that_no_row_wants_any_more_is_not_created(check):
    names = {"agency": {"Customs": {"create": "Customs"}}}
    assert check(HEADINGS, ("1", "Police"), names=names).new_agencies == []


def test_agency_that_somebody_created_meanwhile_is_used(check):
    made = Agency.objects.create(code="customs", name="Customs")
    names = {"agency": {"Cstoms": {"create": "Customs"}}}
    checked = check(HEADINGS, ("1", "Cstoms"), names=names)
    assert (checked.rows[0].draft.leads, checked.new_agencies) == ((made,), [])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Police!", "police-2"),
        ("None", "none-2"),
        ("Manatū Aorere", "manatu-aorere"),
        ("税関", "agency"),
        ("x" * 60, "x" * 50),
    ],
)
def test_code_of_a_new_agency_is_free_and_valid(check, name, code):
    checked = check(HEADINGS, ("1", "Zzz"), names={"agency": {"Zzz": {"create": name}}})
    assert [one.code for one in checked.new_agencies] == [code]
    Agency(code=code, name=name).full_clean()


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "One; Two", "\u0301"])
def test_name_that_no_agency_can_have_creates_none(check, name):
    checked = check(HEADINGS, ("1", "Zzz"), names={"agency": {"Zzz": {"create": name}}})
    assert ([row for row, _, _ in errors(checked)], checked.new_agencies) == ([2], [])


@pytest.mark.parametrize(
    ("heading", "cell", "kind", "suggestion"),
    [
        ("Strategic Focus Area", "DEMAND: reduce all harm", "focus area", "DEMAND"),
        ("Strategic Focus Area", "Reduce harms", "focus area", "DEMAND"),
        ("Priority Action Area", "Prevntion", "priority area", "P2"),
    ],
)
def test_area_that_is_worded_otherwise_is_suggested_and_not_taken(check, heading, cell, kind, suggestion):
    checked = check(f"Number,{heading}", ("1", cell))
    assert checked.unknown_names == [UnknownName(kind, cell, [2], suggestion)]
    assert not checked.is_acceptable
    checked = check(f"Number,{heading}", ("1", cell), names={kind: {cell: {"use": suggestion}}})
    assert (errors(checked), len(changes(checked))) == ([], 1)


def test_cell_too_long_to_be_names_is_refused_before_it_is_taken_apart(check):
    sentence = "a list of agencies has at most 5,000 characters; this one has 6,000."
    assert errors(check(HEADINGS, ("1", "Police" * 1000))) == [(2, "Agency Lead", sentence)]


def test_options_come_back_from_json():
    options = Options(
        sheet="Sheet 1",
        columns={2: "Status"},
        clears=frozenset({"Activity"}),
        names={"agency": {"Polcie": {"use": "police"}}},
        choices={3: {"Activity": "theirs"}},
        all_conflicts="ours",
        leave_out_errors=True,
    )
    kept = options.as_json()
    kept["columns"], kept["choices"] = {"2": "Status"}, {"3": {"Activity": "theirs"}}
    assert Options.from_json(kept) == options
    assert Options.from_json({}) == Options()


def test_two_new_agencies_have_two_codes(check):
    names = {"agency": {"One": {"create": "Customs?"}, "Two": {"create": "Customs!"}}}
    checked = check(HEADINGS, ("1", "One"), ("3", "Two"), names=names)
    assert [(one.name, one.code) for one in checked.new_agencies] == [
        ("Customs!", "customs"),
        ("Customs?", "customs-2"),
    ]
