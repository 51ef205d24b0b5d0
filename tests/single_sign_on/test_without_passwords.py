"""The sign-in page with providers, and a site without passwords."""

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError

from plans.actions.people import accept_invitation, give_invitation_link
from plans.actions.sign_in_links import link
from plans.checks import check_break_glass
from plans.models import AuditEvent
from plans.ways_to_sign_in import provider_called
from tests.single_sign_on.conftest import said

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
BREAK_GLASS = "root@programme.example"


@pytest.fixture
def known(provider, person):
    """The person, who has a password as well."""
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def no_passwords(provider, settings):
    """A site that lets in by providers alone, and by one password."""
    settings.ROCC_PASSWORDS, settings.ROCC_BREAK_GLASS = False, BREAK_GLASS


@pytest.fixture
def superuser(make_user):
    """The break-glass superuser."""
    return make_user(BREAK_GLASS, name="Superuser", password=PASSWORD, is_staff=True, is_superuser=True)


def sign_in(browser, email, password=PASSWORD):
    return browser.post("/accounts/login/", {"login": email, "password": password})


def test_sign_in_asks_for_the_address_first_and_offers_its_provider(browser, known):
    first = browser.get("/accounts/login/")
    assert "Password" not in said(first)

    step = browser.post("/accounts/login/", {"login": known.email, "next": "/plans/"})
    assert [one.name for one in step.context["offers"]] == ["Police"]
    assert "Or use your password" in said(step)
    assert 'value="/plans/"' in step.content.decode()
    assert sign_in(browser, known.email).status_code == 302


def test_sign_in_page_does_not_tell_who_has_an_account(browser, known):
    there, nobody = (
        browser.post("/accounts/login/", {"login": email}) for email in (known.email, "nobodys@police.example")
    )

    assert said(there) == said(nobody)
    assert "Continue with" not in said(browser.post("/accounts/login/", {"login": "reader@programme.example"}))
    assert "Enter your email address." in said(browser.post("/accounts/login/", {"login": "police"}))


def test_passwords_that_are_off_let_nobody_in_and_show_no_page(browser, known, no_passwords):
    step = browser.post("/accounts/login/", {"login": known.email})
    assert "password" not in said(step).lower()
    assert "Email address or password is incorrect." in said(sign_in(browser, known.email))

    for address in ("password/reset/", "password/reset/key/1-abc/"):
        assert browser.post(f"/accounts/{address}", {"email": known.email}).status_code == 403
    browser.force_login(known)
    for address in ("password/change/", "password/set/"):
        assert "You do not need a password here" in said(browser.get(f"/accounts/{address}"))
    assert "Change your password" not in browser.get("/account/").content.decode()
    assert mail.outbox == []


def test_address_of_no_provider_is_offered_all_of_them(browser, no_passwords):
    step = browser.post("/accounts/login/", {"login": "reader@programme.example"})

    assert [one.name for one in step.context["offers"]] == ["Police", "Corrections"]


def test_break_glass_superuser_gets_in_and_is_noted(browser, superuser, no_passwords):
    assert "Emergency sign-in" in said(browser.get("/accounts/login/"))
    assert "Password" in said(browser.get("/accounts/login/?password"))
    assert sign_in(browser, BREAK_GLASS).status_code == 302

    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["signed_in", "break_glass"]
    assert browser.get("/accounts/password/change/").status_code == 200


def test_break_glass_address_of_no_superuser_does_not_let_in(browser, no_passwords, make_user):
    person = make_user(BREAK_GLASS, password=PASSWORD)
    person.groups.add(Group.objects.get(name="Programme admins"))

    assert sign_in(browser, BREAK_GLASS).status_code == 200
    assert browser.person_id is None


def test_invitation_without_passwords_takes_none(browser, person, no_passwords, programme_admin):
    token = give_invitation_link(person=person, by=programme_admin.user)
    page = browser.get(f"/people/welcome/?link={token}", follow=True)
    assert "assword" not in said(page)
    browser.post("/people/welcome/", {"password1": "three random words", "password2": "three random words"})

    with pytest.raises(ValidationError):
        accept_invitation(token=token, password="three random words")
    person.refresh_from_db()
    assert (browser.person_id, person.has_usable_password()) == (None, False)


def test_person_with_a_password_that_is_off_can_be_invited_again(known, no_passwords, programme_admin):
    programme_admin.post(f"/people/{known.pk}/link/")
    assert "/people/welcome/?link=" in programme_admin.get(f"/people/{known.pk}/").content.decode()

    link(person=known, provider=provider_called("police"), subject="subject-1", by=known)
    page = programme_admin.post(f"/people/{known.pk}/link/", follow=True)
    assert "can already sign in" in page.content.decode()


def test_admin_sets_no_password_that_is_off(client, known, no_passwords, superuser):
    client.force_login(superuser)

    assert client.get(f"/admin/plans/user/{known.pk}/password/").status_code == 403


def test_check_names_a_break_glass_account_that_would_not_work(no_passwords, make_user, settings):
    settings.ROCC_BREAK_GLASS = ""
    assert [one.id for one in check_break_glass(None, databases=["default"])] == ["plans.W005"]

    settings.ROCC_BREAK_GLASS = BREAK_GLASS
    assert [one.id for one in check_break_glass(None, databases=["default"])] == ["plans.W006"]
    make_user(BREAK_GLASS, password=PASSWORD, is_superuser=True)
    assert check_break_glass(None, databases=["default"]) == []
    settings.ROCC_PASSWORDS, settings.ROCC_BREAK_GLASS = True, ""
    assert check_break_glass(None, databases=["default"]) == []
