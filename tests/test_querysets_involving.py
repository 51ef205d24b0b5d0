"""Who is involved in what, over the Year Two plan: by themselves, through a unit, as a member of a group."""

from datetime import date

import pytest

from plans.models import Activity, ActivityAgency, Agency, Plan
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

ALL = list(range(1, 16))


# Codes of agencies and a role, and the numbers of the activities that these are involved in.
INVOLVED = {
    ("police", None): [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15],
    ("police", "lead"): [1, 5, 8, 10, 13],
    ("police", "support"): [2, 3, 4, 7, 9, 11, 13, 14, 15],
    ("msd", None): [2, 5, 7, 8, 10, 12, 13, 14, 15],
    ("msd", "lead"): [2, 8, 10, 12],
    ("msd", "support"): [5, 7, 13, 14, 15],
    ("msd-rps-policy-office", None): [12],
    ("rps", None): [11],
    ("all", None): [10, 13, 14, 15],
    ("all", "lead"): [10],
    ("rocc", None): [3, 10, 11, 12, 14, 15],
    ("tnoc", None): [3],
    ("te-aka-whai-ora", None): [4, 10, 13, 14, 15],
    ("tnoc rps", None): [3, 11],
    ("tnoc swa", "lead"): [3, 10, 11],
    ("", None): [],
}


@pytest.fixture(autouse=True)
def year_two(db):
    """The Year Two plan."""
    load_year_two()


def numbers(activities):
    return [activity.number for activity in activities.order_by("number")]


def agencies(*codes):
    return Agency.objects.filter(code__in=codes)


def test_involving_finds_exactly():
    found = {
        (codes, role): numbers(Activity.objects.involving(agencies(*codes.split()), role)) for codes, role in INVOLVED
    }
    assert found == INVOLVED


@pytest.mark.parametrize(("role", "found"), [(None, ALL), ("lead", [n for n in ALL if n != 6])])
def test_involving_any_agency_narrows_by_role_alone(role, found):
    assert numbers(Activity.objects.involving(role=role)) == found


def test_involving_any_agency_in_support():
    assert numbers(Activity.objects.involving(role="support")) == [2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15]


@pytest.mark.parametrize(
    ("codes", "role", "found"),
    [
        (["tnoc"], None, [3, 6]),
        (["tnoc"], "lead", [3, 6]),
        (["ghic"], "support", [1, 6, 8, 11]),
        ([], None, [6]),
    ],
)
def test_involving_or_nobody_adds_those_without(codes, role, found):
    assert numbers(Activity.objects.involving(agencies(*codes), role, or_nobody=True)) == found


def test_involving_takes_ids_as_well():
    ids = list(agencies("tnoc").values_list("pk", flat=True))
    assert numbers(Activity.objects.involving(ids)) == [3]


def test_without_lead_and_with_has_lead_agree():
    assert numbers(Activity.objects.without_lead()) == [6]
    assert [a.number for a in Activity.objects.with_has_lead() if not a.has_lead] == [6]


def test_without_lead_has_those_that_are_only_supported():
    ActivityAgency.objects.filter(activity__number=2, role="lead").delete()
    assert numbers(Activity.objects.without_lead()) == [2, 6]


@pytest.mark.parametrize(
    ("code", "standing"),
    [
        ("police", ["all", "police"]),
        ("msd", ["all", "msd", "msd-rps-policy-office"]),
        ("msd-rps-policy-office", ["msd-rps-policy-office"]),
        ("all", ["all"]),
        ("ndib", ["ndib"]),
    ],
)
def test_parties_standing_for_an_agency(code, standing):
    assert sorted(a.code for a in Agency.objects.standing_for(agencies(code))) == standing


def test_agencies_in_plan_are_linked_parents_or_members():
    plan = Plan.objects.get()
    Agency.objects.create(code="iwi", name="Iwi")
    assert sorted(a.code for a in Agency.objects.in_plan(plan)) == sorted(
        a.code for a in Agency.objects.exclude(code="iwi")
    )
    Activity.objects.exclude(number=12).update(withdrawn_on=date(2024, 8, 1))
    assert sorted(a.code for a in Agency.objects.in_plan(plan)) == ["msd", "msd-rps-policy-office", "rocc", "swa"]


def test_agencies_in_plan_count_members_of_a_group_without_links_of_their_own():
    Activity.objects.exclude(number=14).update(withdrawn_on=date(2024, 8, 1))
    of_group = [a.code for a in Agency.objects.get(code="all").members.all()]
    assert sorted(a.code for a in Agency.objects.in_plan(Plan.objects.get())) == sorted([*of_group, "all", "rocc"])
