"""Updates by a link, without signing in."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plans.actions import record_update
from plans.actions import update_links as links
from plans.actions.outbox import send_due
from plans.actions.people import close_account, end_membership, open_account
from plans.actions.rounds import close_round
from plans.actions.update_links import LinkRefused, WhyNot
from plans.choices import AuditKind, Status
from plans.models import (
    Activity,
    Agency,
    AuditEvent,
    Barrier,
    Membership,
    OutgoingMessage,
    Plan,
    ReportingRound,
    StatusUpdate,
    UpdateLink,
    User,
)
from plans.secret_links import new_id, sign
from plans.views import update_links as views
from tests.conftest import make_programme_admin
from tests.views.page import Page
from tests.views.test_cards import fields_of

PLAN = "/plans/year-two/"


@pytest.fixture
def december(year_two, settings):
    """The open round, on a site that is closed to visitors."""
    settings.ROCC_OPEN_READING = False
    today = timezone.localdate()
    return ReportingRound.objects.create(
        plan=year_two, name="December quarter", opened_on=today - timedelta(days=1), due_on=today + timedelta(days=9)
    )


@pytest.fixture
def person(december, police_updater):
    return police_updater.user


@pytest.fixture
def admin(december):
    return make_programme_admin()


@pytest.fixture
def link(person, december):
    return links.link_for(person, december)


def page_of(link):
    return reverse("plans:update_link", args=[links.update_token(link)])


def not_me_of(link):
    return reverse("plans:not_me", args=[links.not_me_token(link)])


def police():
    return Agency.objects.get(code="police")


def reported():
    """What `record_update` takes of the simplest report."""
    return {"status": "on_track", "agency": police()}


def activity(number=1):
    return Activity.objects.get(plan__slug="year-two", number=number)


def fill_in(client, link, **cards):
    """What a browser sends from the page of `link` once `cards` {activity_1: {field: value}} are filled in."""
    data = fields_of(Page(client.get(page_of(link))))
    for card, fields in cards.items():
        data |= {f"{card.replace('_', '-')}-{name}": value for name, value in fields.items()}
    return data


def send(client, link, **cards):
    return client.post(page_of(link), fill_in(client, link, **cards))


def refused_as(token):
    with pytest.raises(LinkRefused) as refused:
        links.open_link(token)
    return refused.value.why


def test_page_lists_what_the_person_owes_with_nothing_chosen(client, link, person):
    answer = client.get(page_of(link))
    page, owed = Page(answer), [one.activity.number for one in answer.context["owed"]]

    assert owed == sorted(one.number for one in Activity.objects.reportable_by([Agency.objects.get(code="police").pk]))
    assert person.email in page.text
    assert not [one for one in page.main.iter("input") if "checked" in one.attrib]
    assert [one.text for one in page.main.iter("button")] == ["Send updates"]
    assert not [name for name in fields_of(page) if name.endswith(("no_change", "done", "how"))]


def test_updates_are_saved_together_and_say_by_link(client, link, person, settings):
    answer = send(
        client,
        link,
        activity_1={"status": "on_track", "what_happened": "Trained 40 staff"},
        activity_5={"status": "at_risk", "barrier": "No funding", "needs_escalation": "on"},
    )

    assert answer["Location"] == page_of(link)
    page = Page(client.get(page_of(link)))
    assert "2 updates saved." in page.text
    assert page.text.count("by link") == 3
    saved = StatusUpdate.objects.filter(by_link=link).order_by("activity__number")
    assert [(one.status, one.author, one.agency.code, one.round) for one in saved] == [
        ("on_track", person, "police", link.round),
        ("at_risk", person, "police", link.round),
    ]
    assert activity().status == "on_track"
    settings.ROCC_OPEN_READING = True
    for address in ("activities/1/", "activities/1/history/"):
        assert "by link" in Page(client.get(f"{PLAN}{address}")).text
    assert AuditEvent.objects.filter(kind=AuditKind.UPDATED_BY_LINK, about=person).count() == 1
    link.refresh_from_db()
    assert link.last_used_at


def test_nothing_is_saved_without_a_status_that_was_chosen(client, link):
    page = Page(send(client, link))
    words = Page(send(client, link, activity_1={"what_happened": "Trained 40 staff"}))
    again = Page(client.get(page_of(link)))
    repeated = Page(send(Client(), link, activity_1={"no_change": "on"}))

    assert views.NONE_CHOSEN in page.text
    assert "Choose a status." in words.text
    assert "Trained 40 staff" in [one.text.strip() for one in words.main.iter("textarea") if one.text]
    # Going back brings the words again, and no status.
    assert "What you entered earlier is in the forms below." in again.text
    assert fields_of(again)["activity-1-what_happened"] == "Trained 40 staff"
    assert "activity-1-status" not in fields_of(again)
    assert views.NONE_CHOSEN in repeated.text
    assert not StatusUpdate.objects.exists()


def test_one_card_that_is_wrong_saves_none(client, link):
    page = Page(send(client, link, activity_1={"status": "on_track"}, activity_5={"status": "off_track"}))

    assert "Explain in a sentence why it is off track." in page.text
    assert not StatusUpdate.objects.exists()


def test_get_changes_nothing(client, link):
    before = AuditEvent.objects.count()
    for address in (page_of(link), not_me_of(link)):
        for ask in (client.get, client.head):
            assert ask(address).status_code == 200
    link.refresh_from_db()
    assert (link.last_used_at, StatusUpdate.objects.count(), AuditEvent.objects.count()) == (None, 0, before)


def test_answers_are_kept_by_no_one_and_tell_no_one_their_address(client, link):
    for address in (page_of(link), not_me_of(link), "/u/x.y/", "/not-me/x/"):
        for answer in (client.get(address), client.post(address)):
            assert answer["Referrer-Policy"] == "no-referrer"
            assert "noindex" in answer["X-Robots-Tag"]
            assert "no-store" in answer["Cache-Control"]
            assert "sessionid" not in answer.cookies


def test_address_stands_in_none_of_its_pages(client, link):
    for address in (page_of(link), not_me_of(link)):
        assert address.split("/")[2] not in client.get(address).content.decode()


def test_other_reports_meanwhile_are_shown_and_nothing_is_lost(client, link, make_user):
    data = fill_in(client, link, activity_1={"status": "on_track", "what_happened": "Trained 40 staff"})
    other = make_user("other@police.example")
    record_update(
        activity=activity(),
        by=other,
        agency=Agency.objects.get(code="police"),
        status="complete",
        no_evidence_reason="x",
    )
    answer = client.post(page_of(link), data)

    page = Page(answer, 409)
    assert links.REPORTED_SINCE in page.text
    assert "Trained 40 staff" in answer.content.decode()
    assert StatusUpdate.objects.count() == 1
    again = fields_of(page)
    assert "activity-1-status" not in again
    client.post(page_of(link), again | {"activity-1-status": "on_track"})
    assert activity().updates.first().by_link == link


def test_sent_twice_is_saved_once(client, link):
    data = fill_in(client, link, activity_1={"status": "on_track"})
    for _ in range(2):
        assert client.post(page_of(link), data).status_code == 302
    assert StatusUpdate.objects.count() == 1


def test_link_is_for_its_person_whoever_is_signed_in(link, person, reader):
    send(reader, link, activity_1={"status": "on_track"})

    assert StatusUpdate.objects.get().author == person


def test_activity_of_another_agency_is_not_reported_on(client, link):
    ours = set(Activity.objects.reportable_by([Agency.objects.get(code="police").pk]).values_list("number", flat=True))
    other = Activity.objects.exclude(number__in=ours).first()
    card = f"activity_{other.number}"
    page = Page(send(client, link, **{card: {"status": "on_track", "what_happened": "Not ours"}}))

    assert "You can no longer add updates on these activities." in page.text
    assert not StatusUpdate.objects.exists()
    reports = {other: reported()}
    with pytest.raises(links.NotReported):
        links.report_by_link(link=link, reports=reports)


END = {
    "revoked by the person": lambda link, admin: links.end_own_link(person=link.person, pk=link.pk),
    "revoked by an admin": lambda link, admin: links.end_links(person=link.person, by=admin),
    "account closed": lambda link, admin: close_account(person=link.person, by=admin),
    "account closed and opened again": lambda link, admin: (
        close_account(person=link.person, by=admin),
        open_account(person=link.person, by=admin),
    ),
    "membership ended": lambda link, admin: [
        end_membership(membership=one, by=admin) for one in Membership.objects.filter(user=link.person)
    ],
    "round closed": lambda link, admin: close_round(reporting_round=link.round, by=admin, report=lambda _: {}),
    "plan not published": lambda link, admin: Plan.objects.update(is_current=False, is_published=False),
    "address changed": lambda link, admin: User.objects.filter(pk=link.person_id).update(email="x@y.example"),
}


@pytest.mark.parametrize("how", END)
def test_link_that_ended_opens_nothing_at_any_moment(client, link, admin, how):
    token, data = page_of(link), fill_in(client, link, activity_1={"status": "on_track", "what_happened": "My words"})
    END[how](link, admin)

    for answer in (client.get(token), client.post(token, data)):
        assert answer.status_code in (404, 410)
        assert "sign in" in answer.content.decode() or "My words" in answer.content.decode()
    # Ended after the page was read, while the form waited for its lock. The address is no more than how it was reached.
    reports = {activity(): reported()}
    if how != "address changed":
        with pytest.raises((LinkRefused, links.NotReported)):
            links.report_by_link(link=link, reports=reports)
    assert not StatusUpdate.objects.exists()


def test_turned_off_links_open_nothing_and_none_is_made(client, link, december, person, settings):
    settings.ROCC_UPDATE_LINKS = False

    assert "Update links are turned off" in Page(client.get(page_of(link)), 410).text
    assert links.link_for(person, december) is None


def test_unknown_and_forged_links_are_told_in_the_same_words(client, link):
    token = links.update_token(link)
    forged = [
        sign(new_id(), salt=links.UPDATE_SALT),
        f"{link.public_id}.{'x' * 43}",
        token[:-1],
        links.not_me_token(link),
        "x",
        "%00.x",
        "x" * 2000,
    ]
    answers = {client.get(f"/u/{one}/").content for one in forged}

    assert len(answers) == 1
    # Also where visitors may read, and no other page asks them to sign in.
    assert Page(client.get("/u/x/"), 404).link("sign in") == "/accounts/login/"
    assert client.get(f"/u/{forged[0]}/").status_code == 404
    assert {refused_as(one) for one in forged} == {WhyNot.UNKNOWN}
    assert client.get(f"/not-me/{token}/").status_code == 404


def test_same_link_goes_into_every_mail_until_it_is_ended(link, person, december):
    assert links.link_for(person, december) == link
    links.end_own_link(person=person, pk=link.pk)
    assert links.link_for(person, december) != link
    assert links.link_for(person, december).public_id != link.public_id


def test_none_is_made_for_a_closed_account_or_round(person, december, admin):
    close_account(person=person, by=admin)
    person.refresh_from_db()
    assert links.link_for(person, december) is None


def test_too_many_forms_by_one_link_are_refused_and_the_words_stay(client, link, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"update_link": "60/m/ip,2/10m/key"}
    for _ in range(5):
        send(client, link)
    for _ in range(2):
        send(client, link, activity_1={"what_happened": "Trained 40 staff"})
    answer = send(client, link, activity_1={"status": "on_track", "what_happened": "Trained 40 staff"})

    assert views.TOO_OFTEN in Page(answer, 429).text
    assert "Trained 40 staff" in answer.content.decode()
    assert not StatusUpdate.objects.exists()


class TestReceipt:
    @pytest.fixture(autouse=True)
    def site_url(self, settings):
        settings.SITE_URL = "https://tracker.example.govt.nz"

    def test_one_email_says_what_was_saved_together(self, client, link, person):
        first = {"status": "on_track", "what_happened": "Private words"}
        data = fill_in(client, link, activity_1=first, activity_5={"status": "paused", "barrier": "x"})
        for _ in range(2):
            client.post(page_of(link), data)
        send_due()
        send_due()

        (message,) = mail.outbox
        assert (message.to, message.subject) == ([person.email], "December quarter: updates saved")
        assert "2 updates were saved" in message.body
        assert "5. " in message.body
        assert "Private words" not in message.body
        assert f"{settings.SITE_URL}{not_me_of(link)}" in message.body
        assert not [row for row in OutgoingMessage.objects.values() if link.public_id in str(row)]

    def test_nothing_is_said_of_what_was_reversed_before_it_went(self, client, link):
        send(client, link, activity_1={"status": "on_track"})
        links.reverse_by_link(link=link, chosen=[one.pk for one in links.updates_by(link)])
        send_due()

        assert mail.outbox == []

    def test_account_that_was_closed_gets_none(self, client, link, admin):
        send(client, link, activity_1={"status": "on_track"})
        close_account(person=link.person, by=admin)
        send_due()

        assert mail.outbox == []

    def test_without_the_address_of_the_site_it_says_whom_to_tell(self, client, link, settings):
        settings.SITE_URL = ""
        send(client, link, activity_1={"status": "on_track"})
        send_due()

        assert "Tell a programme admin" in mail.outbox[0].body
        assert "not-me" not in mail.outbox[0].body


class TestNotMe:
    @pytest.fixture
    def updates(self, client, link):
        Activity.objects.filter(number=1).update(status=Status.NOT_STARTED)
        send(
            client,
            link,
            activity_1={"status": "on_track", "what_happened": "Someone else wrote this"},
            activity_5={"status": "at_risk", "barrier": "No funding", "needs_escalation": "on"},
        )
        return {one.activity.number: one for one in StatusUpdate.objects.filter(by_link=link)}

    def test_button_alone_does_nothing(self, client, link, updates):
        page = Page(client.post(not_me_of(link)))

        assert views.NONE_TICKED in page.text
        assert not StatusUpdate.objects.exclude(retracted_at=None).exists()
        assert links.open_link(links.update_token(link)) == link

    def test_chosen_updates_are_reversed_and_the_link_ends(self, client, link, updates, person, settings):
        answer = client.post(not_me_of(link), {"update": [one.pk for one in updates.values()]})

        assert answer["Location"] == not_me_of(link)
        assert "2 updates reversed." in Page(client.get(not_me_of(link))).text
        assert refused_as(links.update_token(link)) == WhyNot.ENDED
        reversed_ones = StatusUpdate.objects.filter(by_link=link)
        assert all(one.retracted_by == person for one in reversed_ones)
        assert "Someone else wrote this" in [one.what_happened for one in reversed_ones]
        assert not Barrier.objects.open().exists()
        assert {activity(1).status, activity(5).status} == {Status.NO_UPDATE}
        (event,) = AuditEvent.objects.filter(kind=AuditKind.NOT_THEIR_UPDATES)
        assert (event.about, "1, 5" in event.detail or "5, 1" in event.detail) == (person, True)
        settings.ROCC_OPEN_READING = True
        assert "because its author said it was not them" in Page(client.get(f"{PLAN}activities/1/history/")).text

    def test_one_of_them_leaves_the_other(self, client, link, updates):
        client.post(not_me_of(link), {"update": [updates[5].pk]})

        assert activity(1).status == "on_track"
        assert StatusUpdate.objects.get(retracted_at=None) == updates[1]

    def test_link_alone_can_be_ended(self, client, link, updates):
        client.post(not_me_of(link), {"update": "none"})

        assert refused_as(links.update_token(link)) == WhyNot.ENDED
        assert StatusUpdate.objects.filter(retracted_at=None).count() == 2

    def test_updates_of_others_and_nonsense_are_left_alone(self, client, link, updates, make_user):
        other = record_update(
            activity=activity(8),
            by=make_user("other@police.example"),
            status="on_track",
            agency=Agency.objects.get(code="police"),
        )
        client.post(not_me_of(link), {"update": [other.pk, "x", "9" * 30]})

        assert not StatusUpdate.objects.exclude(retracted_at=None).exists()

    def test_activity_shows_what_was_reported_before(self, client, link, december, make_user):
        other = make_user("other@police.example")
        record_update(activity=activity(), by=other, agency=police(), status="paused", what_happened="x")
        record_update(activity=activity(), by=link.person, by_link=link, **reported())
        links.reverse_by_link(link=link, chosen=[one.pk for one in links.updates_by(link)])

        assert activity().status == "paused"

    def test_closed_round_keeps_its_results(self, client, link, updates, admin):
        close_round(reporting_round=link.round, by=admin, report=lambda _: {})

        assert client.get(not_me_of(link)).status_code == 410
        with pytest.raises(LinkRefused):
            links.reverse_by_link(link=link, chosen=[one.pk for one in updates.values()])
        assert not StatusUpdate.objects.exclude(retracted_at=None).exists()


def test_person_ends_their_link_on_their_account(police_updater, link, reader):
    page = Page(police_updater.get("/account/"))
    assert "December quarter" in page.text
    assert links.update_token(link) not in page.html
    reader.post(f"/account/update-links/{link.pk}/end/")
    assert links.open_link(links.update_token(link))

    police_updater.post(f"/account/update-links/{link.pk}/end/")

    assert refused_as(links.update_token(link)) == WhyNot.ENDED
    assert AuditEvent.objects.get(kind=AuditKind.UPDATE_LINK_ENDED).by == link.person


def test_admin_ends_the_links_of_a_person_on_their_page(client, link, admin):
    client.force_login(admin)
    assert "December quarter" in Page(client.get(f"/people/{link.person_id}/")).text

    client.post(f"/people/{link.person_id}/update-links/end/")

    assert refused_as(links.update_token(link)) == WhyNot.ENDED
    assert AuditEvent.objects.get(kind=AuditKind.UPDATE_LINK_ENDED).by == admin
    assert "Update links" not in Page(client.get(f"/people/{link.person_id}/")).text


def test_only_admins_end_the_links_of_others(link, make_user):
    with pytest.raises(PermissionDenied):
        links.end_links(person=link.person, by=make_user("other@agency.example"))
    assert UpdateLink.objects.live().count() == 1


def test_what_is_wrong_is_said_above_the_forms_too(client, link):
    page = Page(send(client, link, activity_5={"status": "off_track"}))

    assert ("5. Gang Harm Reduction Project rollout", "#activity-5") in page.links()
