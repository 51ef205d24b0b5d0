"""The pages about people: who sees them, what they show, and what they change."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client, override_settings
from django.utils import timezone

from plans.actions import people as actions
from plans.models import Agency, Membership, User
from plans.permissions import agencies_of, can_administer
from plans.summaries.people import list_people
from tests.mailing import mail_settings

pytestmark = pytest.mark.django_db
PASSWORDS = {"password1": "a new long password", "password2": "a new long password"}


@pytest.fixture(autouse=True)
def agencies():
    for code, name in (("police", "Police"), ("apa", "APA")):
        Agency.objects.create(code=code, name=name)
    Agency.objects.create(code="all", name="All", kind="group")


@pytest.fixture
def superuser(make_user):
    client = Client()
    client.user = make_user("root@programme.example", is_staff=True, is_superuser=True)
    client.force_login(client.user)
    return client


@pytest.fixture
def invited(programme_admin):
    """Somebody who was invited to Police, and has not followed the link yet."""
    return actions.invite(
        email="new@police.example", name="New updater", agencies=[get("police")], by=programme_admin.user
    )


def get(code):
    return Agency.objects.get(code=code)


def link_for(person):
    return actions.give_invitation_link(person=person, by=User.objects.get(email="admin@programme.example"))


def belongs_to(person):
    return sorted(agencies_of(User.objects.get(pk=person.pk)).values_list("code", flat=True))


def link_on(page):
    found = re.search(r"<textarea[^>]*>http://testserver(/people/welcome/[^<]+)</textarea>", page.content.decode())
    return found and found[1]


def invite_by(client, **typed):
    return client.post("/people/invite/", {"email": "New@Police.example", "name": "New updater", **typed}, follow=True)


@pytest.mark.parametrize("address", ["", "invite/", "audit/", "{pk}/", "{pk}/close/", "memberships/{membership}/end/"])
def test_pages_about_people_exist_for_programme_admins_only(
    address, programme_admin, police_updater, reader, visitor, settings
):
    settings.ROCC_OPEN_READING = True
    membership = Membership.objects.get(user=police_updater.user)
    address = "/people/" + address.format(pk=police_updater.user.pk, membership=membership.pk)

    answers = {name: client.get(address) for name, client in locals().items() if isinstance(client, Client)}

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "programme_admin": 200,
        "police_updater": 404,
        "reader": 404,
        "visitor": 302,
    }
    assert answers["visitor"]["Location"] == f"/accounts/login/?next={address}"


def test_list_shows_agencies_role_and_state_of_each_person(programme_admin, police_updater, reader, invited, superuser):
    actions.close_account(person=reader.user, by=superuser.user)
    User.objects.exclude(pk=invited.pk).update(password="md5$x$y")

    rows = [
        (row.person.email, [one.agency.code for one in row.memberships], row.role, row.state) for row in list_people()
    ]

    assert rows == [
        ("admin@programme.example", [], "Programme admin", ""),
        ("new@police.example", ["police"], "Updater", "Invited (not yet signed in)"),
        ("root@programme.example", [], "Superuser", ""),
        ("updater@police.example", ["police"], "Updater", ""),
        ("reader@programme.example", [], "Reader", "Account closed"),
    ]


def test_list_costs_the_same_however_many_people_there_are(programme_admin, make_user, django_assert_num_queries):
    programme_admin.get("/people/")
    with django_assert_num_queries(5):
        programme_admin.get("/people/")
    for number in range(15):
        Membership.objects.create(user=make_user(f"person{number}@police.example"), agency=get("police"))
    with django_assert_num_queries(5):
        programme_admin.get("/people/")


def test_page_of_a_person_costs_the_same_whatever_can_be_done(
    programme_admin, police_updater, django_assert_num_queries
):
    with django_assert_num_queries(14):
        programme_admin.get(f"/people/{police_updater.user.pk}/")


def test_invitation_makes_an_account_that_reports_for_its_agencies(programme_admin):
    invite_by(programme_admin, agencies=[get("police").pk, get("apa").pk])
    person = User.objects.get(email="new@police.example")

    assert (person.name, person.has_usable_password(), person.is_staff) == ("New updater", False, False)
    assert belongs_to(person) == ["apa", "police"]


@pytest.mark.parametrize(
    ("asked", "ticked"), [("police", ["Police"]), ("POLICE", ["Police"]), ("all", []), ("nobody", []), ("%00", [])]
)
def test_form_has_the_agency_ticked_that_the_address_names(programme_admin, asked, ticked):
    form = programme_admin.get(f"/people/invite/?agency={asked}").context["form"]

    assert [agency.name for agency, is_chosen in form.agency_rows if is_chosen] == ticked


def test_invitation_link_is_shown_once_sets_the_password_and_signs_in(programme_admin, visitor):
    page = invite_by(programme_admin, agencies=[get("police").pk])
    link = link_on(page)

    assert link_on(programme_admin.get(page.request["PATH_INFO"])) is None
    assert visitor.get(link)["Location"] == "/people/welcome/"
    assert b"Welcome, New updater" in visitor.get("/people/welcome/").content
    answer = visitor.post("/people/welcome/", PASSWORDS)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert visitor.session["_auth_user_id"] == str(User.objects.get(email="new@police.example").pk)
    assert User.objects.get(email="new@police.example").check_password("a new long password")


def test_asking_for_the_head_of_the_page_uses_no_link_up(programme_admin):
    data = {"email": "New@Police.example", "name": "New updater", "agencies": [get("police").pk]}
    address = programme_admin.post("/people/invite/", data).url
    programme_admin.head(address)
    assert programme_admin.get(address).context["link"] is not None
    assert programme_admin.get(address).context["link"] is None


def test_invitation_link_works_once(invited, visitor):
    token = link_for(invited)
    actions.accept_invitation(token=token, password="a new long password")

    assert visitor.get("/people/welcome/", {"link": token}).status_code == 410
    with pytest.raises(ValidationError, match="no longer works"):
        actions.accept_invitation(token=token, password="another long password")
    assert User.objects.get(pk=invited.pk).check_password("a new long password")


def test_invitation_link_that_is_used_meanwhile_changes_nothing(invited, visitor):
    token = link_for(invited)
    visitor.get("/people/welcome/", {"link": token})
    actions.accept_invitation(token=token, password="a new long password")

    assert visitor.post("/people/welcome/", PASSWORDS | {"password1": "x"}).status_code == 410
    assert "_auth_user_id" not in visitor.session


def test_invitation_link_ends_after_a_week(invited, visitor, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    token = link_for(invited)
    time_machine.move_to(timezone.now() + timedelta(days=6, hours=23), tick=False)
    assert actions.person_invited_by(token) == invited
    time_machine.move_to(timezone.now() + timedelta(hours=2), tick=False)

    assert actions.person_invited_by(token) is None
    assert visitor.get("/people/welcome/", {"link": token}).status_code == 410


def test_new_link_ends_the_one_before(programme_admin, invited):
    before = link_for(invited)
    page = programme_admin.post(f"/people/{invited.pk}/link/", follow=True)

    assert actions.person_invited_by(before) is None
    assert link_on(page).startswith("/people/welcome/?link=")


def test_closing_an_account_ends_its_link(programme_admin, invited, visitor):
    token = link_for(invited)
    actions.close_account(person=invited, by=programme_admin.user)

    assert visitor.get("/people/welcome/", {"link": token}).status_code == 410


def test_link_stays_ended_when_the_account_is_opened_again(programme_admin, invited):
    token = link_for(invited)
    actions.close_account(person=invited, by=programme_admin.user)
    actions.open_account(person=invited, by=programme_admin.user)

    assert actions.person_invited_by(token) is None


def test_two_who_invite_the_same_person_at_once_make_one_account(programme_admin, monkeypatch):
    monkeypatch.setattr(User.objects, "create_user", lambda *args, **fields: User.objects.bulk_create([User()] * 2))
    page = invite_by(programme_admin)

    assert "Someone else has just added this person." in page.content.decode()
    assert not User.objects.filter(email__in=["", "new@police.example"]).exists()


@pytest.mark.parametrize("token", ["", "x", "WzEsIngiXQ:1abcde:forged"])
def test_forged_link_leads_nowhere_and_makes_no_session(visitor, token):
    assert visitor.get("/people/welcome/", {"link": token}).status_code == 410
    assert "sessionid" not in visitor.cookies


def test_password_too_short_says_so_and_keeps_the_link(invited, visitor):
    visitor.get("/people/welcome/", {"link": link_for(invited)})
    page = visitor.post("/people/welcome/", {"password1": "short", "password2": "short"})

    assert b"at least 12 characters" in page.content
    assert visitor.post("/people/welcome/", PASSWORDS).status_code == 302


def test_person_with_a_password_gets_no_link(programme_admin, make_user):
    person = make_user("known@police.example", password="a long password")
    page = programme_admin.post(f"/people/{person.pk}/link/", follow=True)

    assert link_on(page) is None
    assert b"already has a password" in page.content
    assert User.objects.get(pk=person.pk).check_password("a long password")


def test_invitation_of_somebody_known_adds_the_agency_and_nothing_else(programme_admin, make_user):
    person = make_user("new@police.example", name="Known updater", password="a long password")
    page = invite_by(programme_admin, agencies=[get("police").pk])

    assert link_on(page) is None
    assert list(User.objects.filter(email="new@police.example").values_list("pk", "name")) == [
        (person.pk, "Known updater")
    ]
    assert belongs_to(person) == ["police"]


def test_inviting_twice_makes_one_membership(programme_admin):
    for _ in range(2):
        invite_by(programme_admin, agencies=[get("police").pk])

    assert Membership.objects.count() == 1


def test_invitation_is_mailed_where_mail_is_set_up(programme_admin):
    page = invite_by(programme_admin)

    assert [message.to for message in mail.outbox] == [["new@police.example"]]
    assert f"http://testserver{link_on(page)}" in mail.outbox[0].body
    assert mail.outbox[0].body.startswith("Kia ora,\n\nProgramme admin has invited you")


def test_invitation_is_not_mailed_where_mail_goes_nowhere(programme_admin, capsys):
    with override_settings(**mail_settings("django.core.mail.backends.console.EmailBackend")):
        assert link_on(invite_by(programme_admin))
    assert capsys.readouterr().out == ""


def test_mail_that_cannot_be_sent_leaves_the_link_to_be_passed_on(programme_admin):
    with override_settings(**mail_settings("tests.test_people.BrokenMail")):
        page = invite_by(programme_admin)

    assert b"We could not email the link" in page.content
    assert link_on(page)


class BrokenMail:
    def __init__(self, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "not an address"}, "Enter an email address, for example name@agency.govt.nz."),
        ({"name": ""}, "Enter the name shown to others, for example Police updater."),
        ({"agencies": ["999999"]}, "Select a valid choice. 999999 is not one of the available choices."),
    ],
)
def test_invitation_says_what_is_wrong_and_saves_nothing(programme_admin, typed, message):
    before = User.objects.count()
    page = invite_by(programme_admin, **typed)

    assert message in page.content.decode()
    assert User.objects.count() == before


def test_invitation_to_the_group_of_all_agencies_is_refused(programme_admin):
    page = invite_by(programme_admin, agencies=[get("all").pk])

    assert b"Select a valid choice" in page.content


def test_invitation_of_a_closed_account_says_to_open_it_first(programme_admin, make_user):
    make_user("new@police.example", is_active=False)

    assert b"The account of this person is closed." in invite_by(programme_admin).content
    with pytest.raises(ValidationError, match="is closed"):
        actions.invite(email="new@police.example", by=programme_admin.user)


def test_superuser_invites_a_programme_admin(superuser):
    invite_by(superuser, is_programme_admin="on")

    assert can_administer(User.objects.get(email="new@police.example"))


def test_programme_admin_makes_nobody_a_programme_admin(programme_admin):
    invite_by(programme_admin, is_programme_admin="on")

    assert not can_administer(User.objects.get(email="new@police.example"))
    with pytest.raises(PermissionDenied):
        actions.invite(email="other@police.example", by=programme_admin.user, is_programme_admin=True)
    assert not User.objects.filter(email="other@police.example").exists()


def test_one_more_agency_is_added(programme_admin, police_updater):
    programme_admin.post(f"/people/{police_updater.user.pk}/agencies/", {"agency": get("apa").pk})

    assert belongs_to(police_updater.user) == ["apa", "police"]


@pytest.mark.parametrize("code", ["police", "all"])
def test_agency_that_cannot_be_added_is_refused_in_words(programme_admin, police_updater, code):
    page = programme_admin.post(f"/people/{police_updater.user.pk}/agencies/", {"agency": get(code).pk}, follow=True)

    assert b"Choose an agency the person does not belong to yet." in page.content
    assert belongs_to(police_updater.user) == ["police"]


def test_membership_ends_after_asking_and_keeps_its_record(programme_admin, police_updater):
    membership = Membership.objects.get(user=police_updater.user)
    address = f"/people/memberships/{membership.pk}/end/"

    assert b"reporting for Police?" in programme_admin.get(address).content
    assert belongs_to(police_updater.user) == ["police"]
    programme_admin.post(address)
    membership.refresh_from_db()
    assert belongs_to(police_updater.user) == []
    assert membership.ended_at is not None
    assert membership.history.first().history_user == programme_admin.user
    assert programme_admin.post(address).status_code == 404


def test_membership_can_start_again_after_its_end(programme_admin, police_updater):
    actions.end_membership(membership=Membership.objects.get(), by=programme_admin.user)
    invite_by(programme_admin, email=police_updater.user.email, agencies=[get("police").pk])

    assert belongs_to(police_updater.user) == ["police"]
    assert Membership.objects.count() == 2


def test_membership_that_has_ended_keeps_its_end(programme_admin, police_updater):
    membership = Membership.objects.get()
    actions.end_membership(membership=membership, by=programme_admin.user)
    end = Membership.objects.get().ended_at
    actions.end_membership(membership=membership, by=programme_admin.user)

    assert Membership.objects.get().ended_at == end


def test_closing_an_account_signs_out_everywhere_and_for_good(programme_admin, police_updater, reader):
    pk = police_updater.user.pk
    assert b"Close the account of Police updater?" in programme_admin.get(f"/people/{pk}/close/").content
    assert police_updater.get("/accounts/password/set/").status_code == 200
    programme_admin.post(f"/people/{pk}/close/")
    programme_admin.post(f"/people/{pk}/open/")

    assert police_updater.get("/accounts/password/set/").status_code == 302
    assert reader.get("/accounts/password/set/").status_code == 200
    assert belongs_to(police_updater.user) == ["police"]


def test_pages_that_only_change_lead_to_the_person_when_they_are_merely_visited(programme_admin, reader):
    for place in ("link", "agencies", "open"):
        answer = programme_admin.get(f"/people/{reader.user.pk}/{place}/")
        assert (answer.status_code, answer["Location"]) == (302, f"/people/{reader.user.pk}/")


def test_unknown_person_is_not_found(programme_admin):
    assert programme_admin.get("/people/999999/").status_code == 404


def test_invitation_typed_when_the_session_ended_comes_back(visitor, make_user):
    admin = make_user("admin@programme.example", password="a long password", is_staff=True)
    admin.groups.add(Group.objects.get(name="Programme admins"))
    page = visitor.post("/people/invite/", {"email": "new@police.example", "name": "Typed long ago"})
    sealed = re.search(r'name="kept" value="([^"]+)"', page.content.decode())[1]
    answer = visitor.post(
        "/accounts/login/",
        {"login": admin.email, "password": "a long password", "next": "/people/invite/", "kept": sealed},
        follow=True,
    )

    assert 'value="Typed long ago"' in answer.content.decode()
    assert not User.objects.filter(email="new@police.example").exists()


@pytest.mark.parametrize("agency", ["9" * 25, "9" * 6_000, "x", "0"])
def test_invitation_to_an_agency_that_there_is_not_is_refused_in_words(programme_admin, agency):
    sent = {"email": "new@agency.example", "name": "New updater", "agencies": [agency]}

    response = programme_admin.post("/people/invite/", sent)

    assert (response.status_code, list(response.context["form"].errors)) == (200, ["agencies"])


def test_agencies_to_invite_to_stand_in_rows_with_their_full_names(programme_admin):
    Agency.objects.filter(code="apa").update(name_en="Department of Corrections")
    response = programme_admin.get("/people/invite/")

    assert [agency.code for agency, _ in response.context["form"].agency_rows] == ["apa", "police"]
    assert "Department of Corrections" in response.content.decode()


def test_several_agencies_can_be_added_to_a_person_at_once(programme_admin, reader):
    programme_admin.post(f"/people/{reader.user.pk}/agencies/", {"agency": [get("police").pk, get("apa").pk]})

    assert belongs_to(reader.user) == ["apa", "police"]
