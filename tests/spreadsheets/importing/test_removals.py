"""A file in which prose stands in place of done sub-activities is asked about, and can be undone."""

from datetime import date

import pytest

from plans.models import SubActivity
from plans.spreadsheets.importing import workflow

LINES = ("Number,Description", '3,"Strengthen alignment through:\nDeportee journey mapping, delivery of training"')


@pytest.fixture
def done(plan):
    """The three sub-activities of activity 3, all done and due."""
    items = SubActivity.objects.filter(activity__number=3)
    items.update(is_done=True, done_on=date(2026, 10, 1), due_on=date(2026, 12, 1))
    return lambda: list(items.order_by("pk").values())


def test_file_that_withdraws_done_sub_activities_waits_for_an_answer(bring, admin, done):
    before = done()
    source = bring(*LINES, answers={})
    (question,) = source.findings["questions"]
    assert (question["kind"], question["count"], question["done"], question["answer"]) == ("items", 3, 3, "")

    workflow.run_apply(source, admin)

    assert (source.state, source.problem, done()) == ("checked", workflow.NOT_ACCEPTABLE, before)


def test_confirmed_removal_withdraws_them_and_undo_brings_all_of_it_back(imported, admin, done):
    before = done()
    source = imported(*LINES)
    assert all(item["withdrawn_on"] for item in done())

    workflow.run_undo(source, admin)

    assert (source.state, done()) == ("undone", before)
    assert not SubActivity.objects.exclude(pk__in=[item["id"] for item in before]).filter(activity__number=3).exists()


def test_answer_to_another_question_does_not_count(bring, admin, done):
    first = bring(*LINES, answers={})
    (question,) = first.findings["questions"]
    other = bring("Number,Description", "3,Only words", answers={"items": f"theirs:{question['seal']}"})
    assert other.findings["questions"][0]["answer"] == "theirs"

    SubActivity.objects.create(activity_id=done()[0]["activity_id"], position=9, text="Added since")
    again = bring(*LINES, answers={"items": f"theirs:{question['seal']}"})

    assert again.findings["questions"][0]["answer"] == ""


def test_removal_that_grew_since_it_was_confirmed_is_not_applied(bring, admin, done):
    (question,) = bring(*LINES, answers={}).findings["questions"]
    source = bring(*LINES, answers={"items": f"theirs:{question['seal']}"})
    SubActivity.objects.create(activity_id=done()[0]["activity_id"], position=9, text="Added since")

    workflow.run_apply(source, admin)

    assert (source.state, source.problem) == ("checked", workflow.CHANGED_SINCE)
