"""My updates, where several forms are one: saving one keeps what is typed in the others. No change drops no words."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from plans.actions import record_update, repeating
from plans.actions.repeating import NEWER, NOT_LED
from plans.choices import Role, Status
from plans.forms.idempotency import FIELD
from plans.forms.updates import NO_CHANGE_WITH_STATUS, NO_CHANGE_WITH_WORDS
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    Barrier,
    Membership,
    ReportingRound,
    StatusUpdate,
    SubActivity,
)
from plans.views import my_updates as views
from plans.views import owed
from tests.views.page import Page, said

MINE = "/plans/year-two/updates/"


def page_at(number):
    """My updates, open at the card of an activity."""
    return f"{MINE}?card={number}#activity-{number}"


def update_of(number):
    return f"/plans/year-two/activities/{number}/update/"


def fields_of(page):
    """What the one form of the page would send, as a browser without a script fills it in."""
    data = {}
    for one in page.main.iter():
        name, kind = one.get("name"), one.get("type")
        if one.tag == "textarea" and name:
            data[name] = (one.text or "").removeprefix("\n")
        elif one.tag == "input" and name and (kind not in ("radio", "checkbox") or "checked" in one.attrib):
            data[name] = one.get("value", "on" if kind in ("radio", "checkbox") else "")
        elif one.tag == "select":
            chosen = [option for option in one if "selected" in option.attrib] or list(one)
            data[name] = chosen[0].get("value")
    return data


@pytest.fixture
def december(year_two):
    today = timezone.localdate()
    return ReportingRound.objects.create(
        plan=year_two, name="December quarter", opened_on=today - timedelta(days=1), due_on=today + timedelta(days=9)
    )


@pytest.fixture
def before(december, police_updater):
    """Police said before the round how activities 5 and 8 go."""
    made_at = timezone.now() - timedelta(days=90)
    said = {"agency": Agency.objects.get(code="police"), "author": police_updater.user, "made_at": made_at}
    return {
        number: StatusUpdate.objects.create(activity=Activity.objects.get(number=number), status="on_track", **said)
        for number in (5, 8)
    }


def page_of(client):
    return Page(client.get(MINE))


def test_fields_of_each_card_have_names_of_their_own(police_updater, december):
    page = page_of(police_updater)
    names = [one.get("name") for one in page.main.iter() if one.get("name") and one.get("type") != "radio"]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert {f"activity-{number}-what_happened" for number in (1, 5, 8, 10, 13)} <= set(names)


def test_saving_one_card_keeps_what_is_typed_in_the_others(police_updater, december):
    data = fields_of(page_of(police_updater))
    data |= {"activity-5-status": "at_risk", "activity-5-what_happened": "Said of 5."}
    data |= {
        "activity-8-status": "off_track",
        "activity-8-what_happened": "Typed of 8.",
        "activity-8-barrier": "No staff",
    }
    data |= {"activity-13-what_happened": "Typed of 13."}

    answer = police_updater.post(update_of(5), data)

    assert answer["Location"] == page_at(8)
    assert [(one.activity.number, one.status, one.what_happened) for one in StatusUpdate.objects.all()] == [
        (5, "at_risk", "Said of 5.")
    ]
    again = page_of(police_updater)
    assert "What you entered earlier is in the form below." in again.text
    shown = fields_of(again)
    typed = {name: data[name] for name in data if name.startswith(("activity-8-", "activity-13-"))}
    assert {name: shown[name] for name in typed} == typed
    open_cards = {
        again.closest(one, {"section"}).get("id")
        for one in again.main.iter("details")
        if "open" in one.attrib and "update-box" in one.get("class")
    }
    assert open_cards == {"activity-1", "activity-8", "activity-13"}
    assert [one.errors for one in (again,)] == [[]]


def test_cards_are_saved_one_after_the_other_and_then_nothing_is_left(police_updater, december):
    data = fields_of(page_of(police_updater))
    for number in (5, 8, 13):
        data |= {f"activity-{number}-status": "on_track", f"activity-{number}-what_happened": f"Said of {number}."}
    for number in (5, 8, 13):
        police_updater.post(update_of(number), data)
        data = fields_of(page_of(police_updater))
    said = StatusUpdate.objects.order_by("pk").values_list("activity__number", "what_happened")
    assert list(said) == [(5, "Said of 5."), (8, "Said of 8."), (13, "Said of 13.")]
    assert "What you entered earlier" not in page_of(police_updater).text


def test_card_that_is_refused_keeps_the_others_too(police_updater, december):
    data = fields_of(page_of(police_updater))
    data |= {"activity-5-what_happened": "No status.", "activity-8-what_happened": "Typed of 8."}
    page = Page(police_updater.post(update_of(5), data))
    assert fields_of(page)["activity-5-what_happened"] == "No status."
    again = police_updater.post(update_of(5), {**fields_of(page), "activity-5-status": "on_track"})
    assert again["Location"] == page_at(8)
    assert fields_of(page_of(police_updater))["activity-8-what_happened"] == "Typed of 8."


def test_card_that_crossed_with_another_update_keeps_its_words_and_the_others(police_updater, before, make_updater):
    data = fields_of(page_of(police_updater))
    data |= {"activity-8-status": "at_risk", "activity-8-what_happened": "Ours.", "activity-5-what_happened": "Of 5."}
    other = make_updater("updater@ot.example", "Oranga Tamariki updater", "oranga-tamariki")
    other.post(update_of(8), {"status": "off_track", "what_happened": "Theirs.", "seen": before[8].pk})

    page = Page(police_updater.post(update_of(8), data), status=409)

    shown = fields_of(page)
    assert (shown["activity-8-what_happened"], shown["activity-8-status"]) == ("Ours.", "at_risk")
    assert police_updater.post(update_of(8), shown)["Location"] == page_at(1)
    assert [one.what_happened for one in StatusUpdate.objects.all()[:2]] == ["Ours.", "Theirs."]
    assert fields_of(page_of(police_updater))["activity-5-what_happened"] == "Of 5."


def test_typed_card_whose_activity_got_an_update_meanwhile_is_still_shown(police_updater, before, programme_admin):
    data = fields_of(page_of(police_updater)) | {"activity-8-what_happened": "Typed of 8."}
    lead = Agency.objects.get(code="police")
    record_update(activity=Activity.objects.get(number=8), by=programme_admin.user, status="at_risk", agency=lead)
    police_updater.post(update_of(5), {**data, "activity-5-status": "on_track"})
    assert fields_of(page_of(police_updater))["activity-8-what_happened"] == "Typed of 8."


def test_typed_card_of_an_activity_that_one_leads_no_more_can_be_copied(police_updater, december, make_updater):
    data = fields_of(page_of(police_updater)) | {"activity-8-what_happened": "Typed of 8."}
    police_updater.post(update_of(5), {**data, "activity-5-status": "on_track"})
    Membership.objects.update(ended_at=timezone.now())
    page = page_of(police_updater)
    assert "You can no longer add updates on these activities." in page.text
    assert [one.text for one in page.main.iter("textarea") if one.get("id") == "left-1"] == ["Typed of 8."]


def test_card_that_nobody_touched_is_not_kept(police_updater, before):
    data = fields_of(page_of(police_updater)) | {"activity-1-status": "on_track"}
    police_updater.post(update_of(1), data)
    page = page_of(police_updater)
    assert "What you entered earlier" not in page.text


def test_card_sent_twice_is_one_update_whatever_is_typed_in_the_others_meanwhile(police_updater, december):
    data = fields_of(page_of(police_updater))
    data |= {"activity-5-status": "at_risk", "activity-5-what_happened": "Said once.", "activity-5-barrier": "No staff"}
    assert data[FIELD]
    for text in ("", "Typed after going back."):
        answer = police_updater.post(update_of(5), {**data, "activity-8-what_happened": text})
        assert answer["Location"] == page_at(8)
    assert StatusUpdate.objects.count() == 1
    assert fields_of(page_of(police_updater))["activity-8-what_happened"] == "Typed after going back."


def test_page_opened_before_cards_were_one_form_can_still_be_sent(police_updater, before):
    answer = police_updater.post(update_of(5), {"status": "at_risk", "what_happened": "Old.", "seen": before[5].pk})
    assert answer.status_code == 302
    answer = police_updater.post(update_of(8), {"no_change": "on", "seen": before[8].pk, "back": "mine"})
    assert answer["Location"] == MINE
    assert [(one.status, one.is_no_change) for one in StatusUpdate.objects.order_by("-pk")[:2]] == [
        ("on_track", True),
        ("at_risk", False),
    ]


def test_page_has_no_more_fields_than_may_be_sent(police_updater, december, monkeypatch):
    monkeypatch.setattr(owed, "FIELDS_IN_PLACE", 300)
    for number in (5, 8):
        items = (SubActivity(activity=Activity.objects.get(number=number), text="x", position=n) for n in range(120))
        SubActivity.objects.bulk_create(items)
    context = police_updater.get(MINE).context
    assert [one.activity.number for one in context["owed"]] == [1, 5]
    assert [one.number for one in context["more"]] == [8, 10, 13]


def test_enter_without_a_script_saves_no_card_and_keeps_them_all(police_updater, before):
    page = page_of(police_updater)
    (form,) = (one for one in page.main.iter("form") if "data-cards" in one.attrib)
    first = next(one for one in form.iter("button"))
    assert (first.get("formaction"), first.get("tabindex"), first.get("aria-hidden")) == (None, "-1", "true")
    count = StatusUpdate.objects.count()
    data = fields_of(page) | {"activity-8-what_happened": "Said of 8.", "activity-5-what_happened": "Said of 5."}

    answer = police_updater.post(MINE, data, follow=True)

    again = fields_of(Page(answer))
    assert (again["activity-5-what_happened"], again["activity-8-what_happened"]) == ("Said of 5.", "Said of 8.")
    assert views.NONE_SAVED in answer.content.decode()
    assert StatusUpdate.objects.count() == count


# No change beside words


@pytest.mark.parametrize("page", ["card", "page of its own"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"what_happened": "Something did."}, NO_CHANGE_WITH_WORDS),
        ({"whats_next": "More."}, NO_CHANGE_WITH_WORDS),
        ({"barrier": "No staff."}, NO_CHANGE_WITH_WORDS),
        ({"needs_escalation": "on"}, NO_CHANGE_WITH_WORDS),
        ({"done": True}, NO_CHANGE_WITH_WORDS),
        ({"still": "resolved", "how": "Funded."}, NO_CHANGE_WITH_WORDS),
        ({"status": "at_risk"}, NO_CHANGE_WITH_STATUS),
    ],
)
def test_no_change_beside_what_was_entered_is_refused_with_all_of_it(police_updater, before, page, typed, sentence):
    item = SubActivity.objects.create(activity=before[5].activity, text="Step", position=1)
    barrier = Barrier.objects.create(activity=before[5].activity, update=before[5], text="No funding")
    names = {"done": f"done_{item.pk}", "still": f"still_{barrier.pk}", "how": f"how_{barrier.pk}"}
    address, prefix = (MINE, "activity-5-") if page == "card" else (update_of(5), "")
    data = fields_of(Page(police_updater.get(address)))
    entered = {prefix + names.get(name, name): "on" if value is True else value for name, value in typed.items()}

    answer = Page(police_updater.post(update_of(5), {**data, **entered, f"{prefix}no_change": "on"}))

    assert sentence in answer.text
    assert StatusUpdate.objects.count() == 2
    shown = fields_of(answer)
    assert {name: shown[name] for name in entered} == entered


@pytest.mark.parametrize("page", ["card", "page of its own"])
def test_no_change_by_the_button_of_the_form_is_saved(police_updater, before, page):
    address, prefix = (MINE, "activity-5-") if page == "card" else (update_of(5), "")
    data = fields_of(Page(police_updater.get(address)))
    assert police_updater.post(update_of(5), {**data, f"{prefix}no_change": "on"}).status_code == 302
    latest = StatusUpdate.objects.first()
    assert (latest.activity.number, latest.status, latest.is_no_change) == (5, Status.ON_TRACK, True)


def test_no_change_keeps_what_is_typed_in_other_cards(police_updater, before):
    data = fields_of(page_of(police_updater)) | {"activity-8-what_happened": "Typed of 8."}
    police_updater.post(update_of(5), {**data, "activity-5-no_change": "on"})
    assert fields_of(page_of(police_updater))["activity-8-what_happened"] == "Typed of 8."


# The card after the saved one


def test_card_after_the_saved_one_is_open_and_what_was_saved_is_said_at_it(police_updater, december):
    data = fields_of(page_of(police_updater)) | {"activity-5-status": "on_track"}

    page = Page(police_updater.post(update_of(5), data, follow=True))

    (opened,) = [one for one in page.main.iter("details") if "open" in one.attrib and "update-box" in one.get("class")]
    assert page.closest(opened, {"section"}).get("id") == "activity-8"
    (form,) = [one for one in page.main.iter("form") if "data-cards" in one.attrib]
    parts = [one.get("id") or said(one) for one in form if one.tag in ("section", "div")]
    assert parts[:3] == ["activity-1", "Update saved: 5. Gang Harm Reduction Project rollout.", "activity-8"]
    assert page.text.count("Update saved: ") == 1


def test_after_the_last_card_the_first_one_is_open(police_updater, december):
    fields = fields_of(page_of(police_updater))
    assert [fields[f"activity-{number}-then"] for number in (1, 5, 8, 10, 13)] == ["5", "8", "10", "13", "1"]


@pytest.mark.parametrize("card", ["99", "x", "9" * 5000, "-1", ""])
def test_card_that_is_not_there_leaves_the_first_open_and_the_message_on_top(police_updater, december, card):
    page = Page(police_updater.get(MINE, {"card": card}))
    (opened,) = [one for one in page.main.iter("details") if "open" in one.attrib and "update-box" in one.get("class")]
    assert page.closest(opened, {"section"}).get("id") == "activity-1"


@pytest.mark.parametrize("then", ["https://elsewhere.example", "8/../", "", "9" * 50])
def test_only_a_number_says_where_to_go_on(police_updater, december, then):
    data = fields_of(page_of(police_updater)) | {"activity-5-status": "on_track", "activity-5-then": then}
    assert police_updater.post(update_of(5), data)["Location"] == MINE


def test_only_card_leads_to_a_receipt_of_what_readers_see(police_updater, before):
    for number in (1, 5, 8, 10):
        saved = {
            "status": "on_track",
            "what_happened": f"Said of {number}.",
            "seen": getattr(before.get(number), "pk", ""),
        }
        police_updater.post(update_of(number), saved)
    data = fields_of(page_of(police_updater))
    data |= {
        "activity-13-status": "off_track",
        "activity-13-what_happened": "Slipped.",
        "activity-13-barrier": "No staff",
    }

    answer = police_updater.post(update_of(13), data, follow=True)

    assert answer.redirect_chain[-1][0] == MINE
    page = Page(answer)
    receipt = page.closest(next(one for one in page.main.iter("h2") if said(one) == "All 5 done"), {"div"})
    shown = [said(one) for one in receipt.iter("li")]
    assert [row.split(".")[0] for row in shown] == ["1", "5", "8", "10", "13"]
    assert "Off track" in shown[-1]
    assert "Slipped. Barrier: No staff" in shown[-1]
    assert page.link("Correct the update on 13. Meth Harm Tranche 2 Paper").endswith("/correct/?back=mine")


def test_card_has_the_words_of_the_last_update_and_the_description(police_updater, before):
    QuerySet.update(StatusUpdate.objects.filter(pk=before[8].pk), what_happened="Workshops held.")
    (card,) = [one for one in page_of(police_updater).main.iter("section") if one.get("id") == "activity-8"]
    assert "Workshops held." in said(card)
    assert "OTAP is one of the mechanisms" in said(card)


# Nothing changed on several


def ticked(client, *numbers):
    return fields_of(page_of(client)) | {"same": numbers, "nothing_changed": "on"}


def repeated():
    rows = StatusUpdate.objects.filter(is_no_change=True).order_by("activity__number")
    return list(rows.values_list("activity__number", "status", "agency__code", "round__name"))


def test_nothing_changed_on_several_is_an_update_on_each(police_updater, before):
    data = ticked(police_updater, 5, 8) | {"activity-13-what_happened": "Typed of 13."}

    answer = police_updater.post(MINE, data, follow=True)

    assert repeated() == [(number, "on_track", "police", "December quarter") for number in (5, 8)]
    page = Page(answer)
    assert "No change saved on 2 activities." in page.text
    assert fields_of(page)["activity-13-what_happened"] == "Typed of 13."
    assert [one.activity.number for one in answer.context["owed"]] == [1, 10, 13]


def test_nothing_changed_beside_words_is_refused_for_all_with_the_words_and_ticks(police_updater, before):
    data = ticked(police_updater, 5, 8) | {"activity-8-what_happened": "Something did."}

    page = Page(police_updater.post(MINE, data))

    assert repeated() == []
    (alert,) = [one for one in page.main.iter() if one.get("role") == "alert"]
    assert [said(one) for one in alert.iter("li")] == [f"8. Oranga Tamariki Action Plan (OTAP): {NO_CHANGE_WITH_WORDS}"]
    assert fields_of(page)["activity-8-what_happened"] == "Something did."
    assert [one.get("value") for one in page.controls("same") if "checked" in one.attrib] == ["5", "8"]
    assert fields_of(page_of(police_updater))["activity-8-what_happened"] == "Something did."


def test_nothing_changed_beside_another_status_is_refused(police_updater, before):
    data = ticked(police_updater, 5, 8) | {"activity-5-status": "at_risk"}
    assert "Nothing is saved yet." in Page(police_updater.post(MINE, data)).text
    assert repeated() == []


def test_nothing_changed_sent_twice_is_saved_once(police_updater, before):
    data = ticked(police_updater, 5, 8) | {"activity-13-what_happened": "Typed of 13."}
    answers = [police_updater.post(MINE, data)["Location"] for _ in range(2)]
    assert (answers, len(repeated())) == ([MINE, MINE], 2)
    assert fields_of(page_of(police_updater))["activity-13-what_happened"] == "Typed of 13."


def test_nothing_changed_that_crossed_with_another_update_saves_none(police_updater, before, make_updater):
    data = ticked(police_updater, 5, 8)
    other = make_updater("updater@ot.example", "Oranga Tamariki updater", "oranga-tamariki")
    other.post(update_of(8), {"status": "off_track", "what_happened": "Theirs.", "seen": before[8].pk})

    page = Page(police_updater.post(MINE, data), status=409)

    assert NEWER in page.text
    assert repeated() == []


def test_right_to_report_is_asked_again_under_the_lock(police_updater, before, monkeypatch):
    data, lock = ticked(police_updater, 5, 8), repeating.lock

    def lock_late(activity):
        # Police stops leading 8 after the form was checked.
        ActivityAgency.objects.filter(activity__number=8, agency__code="police").update(role=Role.SUPPORT)
        return lock(activity)

    monkeypatch.setattr(repeating, "lock", lock_late)
    with pytest.raises(repeating.NotRepeated) as refused:
        repeating.repeat_updates(reports=reports_of(before), by=police_updater.user)
    assert refused.value.reasons == {8: NOT_LED}
    assert repeated() == []
    assert police_updater.post(MINE, data).status_code in (200, 409)
    assert repeated() == []


def reports_of(before):
    """What `repeat_updates` takes for the updates made before."""
    return {
        one.activity: {"status": one.status, "agency": one.agency, "seen": one.pk, "is_no_change": True}
        for one in before.values()
    }


def test_nothing_changed_on_what_one_leads_no_more_saves_none(police_updater, before):
    data = ticked(police_updater, 5, 8)
    Membership.objects.update(ended_at=timezone.now())
    assert f"{views.NOT_YOURS} 5, 8. Nothing is saved." in Page(police_updater.post(MINE, data)).text
    assert repeated() == []


@pytest.mark.parametrize("numbers", [(), ("x", "9" * 30, "-1")])
def test_nothing_changed_without_a_tick_says_so(police_updater, before, numbers):
    page = Page(police_updater.post(MINE, ticked(police_updater, *numbers)))
    assert views.NONE_TICKED in page.text


def test_nothing_changed_on_an_activity_without_an_update_is_refused(police_updater, before):
    page = Page(police_updater.post(MINE, ticked(police_updater, 1, 5)))
    assert "There is no earlier update to repeat." in page.text
    assert repeated() == []


def test_nothing_changed_is_offered_for_two_or_more(police_updater, before):
    assert [one.get("value") for one in page_of(police_updater).controls("same")] == ["5", "8"]
    police_updater.post(update_of(5), {"no_change": "on", "seen": before[5].pk})
    assert page_of(police_updater).controls("same") == []
