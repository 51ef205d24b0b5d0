from datetime import date

import pytest
from django.apps import apps
from django.urls import reverse

from plans.actions import record_update
from plans.models import Activity, ActivityAgency, Agency, StatusUpdate, SubActivity
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

LIST = "/admin/plans/activity/"


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


def activity(number):
    return Activity.objects.get(number=number)


def listed(client, query=""):
    return [row.number for row in client.get(f"{LIST}{query}").context["cl"].result_list]


def list_fields(client):
    """What a browser would send back from the list: {name: value}."""
    formset = client.get(LIST).context["cl"].formset
    return {field.html_name: field.value() for form in (formset.management_form, *formset.forms) for field in form}


def list_post(client, shown=None, **edits):
    """The form of the list as a browser sends it: `shown` is what the page held, `edits` {number_field: value}."""
    data = {**(shown or list_fields(client)), "_save": "Save"}
    places = {str(data[name]): name.removesuffix("-id") for name in data if name.endswith("-id")}
    for name, value in edits.items():
        field, _, number = name.rpartition("_")
        data[f"{places[str(activity(number).pk)]}-{field}"] = value
    return client.post(LIST, data)


def form_post(client, number, **edits):
    """The form of an activity as a browser sends it, with some fields edited."""
    address = reverse("admin:plans_activity_change", args=[activity(number).pk])
    context = client.get(address).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {field.html_name: "" if field.value() is None else field.value() for form in forms for field in form}
    return client.post(address, {name: value for name, value in {**data, **edits}.items() if value is not False})


def errors(response):
    context = response.context
    forms = context["cl"].formset.forms if "cl" in context else [context["adminform"].form]
    return [error for form in forms for messages in form.errors.values() for error in messages]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", list(range(1, 16))),
        ("?q=kainga", [5, 7]),
        ("?q=WHANAU+oranga", [8]),
        ("?q=corrections", [2, 5, 7, 11]),
        ("?lead=police", [1, 5, 8, 10, 13]),
        ("?lead=none", [6]),
        ("?status__exact=on_track", []),
        ("?description_state__exact=to_be_finalised", [6, 15]),
        ("?withdrawn=yes", []),
    ],
)
def test_list_finds_activities(programme_admin, query, numbers):
    assert listed(programme_admin, query) == numbers


def test_list_hides_withdrawn_activities_until_asked(programme_admin):
    Activity.objects.filter(number=3).update(withdrawn_on=date(2024, 7, 1))
    assert 3 not in listed(programme_admin)
    assert listed(programme_admin, "?withdrawn=yes") == [3]
    assert listed(programme_admin, "?withdrawn=all") == list(range(1, 16))


def test_list_costs_the_same_for_one_activity_and_for_fifteen(programme_admin, django_assert_num_queries):
    programme_admin.get(LIST)
    with django_assert_num_queries(11):
        programme_admin.get(LIST)
    Activity.objects.exclude(number=1).update(withdrawn_on=date(2024, 7, 1))
    with django_assert_num_queries(11):
        programme_admin.get(LIST)


def test_list_edit_of_a_status_is_an_update(programme_admin):
    assert list_post(programme_admin, status_2="at_risk", reason_2="No reply").status_code == 302
    updates = StatusUpdate.objects.values_list("activity__number", "kind", "status", "what_happened", "author__email")
    assert list(updates) == [(2, "set", "at_risk", "No reply", "admin@programme.example")]
    assert [row.number for row in Activity.objects.filter(status="at_risk")] == [2]
    text = Page(programme_admin.get("/plans/year-two/activities/2/")).text
    assert "Set by the programme" in text
    assert "No reply" in text


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"status_2": "at_risk"}, "Enter why you set the status."),
        ({"status_2": "at_risk", "reason_2": " "}, "Enter why you set the status."),
        ({"reason_2": "No reply"}, "Choose another status, or clear this reason."),
    ],
)
def test_list_edit_of_a_status_asks_for_a_reason(programme_admin, edits, sentence):
    response = list_post(programme_admin, **edits)
    assert (response.status_code, errors(response)) == (200, [sentence])
    assert (activity(2).status, StatusUpdate.objects.count()) == ("no_update", 0)


