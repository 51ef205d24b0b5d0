"""Signing in with a provider, being invited to, adding and removing one; and what rights that gives."""

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail

from plans.actions.outbox import send_due
from plans.actions.people import give_invitation_link
from plans.actions.sign_in_links import link
from plans.models import AuditEvent, Membership, User
from plans.ways_to_sign_in import provider_called
from tests.single_sign_on.conftest import said

pytestmark = pytest.mark.django_db
NOT_LINKED = "Your Police account is not linked to anyone here."


@pytest.fixture
def linked(provider, person):
    """The person, linked to subject 1 of Police."""
    link(person=person, provider=provider_called("police"), subject="subject-1", by=person)
    return person


def links():
    return list(SocialAccount.objects.order_by("pk").values_list("user__email", "provider", "uid"))


def noted(*kinds):
    events = AuditEvent.objects.filter(kind__in=kinds).order_by("pk")
    return [(event.kind, str(event.about), event.detail) for event in events]


def test_signing_in_leads_on_and_is_noted_with_its_provider(browser, linked, provider):
    page = browser.go(next="/plans/", login="updater@police.example")
    answer = browser.come_back(page)

    assert (answer.status_code, answer["Location"]) == (302, "/plans/")
    assert browser.person_id == str(linked.pk)
    assert provider.police.asked[0]["login_hint"] == "updater@police.example"
    assert noted("signed_in") == [("signed_in", "Police updater", "With Police")]
    assert linked.sessions.get().signed_in_at is not None
    assert [SocialToken.objects.count(), SocialAccount.objects.get().extra_data] == [0, {}]


def test_invitation_needs_no_password_and_works_once(browser, person, provider, programme_admin):
    token = give_invitation_link(person=person, by=programme_admin.user)
    page = browser.get(f"/people/welcome/?link={token}", follow=True)
    assert "Continue with Police" in said(page)
    answer = browser.come_back(browser.post("/people/welcome/", {"provider": "police"}))

    assert (answer.status_code, browser.person_id) == (302, str(person.pk))
    assert links() == [("updater@police.example", provider.police.issuer, "subject-1")]
    assert noted("sign_in_linked") == [("sign_in_linked", "Police updater", "Police")]
    SocialAccount.objects.all().delete()
    assert browser.get(f"/people/welcome/?link={token}").status_code == 410


def test_two_tenants_may_use_the_same_subject(browser, linked, provider, make_user):
    other = make_user("updater@corrections.example")
    link(person=other, provider=provider_called("corrections"), subject="subject-1", by=other)

    browser.sign_in("corrections")

    assert browser.person_id == str(other.pk)


@pytest.mark.parametrize("is_verified", [True, False])
def test_nobody_is_found_by_an_email_address(browser, provider, person, is_verified):
    provider.police.claims = {"email": person.email, "email_verified": is_verified}
    answer = browser.sign_in()

    assert (answer.status_code, browser.person_id, links()) == (403, None, [])
    assert NOT_LINKED in said(answer)
    assert noted("sign_in_failed") == [("sign_in_failed", "None", "With Police, linked to no one here")]
    assert User.objects.count() == 1


def test_claims_change_nothing_and_give_no_right(browser, linked, provider):
    before = User.objects.values().get(pk=linked.pk)
    claims = {"email": "minister@corrections.example", "name": "Minister", "groups": ["Programme admins"]}
    provider.police.claims = claims | {"roles": ["admin"], "is_superuser": True}
    browser.sign_in()

    assert browser.person_id == str(linked.pk)
    after = User.objects.values().get(pk=linked.pk)
    assert before | {"last_login": after["last_login"]} == after
    assert [linked.groups.count(), Membership.objects.count()] == [0, 0]
    assert browser.get("/people/").status_code == 404


def test_adding_and_removing_a_provider(browser, provider, person):
    person.set_password("correct horse battery")
    person.save()
    browser.force_login(person)
    answer = browser.sign_in()

    assert answer["Location"] == "/account/#sign-in"
    assert "You can now sign in with Police." in browser.get("/account/").content.decode()
    browser.post(f"/account/sign-in-links/{SocialAccount.objects.get().pk}/end/")
    assert links() == []
    kinds = [kind for kind, *_ in noted("sign_in_linked", "sign_in_unlinked")]
    assert kinds == ["sign_in_linked", "sign_in_unlinked"]


def test_only_way_to_sign_in_cannot_be_removed_nor_that_of_somebody_else(browser, linked, reader):
    browser.force_login(linked)
    address = f"/account/sign-in-links/{SocialAccount.objects.get().pk}/end/"
    page = browser.post(address, follow=True)
    reader.post(address)

    assert "This is your only way to sign in." in page.content.decode()
    assert len(links()) == 1


def test_account_of_somebody_else_cannot_be_added(browser, linked, make_user):
    browser.force_login(make_user("reader@police.example"))
    answer = browser.sign_in()

    assert answer.status_code == 403
    assert "This Police account is already linked to someone else here." in said(answer)
    assert [email for email, *_ in links()] == [linked.email]


def test_programme_admin_ends_single_sign_on_and_sessions(browser, linked, programme_admin):
    browser.sign_in()
    assert "End single sign-on" in programme_admin.get(f"/people/{linked.pk}/").content.decode()
    programme_admin.post(f"/people/{linked.pk}/sign-in/end/")

    assert (links(), linked.sessions.count()) == ([], 0)
    assert "Cannot sign in" in programme_admin.get(f"/people/{linked.pk}/").content.decode()
    assert browser.sign_in().status_code == 403


def test_person_is_told_when_a_way_to_sign_in_is_added_or_ended(linked, programme_admin):
    programme_admin.post(f"/people/{linked.pk}/sign-in/end/")
    send_due()

    assert [(message.to, message.body.split("\n")[2]) for message in mail.outbox] == [
        ([linked.email], "You can now sign in to the action plan tracker with Police."),
        (
            [linked.email],
            "Programme admin ended your sign-in to the action plan tracker with Police, and signed you out everywhere.",
        ),
    ]


def test_closed_account_does_not_let_in(browser, linked):
    linked.is_active = False
    linked.save()
    answer = browser.sign_in()

    assert (answer["Location"], browser.person_id) == ("/accounts/inactive/", None)
    assert noted("sign_in_failed") == [("sign_in_failed", "Police updater", "The account is closed")]


def test_signing_out_says_where_one_is_signed_in_still(browser, linked, provider):
    browser.sign_in()
    page = browser.post("/accounts/logout/")

    assert browser.person_id is None
    assert "You are still signed in with Police." in said(page)
    assert f"{provider.police.issuer}/end_session?client_id=tracker-at-police" in page.content.decode()


def test_words_typed_before_travel_along(browser, linked):
    refused = browser.post("/people/invite/", {"name": "Two regions wait for staff"})
    carried = {"next": refused.context["next"], "kept": refused.context["kept"]}
    step = browser.post("/accounts/login/", {"login": linked.email, **carried})
    button = {"next": step.context["next"], "kept": step.context["kept"]}
    answer = browser.sign_in(**button)

    assert answer["Location"] == "/people/invite/"
    assert "/people/invite/" in browser.session["kept"]


def test_sign_in_with_a_second_window_changes_nobody(browser, linked, make_user):
    page, other = browser.go(), make_user("reader@police.example")
    browser.force_login(other)
    answer = browser.come_back(page)

    assert answer.status_code in (302, 400)
    assert browser.person_id == str(other.pk)
