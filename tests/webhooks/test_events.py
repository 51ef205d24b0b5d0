"""What happened, found from the record of it, and the cards about it."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from plans.actions.barriers import escalate_barrier, resolve_barrier
from plans.actions.bulk import Authorship, change_rows
from plans.actions.outbox import send_due
from plans.actions.rounds import close_round, open_round
from plans.actions.updates import record_update
from plans.actions.webhooks import save_webhook
from plans.choices import CardEvent, Status
from plans.mail_run import NotSent
from plans.models import Activity, Agency, Barrier, OutgoingMessage, Plan, Webhook
from plans.summaries.rounds import freeze_report
from plans.webhooks import events
from plans.webhooks.cards import off_track_card
from plans.webhooks.events import collect_events, write_cards
from tests.views.conftest import make_activity

pytestmark = pytest.mark.django_db
ADDRESS = "https://cards.example/workflow?sig=secret-part"
ALL = {"off_track": True, "escalated": True, "rounds": True}


@pytest.fixture
def admin(programme_admin):
    return programme_admin.user


@pytest.fixture
def plan(make_plan, admin):
    """A plan of four activities that are on track, with a webhook."""
    plan = make_plan("year-three", 4)
    for activity in Activity.objects.all():
        activity.status = Status.ON_TRACK
        activity.save()
    hook(plan, admin)
    return plan


def hook(plan, admin, **fields):
    told = {"address": ADDRESS, "host": "cards.example", "is_on": True, "wanted": ALL, **fields}
    return save_webhook(plan=plan, by=admin, **told)


def report(number, by, status=Status.OFF_TRACK, **parts):
    activity = Activity.objects.get(number=number)
    parts = {"what_happened": "No staff", "agency": Agency.objects.get(code="police"), **parts}
    return record_update(activity=activity, by=by, status=status, **parts)


def cards():
    """What would be sent now: [(kind, texts of the card, its link)]."""
    collect_events()
    return [written(message) for message in OutgoingMessage.objects.order_by("pk") if written(message)]


def written(message):
    event = CardEvent(message.kind.removeprefix("card_"))
    post = write_cards(event, [message]).get(message.pk)
    if post is None:
        return None
    assert post.address == ADDRESS
    envelope = json.loads(post.body)
    assert envelope["type"] == "message"
    (attachment,) = envelope["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    return event, texts(card), [action["url"] for action in card.get("actions", [])]


def texts(card):
    return [one["text"] for block in card["body"] for one in block["inlines"]]


def test_activity_that_goes_off_track_is_told_once(plan, admin, settings):
    settings.SITE_URL = "https://tracker.example"
    report(1, admin)
    collect_events()

    assert cards() == [
        (
            CardEvent.OFF_TRACK,
            ["1 activity is now off track", "1. Title 1 (Police)", "Year three plan · IN-CONFIDENCE"],
            ["https://tracker.example/plans/year-three/activities/1/"],
        )
    ]
    report(1, admin, what_happened="Still none")
    assert len(cards()) == 1


def test_it_is_told_again_after_it_was_on_track(plan, admin):
    report(1, admin)
    report(1, admin, status=Status.ON_TRACK)
    assert cards() == []

    report(1, admin, what_happened="Again")

    # Each card says what is so when it is sent; of the first there is nothing more to say but this.
    assert {text[1] for _, text, _ in cards()} == {"1. Title 1 (Police)"}
    assert OutgoingMessage.objects.count() == 2


def test_many_at_one_moment_as_in_an_import_are_one_card(plan, admin):
    for number in range(5, 16):
        make_activity(plan, number, status=Status.ON_TRACK)
    rows = list(Activity.objects.all())
    for row in rows:
        row.status = Status.OFF_TRACK
    change_rows(Activity, rows, ["status"], Authorship(admin, "Imported", timezone.now()))

    ((_, said, _),) = cards()

    assert said[0] == "15 activities are now off track"
    assert said[-2] == "and 5 more"


def test_activity_that_begins_off_track_did_not_go_there(plan):
    make_activity(plan, 9, status=Status.OFF_TRACK)

    assert cards() == []


def test_escalated_barrier_is_told_until_it_is_resolved(plan, admin):
    report(1, admin, status=Status.AT_RISK, barrier="No money")
    assert cards() == []
    barrier = escalate_barrier(barrier=Barrier.objects.get(), by=admin, note="Ask the board")

    ((event, said, _),) = cards()

    assert event == CardEvent.ESCALATED
    assert said[:3] == ["A barrier is escalated", "1. Title 1 (Police)", "Barrier: No money"]
    resolve_barrier(barrier=barrier, by=admin, note="Found some")
    assert cards() == []


def test_round_is_told_when_it_opens_and_when_it_closes(plan, admin):
    made = open_round(plan=plan, by=admin, name="December", opened_on=date(2026, 10, 1), due_on=date(2026, 12, 18))
    ((event, said, _),) = cards()
    assert event == CardEvent.ROUND_OPENED
    assert said[:2] == ["December: round opened", "Updates are due by 18 December 2026."]

    close_round(reporting_round=made, by=admin, report=freeze_report)

    ((event, said, _),) = cards()
    assert (event, said[0]) == (CardEvent.ROUND_CLOSED, "December: round closed")


@pytest.mark.parametrize(
    "change",
    [
        lambda plan, admin: hook(plan, admin, address="", is_on=False),
        lambda plan, admin: hook(plan, admin, address="", wanted={**ALL, "off_track": False}),
        lambda plan, admin: Plan.objects.update(is_published=False, is_current=False),
        lambda plan, admin: Webhook.objects.all().delete(),
    ],
    ids=["turned off", "not wanted", "not published", "removed"],
)
@pytest.mark.parametrize("is_asked_for", [True, False])
def test_nothing_is_told_where_cards_are_not_wanted_any_more(plan, admin, change, is_asked_for):
    report(1, admin)
    if is_asked_for:
        collect_events()

    change(plan, admin)

    assert cards() == []


def test_what_happened_before_it_was_turned_on_is_not_told(plan, admin):
    hook(plan, admin, address="", is_on=False)
    report(1, admin)

    hook(plan, admin, address="", is_on=True)

    assert cards() == []


def test_old_news_are_dropped(plan, admin):
    report(1, admin)
    collect_events()
    OutgoingMessage.objects.update(made_at=timezone.now() - timedelta(days=4))

    assert written(OutgoingMessage.objects.get()) is None


def test_words_of_people_are_never_markup(plan):
    activity = Activity.objects.get(number=1)
    activity.title = "[Click](https://evil.example) **{{DATE(2017-02-14T06:08:39Z)}}** ${x}\r\n<at>all</at>"

    card = json.loads(off_track_card(plan, [activity]))["attachments"][0]["content"]

    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert "{{" not in json.dumps(card["body"])
    assert "${" not in json.dumps(card["body"])
    assert all("\n" not in text for text in texts(card))


def test_card_is_small_whatever_is_in_it(plan):
    for number in range(5, 80):
        make_activity(plan, number, title="ā" * 300)

    assert len(off_track_card(plan, list(Activity.objects.with_agencies()))) < 28_000


# The outbox


@pytest.fixture
def posted(monkeypatch, transactional_db):
    """What was posted, in place of posting it: [(address, body)]. `.answer` is raised where it is set."""

    class Posted(list):
        answer = None

        def __call__(self, address, body, *, begin, network):
            begin()
            self.append((address, body))
            if self.answer:
                raise self.answer

    found = Posted()
    monkeypatch.setattr(events, "post_card", found)
    return found


@pytest.mark.slow
def test_outbox_sends_a_card_once_and_keeps_no_secret(posted, plan, admin):
    report(1, admin)
    for _ in range(2):
        collect_events()
        send_due()

    ((address, body),) = posted
    assert address == ADDRESS
    assert b"off track" in body
    message = OutgoingMessage.objects.get()
    assert message.state == "sent"
    assert "secret" not in repr(list(OutgoingMessage.objects.values())) + repr(list(Webhook.objects.values()))


@pytest.mark.slow
def test_outbox_tries_again_later(posted, plan, admin):
    report(1, admin)
    collect_events()
    posted.answer = NotSent("The server answered with the error 503.")
    send_due()
    message = OutgoingMessage.objects.get()
    assert (message.state, message.problem) == ("waiting", "The server answered with the error 503.")
    assert message.next_try_at > timezone.now()

    posted.answer = None
    OutgoingMessage.objects.update(next_try_at=timezone.now())
    send_due()

    assert OutgoingMessage.objects.get().state == "sent"
    assert len(posted) == 2


@pytest.mark.slow
def test_address_of_another_key_is_said_to_be_unreadable(posted, plan, admin, settings):
    report(1, admin)
    collect_events()
    settings.SECRET_KEY = "another key " * 5

    send_due()

    message = OutgoingMessage.objects.get()
    assert message.state == "failed"
    assert "Enter it again" in message.problem
    assert not posted