def test_list_edit_finalises_a_description(programme_admin):
    list_post(programme_admin, description_state_15="finalised", description_state_1="to_be_finalised")
    assert [row.number for row in Activity.objects.to_be_finalised()] == [1, 6]


def test_list_edit_refuses_to_finalise_a_blank_description(programme_admin):
    response = list_post(programme_admin, description_state_6="finalised", status_2="at_risk", reason_2="Why")
    assert (response.status_code, errors(response)) == (
        200,
        ["Enter a description before you finalise it."],
    )
    assert (activity(6).description_state, activity(2).status) == ("to_be_finalised", "no_update")


def test_list_edit_leaves_alone_what_a_colleague_changed_meanwhile(programme_admin):
    shown = list_fields(programme_admin)
    Activity.objects.filter(number=3).update(status="paused")
    list_post(programme_admin, shown, status_2="on_track", reason_2="Why")
    assert (activity(2).status, activity(3).status) == ("on_track", "paused")


def test_list_edit_refuses_to_overwrite_a_colleague_until_asked_again(programme_admin):
    shown = list_fields(programme_admin)
    list_post(programme_admin, status_3="paused", reason_3="Why")
    response = list_post(programme_admin, shown, status_3="on_track", reason_3="Why")
    assert errors(response) == [
        (
            "Programme admin changed this from “No update yet” to “Paused” in the meantime, so nothing is saved yet. "
            "Save again for “On track”, or choose “Paused”."
        )
    ]
    assert activity(3).status == "paused"
    rows = response.context["cl"].formset
    again = {field.html_name: field.value() for form in (rows.management_form, *rows.forms) for field in form}
    assert (list_post(programme_admin, again).status_code, activity(3).status) == (302, "on_track")


def test_list_edit_without_versions_overwrites_nothing(programme_admin):
    shown = {name: value for name, value in list_fields(programme_admin).items() if not name.endswith("version")}
    response = list_post(programme_admin, shown, status_3="on_track", reason_3="Why")
    assert (response.status_code, activity(3).status) == (200, "no_update")


def test_list_edit_without_a_change_writes_nothing(programme_admin):
    list_post(programme_admin)
    assert (StatusUpdate.objects.count(), Activity.history.count()) == (0, 0)


def test_form_saves_the_status_with_its_reason(programme_admin):
    assert form_post(programme_admin, 1, status="off_track", reason="No money").status_code == 302
    assert list(StatusUpdate.objects.values_list("status", "what_happened")) == [("off_track", "No money")]
    history = Activity.history.values_list("status", "history_change_reason", "history_user__email")
    assert list(history) == [("off_track", "No money", "admin@programme.example")]


def test_form_saves_words_without_an_update(programme_admin):
    form_post(programme_admin, 1, title="Operation Cobalt renewed")
    assert (activity(1).title, StatusUpdate.objects.count()) == ("Operation Cobalt renewed", 0)
    assert list(Activity.history.values_list("title", "history_change_reason")) == [
        ("Operation Cobalt renewed", "Set in the admin")
    ]


def test_form_refuses_to_finalise_a_blank_description(programme_admin):
    response = form_post(programme_admin, 6, description_state="finalised", description=" ")
    assert "Enter a description before you finalise it." in errors(response)
    assert activity(6).description_state == "to_be_finalised"


