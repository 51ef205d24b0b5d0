"""Editing a plan: its names, dates and marking, and who sees it; its address stays."""

from datetime import date

import pytest

from plans.models import Plan
from tests.test_editing import colleague  # noqa: F401
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
OVERVIEW, EDIT = "/plans/year-two/", "/plans/year-two/edit/"


@pytest.fixture(autouse=True)
def year_two():
    return load_year_two()


@pytest.fixture
def draft():
    """A plan that nobody but programme admins sees."""
    return Plan.objects.create(slug="year-three", name="Year Three ROCC Action Plan", short_name="Year Three")


def opened(client, address=EDIT):
    form = client.get(address).context["form"]
    found = {field.name: field.value() for field in form}
    return {name: value for name, value in found.items() if value not in (None, False)}


def history(slug="year-two"):
    rows = Plan.history.filter(slug=slug, history_type="~").order_by("history_id")
    return list(rows.values_list("history_change_reason", "history_user__name"))


def test_plan_is_edited_and_its_history_says_who_and_why(programme_admin):
    data = opened(programme_admin)

    edits = {"name": "Year Two plan", "source": "Appendix 9", "ends_on": "2027-06-30", "reason": "Printed anew"}
    response = programme_admin.post(EDIT, data | edits)

    assert (response.status_code, response["Location"]) == (302, OVERVIEW)
    plan = Plan.objects.get(slug="year-two")
    assert (plan.name, plan.source, plan.ends_on) == ("Year Two plan", "Appendix 9", date(2027, 6, 30))
    assert (plan.is_current, plan.is_published) == (True, True)
    assert history() == [("Printed anew", "Programme admin")]
    page = Page(programme_admin.get(OVERVIEW))
    assert page.h1 == "Year Two plan"
    assert "Changes saved." in page.text


def test_what_is_saved_unchanged_leaves_no_history(programme_admin):
    assert programme_admin.post(EDIT, opened(programme_admin)).status_code == 302
    assert history() == []


def test_page_says_the_address_and_does_not_take_another(programme_admin):
    assert "/plans/year-two/" in Page(programme_admin.get(EDIT)).text

    programme_admin.post(EDIT, opened(programme_admin) | {"slug": "year-one", "is_current": ""})

    assert Plan.objects.filter(slug="year-two", is_current=True).exists()


def test_plan_is_published_by_a_tick_and_hidden_by_taking_it_away(programme_admin, reader, draft):
    address = "/plans/year-three/edit/"
    (edit,) = [href for words, href in Page(programme_admin.get("/plans/")).links() if words.startswith("Edit or pub")]
    assert (edit, reader.get("/plans/year-three/").status_code) == (address, 404)

    answer = programme_admin.post(address, opened(programme_admin, address) | {"is_published": "on"}, follow=True)
    assert "Readers can see this plan now." in Page(answer).text
    assert reader.get("/plans/year-three/").status_code == 200

    data = opened(programme_admin, address)
    del data["is_published"]
    assert "Readers can no longer see this plan." in Page(programme_admin.post(address, data, follow=True)).text
    assert (reader.get("/plans/year-three/").status_code, len(history("year-three"))) == (404, 2)


@pytest.mark.parametrize(
    ("edits", "name", "error"),
    [
        ({"name": ""}, "name", "Enter the name of the plan."),
        ({"short_name": ""}, "short_name", "Enter a short name, for example Year Three."),
        (
            {"is_published": None},
            "is_published",
            "The home page shows this plan. Make another plan current, then hide this one.",
        ),
        ({"starts_on": "2026-07-01", "ends_on": "2020-01-01"}, "__all__", "A plan cannot end before it starts."),
    ],
)
def test_plan_that_cannot_be_is_refused_in_words(programme_admin, edits, name, error):
    data = opened(programme_admin) | {"programme": "Typed words"} | edits
    response = programme_admin.post(EDIT, {key: value for key, value in data.items() if value is not None})

    assert response.status_code == 200
    assert response.context["form"].errors == {name: [error]}
    assert "Typed words" in response.content.decode()
    assert history() == []


def test_what_a_colleague_saved_meanwhile_is_kept(programme_admin, colleague):  # noqa: F811
    data = opened(programme_admin)
    colleague.post(EDIT, opened(colleague) | {"source": "Appendix 9"})

    answer = programme_admin.post(EDIT, data | {"short_name": "Second year"}, follow=True)

    assert "Changes saved. Kept changes someone else made at the same time: Published as." in Page(answer).text
    plan = Plan.objects.get(slug="year-two")
    assert (plan.short_name, plan.source) == ("Second year", "Appendix 9")


def test_same_field_edited_by_two_is_shown_twice_and_saved_by_none(programme_admin, colleague):  # noqa: F811
    data = opened(programme_admin)
    colleague.post(EDIT, opened(colleague) | {"name": "Theirs"})

    response = programme_admin.post(EDIT, data | {"name": "Mine"})

    assert response.status_code == 409
    assert "Someone else edited this plan at the same time" in Page(response, 409).text
    assert Plan.objects.get(slug="year-two").name == "Theirs"


def test_plan_that_became_current_meanwhile_stays_published(programme_admin, draft):
    address = "/plans/year-three/edit/"
    data = opened(programme_admin, address)
    programme_admin.post("/plans/year-three/make-current/")

    assert programme_admin.post(address, data | {"short_name": "Third"}).status_code == 302

    draft.refresh_from_db()
    assert (draft.short_name, draft.is_published, draft.is_current) == ("Third", True, True)


def test_overview_leads_admins_to_editing_and_says_that_nobody_else_sees_it(programme_admin, reader, draft):
    assert Page(programme_admin.get(OVERVIEW)).link("Edit plan") == EDIT
    assert "Edit plan" not in Page(reader.get(OVERVIEW)).text
    assert "Not published. Only programme admins can see it." in Page(programme_admin.get("/plans/year-three/")).text
