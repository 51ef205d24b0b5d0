"""Evidence: links on updates and activities, and what "complete" asks for."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from plans.actions import NewerUpdate, correct_update, record_update, repeat_updates
from plans.actions.evidence import THERE_ALREADY, add_evidence, remove_evidence
from plans.actions.reporting_rules import (
    EVIDENCE_AND_NONE,
    MOST_LINKS,
    NO_EVIDENCE,
    TOO_MANY_LINKS,
    asks_for_evidence,
    evidence_problems,
)
from plans.models import Activity, Agency, EvidenceLink, StatusUpdate
from plans.spreadsheets.writing.export import line_of, read_lines
from plans.summaries.record import read_events
from plans.web_links import Link
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page, said

ACTIVITY = "/plans/year-two/activities/1/"
UPDATE = f"{ACTIVITY}update/"
REPORT = Link("https://www.police.govt.nz/report", "Report")
OTHER = Link("https://www.msd.govt.nz/", "")


@pytest.fixture
def activity(year_two):  # noqa: F811
    """One that Police leads."""
    return Activity.objects.get(number=1)


@pytest.fixture
def report(activity, police_updater):
    """Record a report of Police, by default that all is done, with a link."""

    def record(**parts):
        said = {"status": "complete", "agency": Agency.objects.get(code="police"), "evidence": [REPORT], **parts}
        return record_update(activity=activity, by=police_updater.user, **said)

    return record


def standing():
    return [one.link for one in EvidenceLink.objects.standing()]


@pytest.mark.parametrize(
    ("is_asked", "has_link", "is_evidenced", "reason", "problems"),
    [
        (True, False, False, "", [("evidence", NO_EVIDENCE)]),
        (True, False, False, " \n", [("evidence", NO_EVIDENCE)]),
        (True, True, False, "", []),
        (True, False, True, "", []),
        (True, False, False, "It was handed over in person.", []),
        (False, False, False, "", []),
        (True, True, False, "None", [("no_evidence_reason", EVIDENCE_AND_NONE)]),
        (False, True, False, "None", [("no_evidence_reason", EVIDENCE_AND_NONE)]),
    ],
)
def test_evidence_problems(is_asked, has_link, is_evidenced, reason, problems):
    told = {"is_asked": is_asked, "has_link": has_link, "is_evidenced": is_evidenced, "no_evidence_reason": reason}
    assert evidence_problems(**told) == problems


@pytest.mark.parametrize(
    ("status", "agency", "is_no_change", "is_asked"),
    [
        ("complete", 1, False, True),
        ("complete", 1, True, False),
        ("complete", None, False, False),
        ("on_track", 1, False, False),
        ("", "", False, False),
    ],
)
def test_agency_that_says_complete_is_asked_for_evidence(status, agency, is_no_change, is_asked):
    assert asks_for_evidence(status, agency, is_no_change=is_no_change) == is_asked


@pytest.mark.django_db
def test_report_of_complete_needs_a_link_or_a_reason_also_from_code(report, activity, programme_admin):
    with pytest.raises(ValidationError, match="Add a link to evidence"):
        report(evidence=[])
    assert (StatusUpdate.objects.count(), EvidenceLink.objects.count()) == (0, 0)
    update = report()
    [link] = update.evidence.all()
    assert (link.link, link.activity, link.author, link.made_at) == (REPORT, activity, update.author, update.made_at)
    # Once it is there, it will do, and so will a programme admin's own reason.
    assert report(evidence=[]).status == "complete"
    remove_evidence(link=link, by=programme_admin.user)
    assert report(evidence=[], no_evidence_reason="Handed over in person").no_evidence_reason
    assert record_update(activity=activity, by=programme_admin.user, status="complete", what_happened="Agreed")


@pytest.mark.django_db
def test_nothing_changed_needs_no_evidence_again(report, activity, police_updater):
    report(evidence=[], no_evidence_reason="Handed over in person")
    same = {"status": "complete", "agency": Agency.objects.get(code="police"), "is_no_change": True}
    repeat_updates(reports={activity: same}, by=police_updater.user)
    assert StatusUpdate.objects.first().is_no_change


@pytest.mark.django_db
def test_link_that_cannot_be_taken_is_refused_with_its_update(report):
    with pytest.raises(ValidationError):
        report(evidence=[Link("javascript:alert(1)", "")])
    assert not StatusUpdate.objects.exists()


@pytest.mark.django_db
def test_same_report_sent_twice_is_saved_once_but_not_with_another_link(report):
    first = report(seen=None)
    assert report(seen=None) == first
    assert EvidenceLink.objects.count() == 1
    with pytest.raises(NewerUpdate):
        report(seen=None, evidence=[OTHER])


@pytest.mark.django_db
def test_correction_brings_its_own_links(report, police_updater):
    update = report()
    parts = {"status": "complete", "agency": update.agency}
    with pytest.raises(ValidationError, match="Add a link to evidence"):
        correct_update(update=update, by=police_updater.user, **parts)
    correct_update(update=update, by=police_updater.user, evidence=[OTHER], **parts)
    assert standing() == [OTHER]
    # What the other update said stays as it was.
    assert [one.link for one in update.evidence.all()] == [REPORT]


@pytest.mark.django_db
def test_form_of_an_update_takes_links_and_shows_what_is_wrong(police_updater, activity):
    def send(**typed):
        return police_updater.post(UPDATE, {"status": "complete", "seen": "", **typed})

    page = Page(send())
    assert NO_EVIDENCE in page.text
    page = Page(send(evidence="Report http://police.govt.nz"))
    assert "“Report http://police.govt.nz”: Enter an address that begins with https://." in page.text
    assert NO_EVIDENCE not in page.text
    assert TOO_MANY_LINKS in Page(send(evidence="\n".join(f"https://a.nz/{n}" for n in range(MOST_LINKS + 1)))).text
    assert EVIDENCE_AND_NONE in Page(send(evidence="https://a.nz", no_evidence_reason="None")).text
    assert not StatusUpdate.objects.exists()
    assert send(evidence="Report https://www.police.govt.nz/report\r\n\r\nhttps://www.msd.govt.nz").status_code == 302
    assert standing() == [REPORT, OTHER]


@pytest.mark.django_db
def test_form_of_a_correction_shows_the_links_and_knows_when_nothing_changed(report, police_updater):
    update = report(evidence=[REPORT, OTHER])
    address = f"{ACTIVITY}updates/{update.pk}/correct/"
    form = police_updater.get(address).context["form"]
    assert form.is_evidence_open
    typed = {form[name].html_name: form[name].value() or "" for name in form.fields if name != "no_change"}
    assert typed["evidence"] == "Report https://www.police.govt.nz/report\r\nhttps://www.msd.govt.nz/"
    typed.pop("needs_escalation")
    assert "Nothing has changed." in Page(police_updater.post(address, typed)).text
    assert police_updater.post(address, {**typed, "evidence": "https://www.msd.govt.nz/"}).status_code == 302
    assert standing() == [OTHER]


@pytest.mark.django_db
def test_page_shows_links_with_their_host_and_tells_browsers_nothing(report, activity, open_reading, client):  # noqa: F811
    update = report(evidence=[OTHER, REPORT])
    add_evidence(activity=activity, by=update.author, address="https://аррӏе.com/a", label="Apple")
    section = Page(client.get(ACTIVITY)).section("Evidence")
    links = [link for link in section.iter("a") if "nofollow" in (link.get("rel") or "")]
    assert [(link.get("href"), link.text, link.get("rel")) for link in links] == [
        (OTHER.address, OTHER.address, "noopener noreferrer nofollow"),
        (REPORT.address, "Report", "noopener noreferrer nofollow"),
        ("https://xn--80ak6aa92e.com/a", "Apple", "noopener noreferrer nofollow"),
    ]
    assert "Apple xn--80ak6aa92e.com" in said(section)
    assert "Remove" not in said(section)


@pytest.mark.django_db
def test_links_of_an_activity_are_added_once_and_removed_by_who_added_them(
    activity, police_updater, other_updater, programme_admin
):
    add = f"{ACTIVITY}evidence/add/"
    assert other_updater.get(add).status_code == 403
    assert "begins with https://" in Page(police_updater.post(add, {"address": "data:text/html,x"})).text
    assert police_updater.post(add, {"address": REPORT.address, "label": "Report"}).status_code == 302
    assert THERE_ALREADY in Page(police_updater.post(add, {"address": " HTTPS://WWW.Police.govt.nz/report "})).text
    link = EvidenceLink.objects.get()
    remove = f"{ACTIVITY}evidence/{link.pk}/remove/"
    assert other_updater.post(remove).status_code == 403
    assert police_updater.post(remove).status_code == 302
    assert (standing(), police_updater.get(remove).status_code) == ([], 404)
    told = [(event.by, event.change.phrase) for event in read_events(activity) if event.change.subject == "Evidence"]
    assert told == [
        (police_updater.user, f"added the link to evidence Report <{REPORT.address}>"),
        (police_updater.user, f"removed the link to evidence Report <{REPORT.address}>"),
    ]
    again = add_evidence(activity=activity, by=police_updater.user, address=REPORT.address)
    assert programme_admin.post(f"{ACTIVITY}evidence/{again.pk}/remove/").status_code == 302


@pytest.mark.django_db
def test_links_are_append_only(report):
    [link] = report().evidence.all()
    with pytest.raises(TypeError):
        link.save()
    with pytest.raises(TypeError):
        EvidenceLink.objects.all().update(label="Other")
    with pytest.raises(TypeError):
        EvidenceLink.objects.all().delete()


@pytest.mark.django_db
def test_record_tells_links_and_why_there_are_none(report, activity):
    report()
    report(evidence=[], no_evidence_reason="Handed over in person")
    events = [event.change for event in read_events(activity)]
    assert ("No evidence available because", "Handed over in person") in events[-2].details + events[-1].details
    assert f"added the link to evidence Report <{REPORT.address}>" in [change.phrase for change in events]


@pytest.mark.django_db
def test_exports_have_the_links_that_count(report, activity, programme_admin, reader):
    report(evidence=[REPORT, OTHER])
    add_evidence(activity=activity, by=programme_admin.user, address="https://a.nz/;b", label="=1+1")
    remove_evidence(link=EvidenceLink.objects.get(address=OTHER.address), by=programme_admin.user)
    text = reader.get("/plans/year-two/activities.csv").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    # No part of the cell can run as a formula.
    assert {row["Number"]: row["Evidence"] for row in rows if row["Evidence"]} == {
        "1": "Report <https://www.police.govt.nz/report>; '=1+1 <https://a.nz/;b>"
    }
    [shown] = read_lines(Activity.objects.filter(pk=activity.pk).for_export(localdate()))
    assert shown == line_of(Activity.objects.for_export(localdate()).get(pk=activity.pk))
