"""The rule by which an activity shows the status of its leads. What it is read from is tested with the pages."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plans.choices import BY_SERIOUSNESS, REPORTABLE, Status, UpdateKind, most_serious
from plans.summaries.lead_positions import Report, find_positions

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
POLICE, MSD, MOJ, ALL, UNIT, OTHER = range(1, 7)
SAID = st.tuples(st.sampled_from([POLICE, MSD, MOJ]), st.sampled_from(REPORTABLE))


def report(place, agency, status, round_id=1, closed_before=None):
    kind = UpdateKind.REPORT if agency else UpdateKind.SET
    return Report(8, place, NOON + timedelta(minutes=place), agency, status, round_id, closed_before, kind)


def positions(*said, leads=(POLICE, MSD, MOJ), counting=None):
    return find_positions(leads, [report(place, *one) for place, one in enumerate(said)], counting or {})


def statuses(found):
    return [one and one.status for one in found.by_lead.values()]


def test_seriousness_is_in_the_order_of_the_programme():
    labels = ["Off track", "At risk", "Paused", "Not started", "On track", "Complete"]
    assert [one.label for one in BY_SERIOUSNESS] == labels
    assert most_serious([]) is None


@given(st.lists(SAID, min_size=1), st.randoms())
def test_shown_status_is_the_most_serious_of_the_latest_of_each_lead_in_any_order(said, random):
    reports = [report(place, *one) for place, one in enumerate(said)]
    random.shuffle(reports)
    found = find_positions([POLICE, MSD, MOJ], reports, {})
    latest = dict(said)
    assert dict(zip([POLICE, MSD, MOJ], statuses(found), strict=True)) == {
        lead: latest.get(lead) for lead in (POLICE, MSD, MOJ)
    }
    assert found.status == min(latest.values(), key=BY_SERIOUSNESS.index)
    assert (found.status == Status.COMPLETE) == (set(latest.values()) == {Status.COMPLETE})
    assert found.leads_differ == (len(set(latest.values())) > 1)
    assert found.silent == [lead for lead in (POLICE, MSD, MOJ) if lead not in latest]


@given(st.lists(SAID, min_size=1), st.randoms())
def test_order_in_which_leads_report_does_not_matter(said, random):
    """Only what each of them said last does, however their reports fall between one another."""
    of_each = {lead: [one for one in said if one[0] == lead] for lead, _ in said}
    turns = [lead for lead, _ in said]
    random.shuffle(turns)
    otherwise = [of_each[lead].pop(0) for lead in turns]
    assert positions(*otherwise).status == positions(*said).status
    assert positions(*otherwise).leads_differ == positions(*said).leads_differ


@given(st.lists(st.sampled_from(REPORTABLE), min_size=1))
def test_with_one_lead_the_latest_report_is_shown(said):
    found = positions(*((POLICE, status) for status in said), leads=[POLICE])
    assert (found.status, found.leads_differ) == (said[-1], False)


def test_new_round_counts_once_somebody_reports_in_it():
    said = [(POLICE, "on_track", 1), (MSD, "off_track", 1)]
    assert positions(*said).status == "off_track"
    found = positions(*said, (POLICE, "on_track", 2))
    assert (found.status, found.silent) == ("on_track", [MSD, MOJ])
    assert positions((POLICE, "on_track", 2), (MSD, "off_track", 1)).status == "off_track", "the latest says the round"


def test_time_between_two_rounds_is_a_period_of_its_own():
    first, second = NOON - timedelta(days=90), NOON - timedelta(days=9)
    said = [(MSD, "off_track", None, first), (POLICE, "at_risk", None, second)]
    assert positions(*said).status == "at_risk"
    assert positions(*said, (MOJ, "paused", None, second)).silent == [MSD]


def test_what_the_programme_sets_is_shown_until_the_next_report():
    said = [(POLICE, "on_track"), (MSD, "at_risk"), (None, "paused")]
    found = positions(*said)
    assert (found.status, found.leads_differ, statuses(found)) == ("paused", True, ["on_track", "at_risk", None])
    assert positions(*said, (POLICE, "on_track")).status == "at_risk", "each lead stands where it stood"


def test_member_speaks_for_its_group_and_a_lead_for_itself():
    counting = {ALL: {ALL, POLICE, MSD}}
    found = positions((POLICE, "off_track"), (MSD, "on_track"), leads=[POLICE, ALL], counting=counting)
    assert statuses(found) == ["off_track", "on_track"]
    group_alone = positions((POLICE, "off_track"), (MSD, "on_track"), leads=[ALL], counting=counting)
    assert (group_alone.status, group_alone.leads_differ) == ("on_track", False)


def test_parent_speaks_for_each_of_its_units_that_leads():
    counting = {UNIT: {UNIT, MSD}, OTHER: {OTHER, MSD}}
    found = positions((OTHER, "at_risk"), (MSD, "on_track"), leads=[UNIT, OTHER], counting=counting)
    assert statuses(found) == ["on_track", "on_track"]


def test_report_of_who_leads_no_more_is_nobodys_position():
    found = positions((MSD, "on_track"), (OTHER, "off_track"))
    assert (found.status, statuses(found)) == ("on_track", [None, "on_track", None])
    # Said in a round in which no lead of today has reported: the activity keeps its status.
    assert positions((MSD, "at_risk", 1), (OTHER, "off_track", 2)).status is None
