"""Merging an agency into another one: what is shown before, what moves, what stays, and undoing it."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from plans.actions.agency_merges import MergeChanged, merge_agencies, undo_merge
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    AgencyContact,
    AgencyMerge,
    Barrier,
    Membership,
    Plan,
    StatusUpdate,
    SubActivity,
)
from plans.spreadsheets.names import agency_names
from plans.summaries.agency_merges import MOVED, STAYS, find_conflicts, put_together, read_merge, take_apart
from tests.test_editing import opened, send
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
PLAN = "/plans/year-two/"
PAGE = f"{PLAN}merge-agencies/"
PAIR = "te-aka-whai-ora/into/te-whatu-ora/"


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


def agency(code):
    return Agency.objects.get(code=code)


def merge(by, merged, into, reason="Disestablished"):
    fingerprint = read_merge(agency(merged), agency(into)).fingerprint
    told = {"by": by, "on": date(2026, 11, 1), "reason": reason, "expected": fingerprint}
    return merge_agencies(merged=agency(merged), into=agency(into), **told)


def places(number):
    row = Activity.objects.with_agencies().get(number=number)
    return [[link.agency.code for link in links] for links in (row.lead_links, row.support_links)]


def everything():
    """All rows that name agencies, as they are, without ids."""
    links = ActivityAgency.objects.order_by("activity__number", "role", "position")
    people = Membership.objects.active().order_by("user__email", "agency__code")
    return {
        "links": list(links.values_list("activity__number", "role", "agency__code")),
        "people": list(people.values_list("user__email", "agency__code")),
        "aliases": sorted(AgencyAlias.objects.values_list("agency__code", "alias")),
        "agencies": list(
            Agency.objects.order_by("code").values_list("code", "parent__code", "ended_on", "merged_into")
        ),
        "members": sorted(Agency.objects.exclude(members=None).values_list("code", "members__code")),
    }


def test_every_relation_to_an_agency_is_moved_or_stays():
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.many_to_one and field.related_model is Agency
        if not hasattr(model, "history_type") and not model.__name__.startswith("Historical")
    }
    assert found == MOVED | STAYS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"lead": [1, 2], "support": [3]}, {"lead": [9, 2], "support": [3]}),
        ({"lead": [2], "support": [3, 1]}, {"lead": [2], "support": [3, 9]}),
        ({"lead": [9, 2, 1], "support": []}, {"lead": [9, 2], "support": []}),
        ({"lead": [1, 2, 9], "support": []}, {"lead": [9, 2], "support": []}),
        ({"lead": [2, 1], "support": [3, 9]}, {"lead": [2, 9], "support": [3]}),
        ({"lead": [2, 9], "support": [1, 3]}, {"lead": [2, 9], "support": [3]}),
        ({"lead": [2], "support": [9, 1]}, {"lead": [2], "support": [9]}),
    ],
)
def test_activity_with_both_has_the_remaining_one_once_and_lead_wins(before, after):
    assert put_together(before, 1, 9) == after
    assert take_apart(after, before, 1, 9) == before


def test_take_apart_leaves_what_others_added_since():
    before = {"lead": [1, 2], "support": [3]}
    assert take_apart({"lead": [9, 5], "support": [3, 4]}, before, 1, 9) == {"lead": [1, 5], "support": [3, 4]}


def said_before(make_user, **said):
    """An update by someone who reports for the agency that is merged, on an activity that both are on."""
    person = make_user("updater@health.example", name="Health updater")
    Membership.objects.create(user=person, agency=agency("te-aka-whai-ora"))
    said |= {"agency": agency("te-aka-whai-ora"), "author": person, "what_happened": "Said then"}
    return StatusUpdate.objects.create(activity=Activity.objects.get(number=4), **said)


def test_preview_says_everything_in_words_and_changes_nothing(programme_admin, make_user):
    update = said_before(make_user, status="on_track", barrier="No funding")
    Barrier.objects.create(activity=update.activity, update=update, text="No funding")
    send(programme_admin, 9, opened(programme_admin, 9), leads="Te Aka Whai Ora")
    before = everything()
    page = Page(programme_admin.get(PAGE + PAIR))

    assert page.h1 == "Merge Te Aka Whai Ora into Te Whatu Ora?"
    for sentence in (
        "Year Two ROCC Action Plan: Te Whatu Ora leads activity 9 in place of Te Aka Whai Ora.",
        "Year Two ROCC Action Plan: both are on activity 4. Te Whatu Ora is there once, and leads.",
        "Health updater will report for Te Whatu Ora in place of Te Aka Whai Ora.",
        "Te Whatu Ora will also be known as “Te Aka Whai Ora” and “Māori Health Authority”,",
        "1 update and 1 barrier will still say Te Aka Whai Ora, who wrote or received them.",
    ):
        assert sentence in page.text, sentence
    assert everything() == before


def test_merge_from_the_page_moves_all_and_keeps_what_was_said(programme_admin, make_user):
    update = said_before(make_user, kind="note")
    person = update.author
    fingerprint = read_merge(agency("te-aka-whai-ora"), agency("te-whatu-ora")).fingerprint
    typed = {"on": "2024-06-30", "reason": "Pae Ora Act", "fingerprint": fingerprint}
    answer = programme_admin.post(PAGE + PAIR, typed)

    assert (answer.status_code, answer["Location"]) == (302, f"{PLAN}agencies/te-whatu-ora/")
    merged = agency("te-aka-whai-ora")
    assert (merged.merged_into.code, merged.ended_on) == ("te-whatu-ora", date(2024, 6, 30))
    assert places(4) == [["te-whatu-ora"], ["manatu-hauora", "police", "ndib", "swa"]]
    assert not ActivityAgency.objects.filter(agency=merged).exists()
    assert list(Membership.objects.active().filter(user=person).values_list("agency__code", flat=True)) == [
        "te-whatu-ora"
    ]
    assert {"Te Aka Whai Ora", "Māori Health Authority"} <= {
        alias.alias for alias in agency("te-whatu-ora").aliases.all()
    }
    update.refresh_from_db()
    assert update.agency == merged
    gone = ActivityAgency.history.get(activity__number=4, history_type="-")
    assert (gone.agency, gone.history_user, "Pae Ora Act" in gone.history_change_reason) == (
        merged,
        programme_admin.user,
        True,
    )
    for one in ("te-aka-whai-ora", "te-whatu-ora"):
        assert "merged into Te Whatu Ora: Pae Ora Act" in Agency.history.filter(code=one).first().history_change_reason
    page = Page(programme_admin.get(answer["Location"]))
    assert "Merged into it" in page.text
    assert "Last day 30 June 2024." in Page(programme_admin.get(PAGE)).text


def test_old_addresses_and_names_lead_to_the_remaining_agency(programme_admin):
    merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    answer = programme_admin.get(f"{PLAN}agencies/TE-aka-whai-ora/")
    assert (answer.status_code, answer["Location"]) == (302, f"{PLAN}agencies/te-whatu-ora/")
    answer = programme_admin.get(f"{PLAN}agencies/te-aka-whai-ora/fill-in.xlsx")
    assert answer["Location"] == f"{PLAN}agencies/te-whatu-ora/fill-in.xlsx"
    answer = programme_admin.get(f"{PLAN}agencies/te-aka-whai-ora/edit/")
    assert answer["Location"] == f"{PLAN}agencies/te-whatu-ora/edit/"
    assert (
        Page(programme_admin.get(f"{PLAN}activities/?agency=te-aka-whai-ora")).numbers
        == Page(programme_admin.get(f"{PLAN}activities/?agency=te-whatu-ora")).numbers
    )
    listed = [
        programme_admin.get(f"{PLAN}activities.csv?agency={code}").getvalue()
        for code in ("te-aka-whai-ora", "te-whatu-ora")
    ]
    assert listed[0] == listed[1]
    for name in ("Te Aka Whai Ora", "te-aka-whai-ora", "maori health authority"):
        assert agency_names().find(name) == agency("te-whatu-ora")


def test_merged_agency_can_be_chosen_nowhere(programme_admin):
    send_before = opened(programme_admin, 2)
    merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    form = programme_admin.get(f"{PLAN}activities/2/edit/").context["editing"].form
    assert "te-aka-whai-ora" not in {row.agency.code for row in [*form.chosen_rows, *form.other_rows]}
    for address in (PAGE, f"{PLAN}add-agency/", "/people/invite/", f"{PLAN}agencies/"):
        assert "Māori Health Authority" not in programme_admin.get(address).content.decode(), address
    # By its name it means the other one, as in a form that was opened before.
    send(programme_admin, 2, send_before, supports="Te Aka Whai Ora")
    assert places(2)[1] == ["te-whatu-ora"]


def test_version_from_before_is_restored_with_the_remaining_agency(programme_admin):
    send(programme_admin, 4, opened(programme_admin, 4), title="New title")
    merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    from plans.summaries.record.versions import version_now  # noqa: PLC0415

    assert version_now(Activity.objects.get(number=4)).agencies["lead"] == [agency("te-whatu-ora")]


@pytest.mark.parametrize(
    ("merged", "into"),
    [
        ("te-aka-whai-ora", "te-whatu-ora"),
        ("apa", "police"),
        ("police", "msd"),
        ("msd-rps-policy-office", "msd"),
        ("rps", "swa"),
    ],
)
def test_merge_and_undo_leave_everything_as_it_was(programme_admin, make_user, merged, into):
    both, one = make_user("both@x.example"), make_user("one@x.example")
    for person, code in ((both, merged), (both, into), (one, merged)):
        Membership.objects.create(user=person, agency=agency(code))
    before = everything()
    record = merge(programme_admin.user, merged, into)
    assert everything() != before
    assert not {name for _, _, name in everything()["links"]} & {merged}
    assert find_conflicts(record) == []
    undo_merge(merge=record, by=programme_admin.user, reason="By mistake")
    assert everything() == before
    assert agency_names().find(merged) == agency(merged)
    # And it can be done again.
    merge(programme_admin.user, merged, into)


def test_undo_from_the_page_keeps_what_was_added_since(programme_admin):
    record = merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    send(programme_admin, 2, opened(programme_admin, 2), supports="Te Whatu Ora")
    address = f"{PAGE}{record.pk}/undo/"
    page = Page(programme_admin.get(address))
    assert "Year Two ROCC Action Plan: both are restored to where they were on activity 4." in page.text
    answer = programme_admin.post(address, {"reason": "By mistake"})
    assert answer["Location"] == f"{PLAN}agencies/te-aka-whai-ora/"
    assert places(4)[1] == ["manatu-hauora", "te-aka-whai-ora", "police", "ndib", "swa"]
    assert places(2)[1] == ["te-whatu-ora"]
    record.refresh_from_db()
    assert (record.undone_by, record.undone_at is None) == (programme_admin.user, False)
    assert "This merge has already been undone." in Page(programme_admin.get(address)).text


def test_undo_says_what_conflicts_and_changes_nothing(programme_admin):
    record = merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    send(programme_admin, 4, opened(programme_admin, 4), leads="Police", supports="")
    AgencyAlias.objects.get(alias="Te Aka Whai Ora").delete()
    AgencyAlias.objects.create(agency=agency("msd"), alias="Te Aka Whai Ora")
    before = everything()
    address = f"{PAGE}{record.pk}/undo/"
    answer = programme_admin.post(address, {"reason": "By mistake"})
    page = Page(answer)
    for sentence in (
        "“Te Aka Whai Ora” is a name of MSD now. Remove it there first.",
        "Te Whatu Ora no longer leads activity 4 of Year Two ROCC Action Plan. Put it back there first.",
    ):
        assert sentence in page.text
    assert everything() == before


def test_later_merge_is_undone_first(programme_admin):
    first = merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    second = merge(programme_admin.user, "te-whatu-ora", "manatu-hauora")
    assert agency("te-aka-whai-ora").merged_into == agency("manatu-hauora")
    assert agency_names().find("Te Aka Whai Ora") == agency("manatu-hauora")
    assert find_conflicts(AgencyMerge.objects.get(pk=first.pk)) == [
        "Te Whatu Ora has itself been merged into Manatū Hauora since. Undo that first."
    ]
    for record in (second, first):
        undo_merge(merge=AgencyMerge.objects.get(pk=record.pk), by=programme_admin.user, reason="Back")
    assert agency("te-aka-whai-ora").merged_into is None


@pytest.mark.parametrize(
    ("merged", "into", "problem"),
    [
        ("police", "police", "An agency cannot be merged into itself. Choose another one."),
        ("police", "all", "A group can only be merged into a group, and an agency into an agency."),
        ("msd", "msd-rps-policy-office", "MSD RPS Policy Office is part of MSD. Change what it is part of first."),
    ],
)
def test_merge_that_cannot_be_is_refused_in_words(programme_admin, merged, into, problem):
    before = everything()
    address = f"{PAGE}{merged}/into/{into}/"
    typed = {"on": "2024-06-30", "reason": "Why not", "fingerprint": "x"}
    assert problem in Page(programme_admin.get(address)).text
    assert problem in Page(programme_admin.post(address, typed)).text
    with pytest.raises(ValidationError):
        merge(programme_admin.user, merged, into)
    assert everything() == before


def test_merge_that_comes_to_something_else_by_now_is_shown_again(programme_admin):
    fingerprint = read_merge(agency("te-aka-whai-ora"), agency("te-whatu-ora")).fingerprint
    send(programme_admin, 2, opened(programme_admin, 2), supports="Te Aka Whai Ora")
    typed = {"on": "2024-06-30", "reason": "Typed words", "fingerprint": fingerprint}
    answer = programme_admin.post(PAGE + PAIR, typed)
    assert answer.status_code == 409
    assert "Something has changed since you looked" in answer.content.decode()
    assert "Typed words" in answer.content.decode()
    assert "supports activity 2 in place of" in Page(answer, 409).text
    with pytest.raises(MergeChanged):
        merge_agencies(
            merged=agency("te-aka-whai-ora"),
            into=agency("te-whatu-ora"),
            by=programme_admin.user,
            on=date(2024, 6, 30),
            reason="x",
            expected=fingerprint,
        )


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"on": "2024-06-30"}, "Enter the reason, which the history shows."),
        ({"on": "2999-01-01", "reason": "x"}, "Enter today or an earlier day. Everything moves when you merge."),
    ],
)
def test_form_says_what_is_wrong(programme_admin, typed, error):
    assert error in programme_admin.post(PAGE + PAIR, typed).content.decode()


@pytest.mark.parametrize(
    "query", ["?merged=&into=", "?merged=nobody&into=police", "?merged=%00&into=%00", "?merged=police"]
)
def test_pair_that_is_not_chosen_asks_for_it(programme_admin, query):
    page = programme_admin.get(PAGE + query)
    assert "te-aka-whai-ora" in programme_admin.get(f"{PAGE}?merged=te-aka-whai-ora&into=msd")["Location"]
    assert (page.status_code, "Show what will change" in page.content.decode()) == (200, True)


def test_contact_goes_to_an_agency_that_has_none_and_comes_back(programme_admin, plan):
    said = {"role": "Programme lead", "email": "lead@health.example"}
    moving = AgencyContact.objects.create(plan=plan, agency=agency("te-aka-whai-ora"), **said)
    other = make_plan_with_contacts(said)
    found = read_merge(agency("te-aka-whai-ora"), agency("te-whatu-ora"))
    assert dict(found.in_words)["Contacts"] == [
        "Te Whatu Ora will have its contact in Year Two ROCC Action Plan, where it has none."
    ]
    record = merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    moving.refresh_from_db()
    assert moving.agency == agency("te-whatu-ora")
    assert moving.history.first().history_user == programme_admin.user
    assert other.contacts.get(agency=agency("te-aka-whai-ora"))

    undo_merge(merge=record, by=programme_admin.user, reason="Back")
    moving.refresh_from_db()
    assert moving.agency == agency("te-aka-whai-ora")


def make_plan_with_contacts(said):
    """A plan in which both agencies have a contact."""
    other = Plan.objects.create(slug="other", name="Other", short_name="Other")
    for code in ("te-aka-whai-ora", "te-whatu-ora"):
        AgencyContact.objects.create(plan=other, agency=agency(code), **said)
    return other


def test_sub_activities_go_to_the_remaining_agency_and_come_back(programme_admin):
    item = SubActivity.objects.filter(activity__number=3).first()
    SubActivity.objects.filter(pk=item.pk).update(agency=agency("te-aka-whai-ora"))
    found = read_merge(agency("te-aka-whai-ora"), agency("te-whatu-ora"))
    sentence = "Te Whatu Ora will be responsible for 1 sub-activity in place of Te Aka Whai Ora."
    assert sentence in dict(found.in_words)["Activities"]
    record = merge(programme_admin.user, "te-aka-whai-ora", "te-whatu-ora")
    item.refresh_from_db()
    assert (item.agency, item.history.first().agency) == (agency("te-whatu-ora"), agency("te-whatu-ora"))
    undo_merge(merge=record, by=programme_admin.user, reason="Back")
    item.refresh_from_db()
    assert item.agency == agency("te-aka-whai-ora")
