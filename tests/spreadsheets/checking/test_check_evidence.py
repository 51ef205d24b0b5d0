"""Evidence in files: asked for where there is a column for it, as the form asks, and not in files of before."""

import pytest

from plans.actions.evidence import add_evidence
from plans.actions.reporting_rules import EVIDENCE_AND_NONE, NO_EVIDENCE
from plans.models import Activity
from plans.web_links import Link
from tests.spreadsheets.checking.tables import changes, errors, kinds

OLD = "Number,Reporting Agency,Update Status,What Happened"
NEW = f"{OLD},Evidence Links,No Evidence Because"
DONE = ("1", "Police", "Complete", "All of it.")
REPORT = Link("https://www.police.govt.nz/report", "Report")


def drafted(checked):
    report = checked.rows[0].draft.report
    return report.evidence, report.no_evidence_reason


def lowered(sentence):
    return sentence[0].lower() + sentence[1:]


@pytest.mark.django_db
def test_complete_without_evidence_is_an_error_where_the_file_has_a_column_for_it(check):
    assert kinds(check(OLD, DONE)) == kinds(check(NEW, (*DONE, "", "Handed over")))
    assert errors(check(NEW, (*DONE, "", ""))) == [(2, "Evidence Links", lowered(NO_EVIDENCE))]
    both = check(NEW, (*DONE, "https://a.nz", "Handed over"))
    assert errors(both) == [(2, "No Evidence Because", lowered(EVIDENCE_AND_NONE))]
    wrong = check(NEW, (*DONE, "Report http://a.nz", ""))
    assert errors(wrong) == [(2, "Evidence Links", "“Report http://a.nz”: Enter an address that begins with https://.")]


@pytest.mark.django_db
def test_links_and_reasons_are_read_and_shown(check):
    checked = check(NEW, (*DONE, "Report https://www.police.govt.nz/report\nhttps://a.nz", ""))
    assert drafted(checked) == ((REPORT, Link("https://a.nz/", "")), "")
    [(_, _, told)] = changes(checked)
    assert told["Evidence Links"] == ("", "Report <https://www.police.govt.nz/report>; <https://a.nz/>")
    assert drafted(check(NEW, (*DONE, "", "Handed over"))) == ((), "Handed over")


@pytest.mark.django_db
def test_evidence_that_is_there_already_will_do(check, importing_admin):
    add_evidence(activity=Activity.objects.get(number=1), by=importing_admin, address=REPORT.address)
    assert errors(check(NEW, (*DONE, "", ""))) == []
