import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from plans.models import Plan
from plans.permissions import can_administer, can_manage_people, can_read, get_plan, visible_plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans():
    Plan.objects.create(slug="out", name="Out", short_name="Out", is_published=True)
    Plan.objects.create(slug="draft", name="Draft", short_name="Draft")


def slugs(user):
    return sorted(visible_plans(user).values_list("slug", flat=True))


def test_group_of_programme_admins_administers_from_an_empty_database(programme_admin):
    assert can_administer(programme_admin.user) is True


def test_can_administer_refuses_everybody_else(reader, police_updater, make_user):
    inactive = make_user("gone@programme.example", is_superuser=True, is_active=False)
    assert [can_administer(user) for user in (reader.user, police_updater.user, inactive, AnonymousUser())] == [
        False
    ] * 4


def test_can_manage_people_is_for_superusers(programme_admin, make_user):
    superuser = make_user("root@programme.example", is_superuser=True)
    assert [can_manage_people(user) for user in (superuser, programme_admin.user, AnonymousUser())] == [
        True,
        False,
        False,
    ]


def test_visible_plans_are_all_for_a_programme_admin(plans, programme_admin):
    assert slugs(programme_admin.user) == ["draft", "out"]


def test_visible_plans_are_the_published_ones_for_a_reader(plans, reader):
    assert slugs(reader.user) == ["out"]


@pytest.mark.parametrize(("is_open", "seen"), [(False, []), (True, ["out"])])
def test_visible_plans_of_a_visitor_follow_open_reading(plans, settings, is_open, seen):
    settings.ROCC_OPEN_READING = is_open
    assert slugs(AnonymousUser()) == seen


def test_can_read_refuses_an_inactive_person(settings, make_user):
    settings.ROCC_OPEN_READING = False
    assert can_read(make_user("gone@programme.example", is_active=False)) is False


def test_get_plan_answers_the_plan_that_may_be_seen(plans, reader):
    assert get_plan(reader.user, "out").name == "Out"


def test_get_plan_is_not_found_for_a_plan_that_may_not_be_seen(plans, reader):
    with pytest.raises(Http404):
        get_plan(reader.user, "draft")
