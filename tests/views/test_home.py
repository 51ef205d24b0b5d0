"""`/`: the way to the current plan."""

from datetime import date


def test_home_goes_to_the_current_plan(make_plan, open_reading, client):
    make_plan("year-two", 0, is_current=True, starts_on=date(2025, 7, 1))
    make_plan("year-three", 0, starts_on=date(2026, 7, 1))

    response = client.get("/")

    assert (response.status_code, response["Location"]) == (302, "/plans/year-two/")


def test_home_goes_to_the_newest_plan_when_none_is_current(make_plan, open_reading, client):
    make_plan("year-two", 0, starts_on=date(2025, 7, 1))
    make_plan("year-three", 0, starts_on=date(2026, 7, 1))
    make_plan("undated", 0)

    assert client.get("/")["Location"] == "/plans/year-three/"


def test_home_never_goes_to_a_plan_that_the_person_may_not_see(make_plan, open_reading, client, programme_admin):
    make_plan("year-two", 0, starts_on=date(2025, 7, 1))
    make_plan("draft", 0, starts_on=date(2026, 7, 1), is_published=False)

    assert client.get("/")["Location"] == "/plans/year-two/"
    assert programme_admin.get("/")["Location"] == "/plans/draft/"


def test_home_goes_to_the_list_of_plans_when_there_is_none(db, open_reading, client):
    assert client.get("/")["Location"] == "/plans/"


def test_home_of_a_closed_site_goes_to_sign_in(make_plan, closed_reading, client):
    make_plan("year-two", 0, is_current=True)

    assert client.get("/")["Location"] == "/accounts/login/?next=/"
