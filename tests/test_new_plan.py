"""Adding a plan, filled in for the next year, and making one current in a single step."""

from datetime import date

import pytest

from plans.actions.plans import make_current
from plans.forms.plans import suggest_plan
from plans.models import Plan
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
NEW = "/plans/new/"


@pytest.fixture(autouse=True)
def year_two():
    plan = load_year_two()
    Plan.objects.update(starts_on=date(2025, 7, 1), ends_on=date(2026, 6, 30))
    return plan


def opened(client):
    form = client.get(NEW).context["form"]
    found = {field.name: field.value() for field in form}
    return {name: str(value) for name, value in found.items() if value not in (None, False)}


def current():
    return list(Plan.objects.filter(is_current=True).values_list("slug", flat=True))


def history(slug):
    rows = Plan.history.filter(slug=slug).order_by("history_id")
    return list(rows.values_list("history_change_reason", "history_user__name", "is_current", "is_published"))


def test_next_plan_is_filled_in_and_added_with_one_click(programme_admin):
    data = opened(programme_admin)
    assert (data["name"], data["short_name"], data["slug"]) == (
        "Year Three ROCC Action Plan",
        "Year Three",
        "year-three",
    )
    assert (data["starts_on"], data["ends_on"]) == ("2026-07-01", "2027-06-30")
    response = programme_admin.post(NEW, data)
    assert (response.status_code, response["Location"]) == (302, "/plans/year-three/")
    assert current() == ["year-two"]
    assert history("year-three") == [("Plan added", "Programme admin", False, False)]
    assert "This plan has no activities yet" in Page(programme_admin.get("/plans/year-three/")).text


@pytest.mark.parametrize(
    ("slug", "short_name", "kept"),
    [("", "Tau Tuatoru ō", "tau-tuatoru-o"), ("Tōru", "Year Three", "toru"), ("Year-3", "x", "Year-3")],
)
def test_address_is_made_of_the_short_name_unless_it_is_chosen(programme_admin, slug, short_name, kept):
    programme_admin.post(NEW, opened(programme_admin) | {"slug": slug, "short_name": short_name})
    assert Plan.objects.filter(slug=kept).count() == 1


def test_plan_can_be_added_and_made_current_in_one_step(programme_admin):
    programme_admin.post(NEW, opened(programme_admin) | {"is_made_current": "on"})
    assert current() == ["year-three"]
    assert history("year-two") == [
        ("Year Three ROCC Action Plan is the current plan now", "Programme admin", False, True)
    ]
    assert history("year-three")[-1] == ("Made the current plan", "Programme admin", True, True)


def test_making_a_plan_current_says_what_happens_and_is_one_post(programme_admin):
    programme_admin.post(NEW, opened(programme_admin))
    page = Page(programme_admin.get("/plans/"))
    (address,) = [href for words, href in page.links() if words.startswith("Make current")]
    assert "everyone who can read plans will see it" in Page(programme_admin.get(address)).text
    response = programme_admin.post(address)
    assert (response.status_code, response["Location"], current()) == (302, "/plans/", ["year-three"])
    assert programme_admin.get("/")["Location"] == "/plans/year-three/"


def test_making_the_current_plan_current_writes_nothing(programme_admin, year_two):
    make_current(plan=year_two, by=programme_admin.user)
    assert (current(), history("year-two")) == (["year-two"], [])


def test_later_choice_of_the_current_plan_counts(programme_admin, year_two):
    three, four = (Plan.objects.create(slug=slug, name=slug, short_name=slug) for slug in ("year-three", "year-four"))
    make_current(plan=three, by=programme_admin.user)
    # Each of these was fetched before the other was current.
    make_current(plan=four, by=programme_admin.user)
    make_current(plan=year_two, by=programme_admin.user)
    assert current() == ["year-two"]


@pytest.mark.parametrize(
    ("edits", "name", "error"),
    [
        ({"slug": "year-two"}, "slug", "There is already a plan with this address. Choose another."),
        ({"slug": "new"}, "slug", "The address “new” is used to add plans. Choose another."),
        ({"slug": "Year 3"}, "slug", None),
        ({"slug": "", "short_name": "✓"}, "slug", "Enter an address in plain letters, for example year-three."),
        ({"name": ""}, "name", "Enter the name of the plan."),
        ({"ends_on": "2020-01-01"}, "__all__", "A plan cannot end before it starts."),
    ],
)
def test_plan_that_cannot_be_is_refused_in_words(programme_admin, edits, name, error):
    data = opened(programme_admin)
    response = programme_admin.post(NEW, data | {"programme": "Typed words", **edits})
    assert (response.status_code, Plan.objects.count()) == (200, 1)
    assert error in (None, *response.context["form"].errors[name])
    assert name in response.context["form"].errors
    assert "Typed words" in response.content.decode()


@pytest.mark.parametrize(
    ("values", "slug", "name"),
    [
        ({"slug": "2025-26", "name": "Plan 2025/26"}, "2026-27", "Plan 2026/27"),
        ({"slug": "year-nine", "name": "Year Nine"}, "year-ten", "Year Ten"),
        ({"slug": "pilot", "name": "Pilot"}, None, None),
    ],
)
def test_suggestions_count_on_from_the_last_plan(values, slug, name):
    Plan.objects.update(**values)
    found = suggest_plan(Plan.objects.all())
    assert (found.get("slug"), found.get("name")) == (slug, name)


def test_suggestion_passes_over_a_plan_that_is_there(year_two):
    Plan.objects.create(slug="year-three", name="x", short_name="x")
    assert suggest_plan(Plan.objects.all())["slug"] == "year-four"


def test_suggestion_for_a_leap_day_is_the_day_before(year_two):
    Plan.objects.update(ends_on=date(2028, 2, 29))
    assert suggest_plan(Plan.objects.all())["ends_on"] == date(2029, 2, 28)


def test_site_without_a_plan_suggests_nothing_and_says_so(programme_admin):
    assert suggest_plan(Plan.objects.none()) == {}