def form_fields(response):
    """What a browser would send back from the form of an activity: {name: value}."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {field.html_name: "" if field.value() is None else field.value() for form in forms for field in form}
    return {name: value for name, value in data.items() if value is not False}


def opened(client, number):
    return form_fields(client.get(change_page(number)))


def change_page(number):
    return reverse("admin:plans_activity_change", args=[activity(number).pk])


def test_form_refuses_to_overwrite_a_colleague_until_asked_again(programme_admin):
    mine = opened(programme_admin, 1)
    form_post(programme_admin, 1, title="A colleague's", description="Theirs alone")
    response = programme_admin.post(change_page(1), {**mine, "title": "Mine"})
    (conflict,) = response.context["adminform"].form.conflicts
    assert (conflict.original, conflict.theirs, conflict.yours) == ("Operation Cobalt", "A colleague's", "Mine")
    assert "Use their version" in response.text
    assert activity(1).title == "A colleague's"
    assert programme_admin.post(change_page(1), form_fields(response)).status_code == 302
    assert (activity(1).title, activity(1).description) == ("Mine", "Theirs alone")


def test_forms_of_different_fields_and_rows_merge(programme_admin):
    mine = opened(programme_admin, 3)
    form_post(
        programme_admin, 3, title="Theirs", **{"sub_activities-0-text": "Their item", "agency_links-0-position": 7}
    )
    mine |= {"description": "Mine", "sub_activities-1-text": "My item", "agency_links-1-position": 8}
    response = programme_admin.post(change_page(3), mine, follow=True)
    row = activity(3)
    assert (row.title, row.description) == ("Theirs", "Mine")
    assert list(row.sub_activities.values_list("text", flat=True))[:2] == ["Their item", "My item"]
    assert sorted(row.agency_links.values_list("position", flat=True))[-2:] == [7, 8]
    told = [str(message) for message in response.context["messages"]]
    assert "Kept changes someone else made at the same time: Title, Position, Text." in told


def test_form_row_that_a_colleague_removed_is_gone_unless_it_was_edited(programme_admin):
    mine = opened(programme_admin, 3)
    form_post(programme_admin, 3, **{"agency_links-0-DELETE": "on"})
    refused = programme_admin.post(change_page(3), {**mine, "agency_links-0-position": 9})
    (formset,) = [
        one.formset for one in refused.context["inline_admin_formsets"] if one.formset.prefix == "agency_links"
    ]
    assert formset.errors[0] == {
        "__all__": [
            "Someone else removed this row at the same time. To keep it, add it as a new row and tick “Delete” here."
        ]
    }
    assert programme_admin.post(change_page(3), {**mine, "title": "Mine"}).status_code == 302
    assert (activity(3).title, activity(3).agency_links.count()) == ("Mine", 3)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("plan", "name", "Other"),
        ("focusarea", "statement", "Other"),
        ("priorityarea", "name", "Other"),
        ("agency", "note", "Other"),
    ],
)
def test_every_form_refuses_to_overwrite_a_colleague(programme_admin, name, field, value):
    row = apps.get_model("plans", name).objects.order_by("pk").first()
    page = reverse(f"admin:plans_{name}_change", args=[row.pk])
    mine = form_fields(programme_admin.get(page))
    assert programme_admin.post(page, {**mine, field: "Theirs"}).status_code == 302
    assert programme_admin.post(page, {**mine, field: value}).status_code == 200
    row.refresh_from_db()
    assert getattr(row, field) == "Theirs"


def test_agency_members_merge_by_field(programme_admin):
    group, police = Agency.objects.get(code="all"), Agency.objects.get(code="police")
    page = reverse("admin:plans_agency_change", args=[group.pk])
    mine = form_fields(programme_admin.get(page))
    assert programme_admin.post(page, {**mine, "members": [police.pk]}).status_code == 302
    assert programme_admin.post(page, {**mine, "note": "Mine"}).status_code == 302
    group.refresh_from_db()
    assert (group.note, list(group.members.all())) == ("Mine", [police])


def test_form_adds_an_activity_behind_the_others(programme_admin):
    areas = {"focus_area": activity(1).focus_area_id, "priority_area": activity(1).priority_area_id}
    empty = {
        f"{prefix}-{name}_FORMS": 0 for prefix in ("agency_links", "sub_activities") for name in ("TOTAL", "INITIAL")
    }
    data = {
        "plan": activity(1).plan_id,
        "number": 16,
        "title": "New",
        "description": "Words",
        "reason": "Asked for",
        **areas,
        **empty,
    }
    address = reverse("admin:plans_activity_add")
    programme_admin.post(address, {**data, "description_state": "finalised", "status": "on_track"})
    assert (activity(16).title, activity(16).status, StatusUpdate.objects.count()) == ("New", "on_track", 1)
    again = programme_admin.post(address, {**data, "description_state": "finalised", "status": "on_track"})
    assert errors(again) == ["There is already an activity with this number."]


def test_lead_that_is_removed_no_longer_counts_for_the_status(programme_admin):
    for link, status in zip(activity(2).lead_links, ("off_track", "on_track"), strict=True):
        record_update(
            activity=activity(2), by=programme_admin.user, status=status, agency=link.agency, what_happened="So."
        )
    assert (activity(2).status, activity(2).leads_differ) == ("off_track", True)
    form_post(programme_admin, 2, **{"agency_links-0-DELETE": "on"})
    assert (activity(2).status, activity(2).leads_differ) == ("on_track", False)


def test_form_removes_an_agency_whose_link_the_history_keeps(programme_admin):
    form_post(programme_admin, 1, **{"agency_links-0-DELETE": "on"})
    assert ActivityAgency.objects.filter(activity__number=1).count() == 0
    assert list(ActivityAgency.history.values_list("history_type", "agency__code")) == [("-", "police")]


def test_form_cannot_delete_a_sub_activity(programme_admin):
    form_post(programme_admin, 3, **{"sub_activities-0-DELETE": "on", "title": "Renamed"})
    assert (activity(3).title, SubActivity.objects.filter(activity__number=3).count()) == ("Renamed", 3)


def test_form_asks_on_which_day_a_sub_activity_was_done(programme_admin):
    response = form_post(programme_admin, 3, **{"sub_activities-0-is_done": "on"})
    items = response.context["inline_admin_formsets"][1].formset.errors
    assert items[0] == {"__all__": ["Enter the date done, or untick Done."]}


def test_form_shows_the_printed_row(programme_admin):
    response = programme_admin.get(reverse("admin:plans_activity_change", args=[activity(12).pk]))
    assert "<dt>Agency Lead</dt><dd>MSD RPS Policy Office</dd>" in response.text


def run(client, action, *numbers):
    chosen = list(Activity.objects.filter(number__in=numbers).values_list("pk", flat=True))
    response = client.post(LIST, {"action": action, "_selected_action": chosen}, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_action_finalises_descriptions(programme_admin):
    assert run(programme_admin, "finalise_selected", 14, 15) == ["1 description is finalised."]
    assert [row.number for row in Activity.objects.to_be_finalised()] == [6]


def test_action_finalises_nothing_when_one_is_blank(programme_admin):
    assert run(programme_admin, "finalise_selected", 6, 15) == [
        (
            "Nothing was finalised. These have no description: 6 (title to be finalised). "
            "Add a description, or leave them out."
        )
    ]
    assert [row.number for row in Activity.objects.to_be_finalised()] == [6, 15]


def test_action_withdraws(programme_admin):
    assert run(programme_admin, "withdraw_selected", 4, 5) == [
        "2 activities are withdrawn. To bring one back, clear its date."
    ]
    assert [row.number for row in Activity.objects.exclude(withdrawn_on=None)] == [4, 5]


def test_autocomplete_finds_agencies_without_macrons_and_by_other_names(programme_admin):
    address = reverse("admin:autocomplete")
    query = {"app_label": "plans", "model_name": "activityagency", "field_name": "agency"}
    found = {
        term: [row["text"] for row in programme_admin.get(address, {**query, "term": term}).json()["results"]]
        for term in ("kainga", "corrections")
    }
    assert found == {"kainga": ["Kāinga Ora"], "corrections": ["APA"]}


def test_history_shows_who_changed_what_and_why(programme_admin):
    form_post(programme_admin, 1, title="First")
    form_post(programme_admin, 1, title="Second", reason="Agreed in March")
    text = programme_admin.get(reverse("admin:plans_activity_history", args=[activity(1).pk])).text
    assert "Agreed in March" in text
    assert "<strong>Title</strong>: First → Second" in text


def test_history_cannot_be_put_back_past_the_updates(programme_admin):
    form_post(programme_admin, 1, title="First")
    version = Activity.history.get()
    address = reverse("admin:plans_activity_simple_history", args=[version.id, version.pk])
    assert (programme_admin.get(address).status_code, programme_admin.post(address).status_code) == (200, 403)


def test_form_keeps_a_title_on_one_line_and_without_signs_that_turn_it(programme_admin):
    form_post(programme_admin, 1, title="Two\nlines \u202eturned")
    assert activity(1).title == "Two lines turned"


def test_form_moves_a_due_date_that_was_set_only_with_a_reason(programme_admin):
    form_post(programme_admin, 3, due_on="2027-06-30", **{"sub_activities-0-due_on": "2027-02-10"})
    item = SubActivity.objects.filter(activity__number=3).first()
    assert (activity(3).due_on, item.due_on) == (date(2027, 6, 30), date(2027, 2, 10))
    sentence = "Enter a reason for this change: the due date was set before."

    response = form_post(programme_admin, 3, due_on="2027-09-30")
    assert errors(response) == [sentence]
    response = form_post(programme_admin, 3, **{"sub_activities-0-due_on": ""})
    assert response.context["inline_admin_formsets"][1].formset.errors[0] == {"due_on": [sentence]}
    assert activity(3).due_on == date(2027, 6, 30)

    form_post(programme_admin, 3, due_on="", reason="Not known", **{"sub_activities-0-due_on": "2027-03-10"})
    item.refresh_from_db()
    assert (activity(3).due_on, item.due_on) == (None, date(2027, 3, 10))


def test_form_asks_why_a_status_is_set(programme_admin):
    response = form_post(programme_admin, 1, status="off_track")
    assert (response.status_code, errors(response)) == (200, ["Enter why you set the status."])
    assert (activity(1).status, StatusUpdate.objects.count()) == ("no_update", 0)


@pytest.mark.parametrize(
    ("rating", "sentence", "error"),
    [
        ("at_risk", "", "Enter why, in a sentence."),
        ("", "Two milestones slipped", "Choose a rating, or clear the sentence."),
        ("at_risk", "Two milestones slipped", None),
    ],
)
def test_form_rates_an_activity_and_leaves_its_status(programme_admin, rating, sentence, error):
    response = form_post(programme_admin, 1, programme_rating=rating, programme_rating_reason=sentence)
    if error:
        assert (response.status_code, errors(response)) == (200, [error])
    assert (activity(1).programme_rating, activity(1).status) == ("" if error else rating, "no_update")
    assert StatusUpdate.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"ended_on": "2024-06-30"}, ["Choose how it ended.", "Enter a sentence about how it ended."]),
        (
            {"ending": "stopped", "ended_on": "2999-01-01", "ending_note": "Not funded"},
            ["This day is in the future. Enter today or an earlier day."],
        ),
        ({"ending": "stopped", "ended_on": "2024-06-30", "ending_note": "Not funded"}, []),
    ],
)
def test_form_ends_an_activity_and_the_list_filters_by_it(programme_admin, values, told):
    response = form_post(programme_admin, 1, **values)
    if told:
        assert errors(response) == told
    assert activity(1).ending == ("" if told else "stopped")
    assert listed(programme_admin, "?ending=stopped") == ([] if told else [1])
    assert len(listed(programme_admin, "?ending=open")) == (15 if told else 14)
