"""Board packs: making, wording, issuing, what never changes, and decisions."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plans.actions import packs as actions
from plans.actions.barriers import escalate_barrier
from plans.actions.first_history import record_first_history
from plans.actions.updates import correct_update, record_update, retract_updates
from plans.choices import Marking, PackState
from plans.models import Activity, ActivityAgency, Agency, Barrier, Decision, Pack, PackAsk, Plan
from plans.models.issued_packs import unguarded
from plans.packs.content import PackContent, checksum_of
from plans.packs.seal import seal_of
from tests.views.page import Page

PACKS = "/plans/year-two/packs/"
DUE = "2027-06-30"


@pytest.fixture
def plan(year_two, police_updater):
    """Year Two with an escalated barrier of Police."""
    record_first_history("Loaded for tests")
    police = Agency.objects.get(code="police")
    activity = Activity.objects.filter(agency_links__agency=police, agency_links__role="lead").first()
    report = {"status": "off_track", "agency": police, "what_happened": "The vessel is late.", "barrier": "No vessel."}
    record_update(activity=activity, by=police_updater.user, **report)
    escalate_barrier(barrier=Barrier.objects.get(), by=police_updater.user, note="Agree who pays.")
    return year_two


@pytest.fixture
def admin(programme_admin, plan):
    return programme_admin


def make(client, **typed):
    """Make a draft by its page, and return it."""
    query = typed.pop("query", "")
    response = client.post(f"{PACKS}make/{query}", {"title": "Board pack, December", "at": "", **typed})
    assert response.status_code == 302, Page(response).text
    return Pack.objects.latest("pk")


def worded(pack, **others):
    """What the page that words a draft sends, with other values."""
    content = PackContent.from_json(pack.content)
    sent = {"version": pack.version, "title": pack.title, "covering_note": pack.covering_note}
    for place, one in enumerate(content.sections, start=1):
        sent |= {f"show_{one.section}": "on", f"place_{one.section}": str(place)}
    for place, ask in enumerate(pack.asks.all(), start=1):
        own = {"text": ask.text, "of_whom": ask.of_whom or "The board", "due_on": ask.due_on or DUE, "position": place}
        sent |= {f"ask-{ask.pk}-{name}": str(value) for name, value in own.items()}
        sent |= {f"ask-{ask.pk}-is_left_out": "on"} if ask.is_left_out else {}
    for place in (1, 2):
        sent |= {f"new-{place}-text": "", f"new-{place}-of_whom": "", f"new-{place}-due_on": ""}
    sent |= others
    return {name: value for name, value in sent.items() if value is not None}


def word(client, pack, **others):
    pack.refresh_from_db()
    return client.post(f"{PACKS}drafts/{pack.pk}/word/", worded(pack, **others))


def send_issue(client, pack):
    pack.refresh_from_db()
    return client.post(f"{PACKS}drafts/{pack.pk}/issue/", {"version": pack.version})


def issue(client, pack, **others):
    word(client, pack, **others)
    response = send_issue(client, pack)
    assert response.status_code == 302, Page(response).text
    pack.refresh_from_db()
    return pack


def text(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return Page(response).text


def test_a_draft_turns_escalated_barriers_into_asks(admin):
    pack = make(admin)

    shown = text(admin, pack.get_absolute_url())
    assert "Agree who pays." in shown
    assert "No vessel." in shown
    assert "The vessel is late." in shown
    assert "Draft, not issued" in shown
    assert PackAsk.objects.get().text == "Agree who pays."


def test_a_draft_is_worded(admin):
    pack = make(admin)
    ask = pack.asks.get()
    others = {
        f"ask-{ask.pk}-text": "Decide who pays for the vessel.",
        f"ask-{ask.pk}-of_whom": "Customs",
        f"ask-{ask.pk}-due_on": "2027-03-31",
        "new-1-text": "Note the dates.",
        "new-1-of_whom": "The board",
        "covering_note": "Two asks this time.",
        "show_activities": None,
    }
    assert word(admin, pack, **others).status_code == 302

    shown = text(admin, pack.get_absolute_url())
    for words in ("Decide who pays for the vessel.", "Customs", "31 Mar 2027", "Note the dates.", "Two asks"):
        assert words in shown
    assert "All activities" not in shown


def test_what_is_left_out_is_not_in_the_pack_and_stays_in_the_draft(admin):
    pack = make(admin)
    ask = pack.asks.get()
    word(admin, pack, **{f"ask-{ask.pk}-is_left_out": "on"})

    assert "Agree who pays." not in text(admin, pack.get_absolute_url())
    assert "Agree who pays." in text(admin, f"{PACKS}drafts/{pack.pk}/word/")


def test_sections_stand_where_they_were_put(admin):
    pack = make(admin)
    word(admin, pack, place_state="1", place_asks="8")

    pack.refresh_from_db()
    assert pack.content["sections"][0]["section"] == "state"


def test_a_draft_that_was_saved_meanwhile_is_not_overwritten(admin):
    pack = make(admin)
    first = worded(pack, covering_note="Mine")
    word(admin, pack, covering_note="Theirs")
    response = admin.post(f"{PACKS}drafts/{pack.pk}/word/", first)

    page = Page(response)
    assert "Someone has saved this draft since you opened it." in page.text
    assert "Mine" in response.content.decode()
    pack.refresh_from_db()
    assert pack.covering_note == "Theirs"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "Enter what the pack is called."),
        ({"new-1-text": "", "new-1-of_whom": "The board"}, "Enter what is asked, or clear this ask."),
        ({"new-1-text": "Ask", "new-1-due_on": "soon"}, "Enter a date"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(admin, wrong, words):
    pack = make(admin)
    response = word(admin, pack, **wrong)

    assert words in Page(response).text
    pack.refresh_from_db()
    assert pack.version == 1


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        (("of_whom", "due_on"), "Ask 1, “Agree who pays.”, does not say who is asked and by when. Enter it"),
        (("due_on",), "Ask 1, “Agree who pays.”, does not say by when. Enter it"),
        (("of_whom",), "Ask 1, “Agree who pays.”, does not say who is asked. Enter it"),
    ],
)
def test_an_ask_of_no_one_or_without_a_date_is_not_issued(admin, lacks, words):
    pack = make(admin)
    ask = pack.asks.get()
    word(admin, pack, **{f"ask-{ask.pk}-{name}": "" for name in lacks})

    assert words in Page(send_issue(admin, pack)).text
    pack.refresh_from_db()
    assert pack.is_draft


def test_asks_without_their_section_are_not_issued(admin):
    pack = make(admin)
    word(admin, pack, show_asks=None)

    assert "The draft has 1 ask, but not the section “What we ask of you”." in Page(send_issue(admin, pack)).text


def test_an_issued_pack_has_a_number_and_a_checksum_and_never_changes(admin):
    pack = issue(admin, make(admin))
    before = text(admin, f"{PACKS}1/")

    activity = Activity.objects.get(number=PackAsk.objects.get().activity.number)
    activity.title = "Another title"
    activity.save()
    Agency.objects.filter(code="police").update(name="Another name")
    Plan.objects.filter(pk=pack.plan_id).update(name="Another plan")

    assert (pack.number, pack.checksum) == (1, seal_of(pack))
    assert pack.checksum in before
    after = text(admin, f"{PACKS}1/")
    body = slice(before.index("Checksum"), before.index("Decisions since"))
    assert after[after.index("Checksum") : after.index("Decisions since")] == before[body]
    pack.title = "Changed"
    with pytest.raises(TypeError, match="never changes"):
        pack.save()
    with pytest.raises(TypeError):
        Pack.objects.update(title="Changed")
    with pytest.raises(TypeError):
        PackAsk.objects.get().save()
    for action in ("word", "issue", "share", "discard"):
        assert admin.post(f"{PACKS}drafts/{pack.pk}/{action}/").status_code == 404


def put(pack, **values):
    """Change a pack as someone would who is at the database, and has taken its guard away."""
    with unguarded():
        super(type(Pack.objects.all()), Pack.objects.filter(pk=pack.pk)).update(**values)


def test_a_pack_that_was_changed_in_the_database_says_so(admin):
    pack = issue(admin, make(admin))
    put(pack, content={**pack.content, "title": "Forged"})

    shown = text(admin, f"{PACKS}1/")
    assert "its checksum does not fit" in shown
    assert "Download" not in shown
    for kind in ("docx", "pdf"):
        assert admin.get(f"{PACKS}1.{kind}")["Location"] == f"{PACKS}1/"


def test_a_pack_that_a_newer_version_issued_is_not_an_error(admin):
    pack = issue(admin, make(admin))
    content = {**pack.content, "signatures": []}
    put(pack, content=content, checksum=checksum_of(content), checksum_scheme=1)

    assert "cannot read this pack" in text(admin, f"{PACKS}1/")
    assert admin.get(f"{PACKS}1.pdf").status_code == 302


def test_a_pack_keeps_its_checksum_when_content_gets_a_new_field(admin):
    """Here by one that an earlier version had not: its JSON is another once it was read and written again."""
    pack = issue(admin, make(admin))
    content = {name: value for name, value in pack.content.items() if name != "slipped"}
    put(pack, content=content, checksum=checksum_of(content), checksum_scheme=1)

    shown = text(admin, f"{PACKS}1/")
    assert checksum_of(content) in shown
    assert "does not fit" not in shown


def test_the_database_itself_refuses_to_change_an_issued_pack(admin):
    draft = make(admin)
    columns = "position, text, of_whom, is_left_out"
    statements = (
        "UPDATE plans_pack SET is_shared = is_shared",
        "UPDATE plans_packask SET text = text",
        f"INSERT INTO plans_packask (pack_id, {columns}) SELECT pack_id, {columns} FROM plans_packask",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        transaction.set_rollback(True)
    issue(admin, draft)
    for statement in (*statements, "DELETE FROM plans_packask", "DELETE FROM plans_pack"):
        with pytest.raises(IntegrityError, match="An issued pack never changes"):
            run(statement)


def run(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_restore_takes_the_guard_away_for_itself_alone(admin):
    issue(admin, make(admin))
    with transaction.atomic(), unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE plans_packask SET text = 'Restored'")
    with pytest.raises(IntegrityError):
        run("DELETE FROM plans_packask")


@pytest.mark.sqlite_only  # where restoring takes triggers away; on PostgreSQL no backup is made within a transaction
def test_a_backup_is_restored_over_issued_packs(admin, tmp_path):
    pack = issue(admin, make(admin))
    backup = tmp_path / "backup.zip"
    call_command("backup", backup, verbosity=0)
    call_command("restore", backup, "--replace", verbosity=0)

    assert seal_of(Pack.objects.get()) == pack.checksum
    with pytest.raises(IntegrityError, match="An issued pack never changes"):
        run("DELETE FROM plans_packask")


def test_what_an_issued_pack_asks_is_not_changed_past_its_model(admin):
    issue(admin, make(admin))

    with pytest.raises(TypeError):
        PackAsk.objects.update(text="Another")
    with pytest.raises(TypeError):
        PackAsk.objects.all().delete()
    with pytest.raises(TypeError):
        PackAsk.objects.get().delete()


def test_a_pack_is_marked_as_the_plan_is_when_it_is_issued(admin):
    pack = make(admin)
    other = next(one for one in Marking if one != pack.marking)
    Plan.objects.update(marking=other)

    assert f"marked {other.label}" in text(admin, f"{PACKS}drafts/{pack.pk}/issue/")
    pack = issue(admin, pack)
    assert (pack.marking, pack.content["marking"]) == (other, other.label)


def test_asks_name_activities_as_the_rest_of_the_pack_does(admin):
    pack = make(admin)
    activity = PackAsk.objects.get().activity
    before, activity.title = activity.title, "Another title"
    activity.save()

    [ask] = PackContent.from_json(issue(admin, pack).content).asks
    assert ask.activity.title == before


def test_copies_say_what_the_page_says(admin):
    issue(admin, make(admin))

    for kind, sign in (("docx", b"PK"), ("pdf", b"%PDF")):
        response = admin.get(f"{PACKS}1.{kind}")
        assert response.content.startswith(sign)
        assert response["Content-Disposition"] == f'attachment; filename="year-two-pack-1.{kind}"'


def test_a_pack_is_made_of_what_filters_leave(admin):
    pack = make(admin, query="?status=off_track")

    content = PackContent.from_json(pack.content)
    assert len(content.activities) == 1
    assert content.filters == "Status: Off track"
    assert pack.query == "status=off_track"


def test_filters_that_are_unknown_make_no_pack(admin):
    response = admin.post(f"{PACKS}make/?status=late", {"title": "Pack"})

    assert "These filters are unknown." in Page(response).text
    assert not Pack.objects.exists()


@pytest.mark.parametrize(("day", "words"), [("2001-01-01", "Choose a later day"), ("2999-01-01", "in the future")])
def test_a_day_that_cannot_be_told_makes_no_pack(admin, day, words):
    response = admin.post(f"{PACKS}make/", {"title": "Pack", "at": day})

    assert words in Page(response).text
    assert not Pack.objects.exists()


def test_the_next_pack_opens_with_what_the_last_one_asked(admin):
    issue(admin, make(admin))
    ask = PackAsk.objects.get()
    police = Agency.objects.get(code="police")
    due = timezone.localdate() + timedelta(days=30)
    typed = {"words": "Customs pays.", "agency": police.pk, "due_on": str(due)}
    assert admin.post(f"{PACKS}1/asks/{ask.pk}/decision/", typed).status_code == 302

    [answer] = PackContent.from_json(make(admin, title="Next").content).answers
    told = (answer.reference, answer.decision, answer.agency, answer.due_on)
    assert told == ("1.1", "Customs pays.", str(police), due)


def test_changes_are_those_since_the_last_pack(admin):
    issue(admin, make(admin))
    activity = Activity.objects.get(number=2)
    activity.title = "Another title"
    activity.save()

    changes = PackContent.from_json(make(admin, title="Next").content).changes
    assert changes.since.startswith("Pack 1, ")
    assert [one.activity.number for one in changes.activities] == ["2"]


def test_corrections_after_a_pack_are_in_the_next(admin, police_updater):
    issue(admin, make(admin))
    activity = PackAsk.objects.get().activity
    update = activity.updates.get()
    report = {"status": "at_risk", "agency": update.agency, "what_happened": "It came after all."}
    correct_update(update=update, by=police_updater.user, **report)

    [correction] = PackContent.from_json(make(admin, title="Next").content).corrections
    assert (correction.corrects, correction.words) == ("Pack 1", "It came after all.")


# One pack after the other.


def issued_content(client, pack, **others):
    return PackContent.from_json(issue(client, pack, **others).content)


def test_a_draft_that_another_pack_overtook_is_read_again_and_loses_no_words(admin):
    first, second = make(admin), make(admin, title="Second")
    ask = second.asks.get()
    words = {f"ask-{ask.pk}-text": "Decide who pays.", "new-1-text": "Note it.", "new-1-of_whom": "All"}
    word(admin, second, covering_note="Two asks.", show_state=None, **words, **{"new-1-due_on": DUE})
    issue(admin, first)
    response = send_issue(admin, second)
    assert "Pack 1 was issued after this draft was made. Read the plan again" in Page(response).text
    sent = response.content.decode()
    assert sent.count('method="post"') == sent.count('name="csrfmiddlewaretoken"') == sent.count("</form>") - 1
    assert "Pack 1 was issued after this draft was made." in text(admin, second.get_absolute_url())
    second.refresh_from_db()
    assert second.is_draft

    address = f"{PACKS}drafts/{second.pk}/read/"
    assert admin.post(address, {"version": second.version}).status_code == 302
    assert "Someone has saved this draft" in Page(admin.post(address, {"version": 1}, follow=True)).text
    content = issued_content(admin, second)
    assert [(one.text, one.of_whom) for one in content.asks] == [("Decide who pays.", "The board"), ("Note it.", "All")]
    assert (content.covering_note, content.changes.since[:7], len(content.answers)) == ("Two asks.", "Pack 1,", 1)
    assert "state" not in [one.section for one in content.sections]
    assert content.state.total == 0


def test_a_draft_of_an_earlier_day_is_read_again_as_at_that_day(admin):
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        admin.force_login(admin.user)
        day = timezone.localdate() - timedelta(days=1)
        pack = make(admin, at=str(day))
        Activity.objects.get(number=2).save()
        at = pack.at
        admin.post(f"{PACKS}drafts/{pack.pk}/read/", {"version": pack.version})
        pack.refresh_from_db()
        assert (pack.at, pack.version) == (at, 2)


def test_a_draft_whose_filters_are_unknown_by_now_is_left_as_it_is(admin):
    pack = make(admin, query="?status=off_track")
    put(pack, query="focus=gone")

    page = Page(admin.post(f"{PACKS}drafts/{pack.pk}/read/", {"version": 1}, follow=True))
    assert "The filters of this draft are unknown now. Make a new draft." in page.text


def test_asks_are_moved_one_at_a_time(admin):
    pack = make(admin)
    for place, words in enumerate(("Second", "Third"), start=1):
        word(admin, pack, **{f"new-{place}-text": words})
    first, second, third = pack.asks.all()

    word(admin, pack, **{f"ask-{first.pk}-position": "3"})
    assert list(pack.asks.all()) == [second, third, first]
    word(admin, pack, **{f"ask-{third.pk}-position": "1"})
    pack.refresh_from_db()
    assert [one["text"] for one in pack.content["asks"]] == ["Third", "Second", "Agree who pays."]


def test_a_barrier_becomes_an_ask_whole(admin, police_updater):
    barrier = Barrier.objects.get()
    Barrier.objects.filter(pk=barrier.pk).update(escalation_note="Long. " * 500)

    pack = make(admin)
    assert pack.asks.get().text == ("Long. " * 500)
    assert issue(admin, pack).number == 1


def test_a_draft_is_made_once_in_its_history(admin):
    assert [one.history_change_reason for one in make(admin).history.all()] == ["Pack made"]


def test_what_a_pack_leaves_out_is_neither_in_its_data_nor_lost_for_the_next(admin, police_updater):
    issue(admin, make(admin))
    ask, police = PackAsk.objects.get(), Agency.objects.get(code="police")
    day = timezone.localdate()
    decision = actions.decide(ask=ask, by=admin.user, words="Pay.", agency=police, due_on=day)
    actions.finish_decision(decision=decision, by=admin.user, done_on=day, note="Paid.")
    correct_update(update=ask.activity.updates.get(), by=police_updater.user, status="at_risk", agency=police)
    left_out = {"show_answers": None, "show_corrections": None}

    second = issued_content(admin, make(admin, title="Second"), **left_out)
    assert (second.answers, second.corrections) == ((), ())
    third = issued_content(admin, make(admin, title="Third"))
    assert [one.reference for one in third.answers] == ["2.1", "1.1"]
    assert [one.corrects for one in third.corrections] == ["Pack 1"]
    fourth = issued_content(admin, make(admin, title="Fourth"))
    assert "1.1" not in [one.reference for one in fourth.answers]
    assert not fourth.corrections


def test_corrections_are_of_what_the_filters_leave_and_others_come_later(admin, police_updater):
    issue(admin, make(admin))
    update = PackAsk.objects.get().activity.updates.get()
    correct_update(update=update, by=police_updater.user, status="at_risk", agency=update.agency)

    assert not issued_content(admin, make(admin, title="Second", query="?status=complete")).corrections
    assert len(issued_content(admin, make(admin, title="Third")).corrections) == 1


def test_an_update_that_was_reversed_after_a_pack_is_a_correction(admin):
    issue(admin, make(admin))
    update = PackAsk.objects.get().activity.updates.get()
    retract_updates([update.pk], by=admin.user, at=timezone.now(), note="Undone")

    [correction] = issued_content(admin, make(admin, title="Second")).corrections
    assert correction.words == (
        "Reversed, because its import was undone. It no longer counts. It said: The vessel is late."
    )
    assert (correction.corrects, correction.status) == ("Pack 1", "")
    assert not issued_content(admin, make(admin, title="Third")).corrections


def test_a_correction_of_a_correction_is_told_by_its_last_words(admin, police_updater):
    issue(admin, make(admin))
    update = PackAsk.objects.get().activity.updates.get()
    for words in ("Once.", "Twice."):
        report = {"status": "at_risk", "agency": update.agency, "what_happened": words}
        update = correct_update(update=update, by=police_updater.user, **report)

    [correction] = issued_content(admin, make(admin, title="Second")).corrections
    assert correction.words == "Twice."


def test_a_pack_of_an_earlier_day_tells_answers_and_corrections_of_that_day(admin, police_updater):
    """Of a pack that was issued by then; what was decided and put right since comes in the next."""
    issue(admin, make(admin))
    start, ask, police = timezone.now(), PackAsk.objects.get(), Agency.objects.get(code="police")
    update = ask.activity.updates.get()
    with time_machine.travel(start + timedelta(days=2)):
        admin.force_login(admin.user)
        day = timezone.localdate()
        actions.decide(ask=ask, by=admin.user, words="Pay.", agency=police, due_on=day)
        correct_update(update=update, by=police_updater.user, status="at_risk", agency=police)

        then = issued_content(admin, make(admin, title="Then", at=str(day - timedelta(days=1))))
        assert [(one.reference, one.decision) for one in then.answers] == [("1.1", "")]
        assert then.corrections == ()
        assert then.answers_at == then.at
        now = PackContent.from_json(make(admin, title="Now").content)
        assert [(one.reference, one.decision) for one in now.answers][-1] == ("1.1", "Pay.")
        # It said the words of then, too.
        assert [one.corrects for one in now.corrections] == ["Pack 2"]


def test_each_joint_lead_is_told_in_its_own_words(admin, police_updater):
    activity = Barrier.objects.get().activity
    unit = Agency.objects.get(code="swa")
    ActivityAgency.objects.update_or_create(activity=activity, agency=unit, defaults={"role": "lead", "position": 9})
    record_update(activity=activity, by=admin.user, agency=unit, status="on_track", what_happened="All well here.")

    [told] = PackContent.from_json(make(admin).content).exceptions
    assert [(one.words, one.status) for one in told.words] == [
        ("The vessel is late.", "Off track"),
        ("All well here.", "On track"),
    ]


@pytest.mark.parametrize("forged", [{"title": "Forged"}, {"number": 7}, {"marking": ""}, {"issued_at": timezone.now()}])
def test_the_checksum_covers_what_stands_beside_the_content(admin, forged):
    pack = issue(admin, make(admin))
    other = next(one for one in Marking.values if one != pack.marking)
    put(pack, **(forged if "marking" not in forged else {"marking": other}))

    assert "its checksum does not fit" in text(admin, f"{PACKS}{forged.get('number', 1)}/")


# Decisions.


@pytest.fixture
def decided(admin):
    """The decision of a board on the ask of an issued pack, for Police."""
    issue(admin, make(admin))
    ask, police = PackAsk.objects.get(), Agency.objects.get(code="police")
    return actions.decide(
        ask=ask, by=admin.user, words="Police pay.", agency=police, due_on=timezone.localdate() + timedelta(days=9)
    )


def test_a_decision_shows_with_its_ask(admin, decided):
    for address in (PACKS, f"{PACKS}1/"):
        shown = text(admin, address)
        assert "Decided: Police pay." in shown
    assert "Police pay." in text(admin, f"/plans/year-two/activities/{decided.ask.activity.number}/")


def test_people_of_the_agency_that_took_over_say_that_it_is_done(admin, decided, police_updater, other_updater):
    """By the button, which is there for whoever may use it."""
    for client, is_there in ((police_updater, True), (other_updater, False), (admin, True)):
        assert ("Say that it is done" in text(client, PACKS)) is is_there
    other = Agency.objects.get(code="te-whatu-ora")
    Agency.objects.filter(code="police").update(merged_into=other, ended_on=timezone.localdate())

    for address in (PACKS, f"{PACKS}1/"):
        assert "Say that it is done" in text(other_updater, address)
    assert other_updater.get(f"{PACKS}1/asks/{decided.ask_id}/done/").status_code == 200


def test_decisions_are_duties_of_their_agency_until_they_are_done(admin, decided, police_updater, visitor):
    agency, dates = "/plans/year-two/agencies/police/", "/plans/year-two/dates/"
    for address in (agency, dates, f"{dates}?agency=police&due=soon", f"{dates}?status=off_track"):
        shown = text(police_updater, address)
        assert "Decisions to carry out 1" in shown
        assert "Police pay." in shown
    others = ("/plans/year-two/agencies/swa/", f"{dates}?agency=swa", f"{dates}?due=late", f"{dates}?status=complete")
    for address in (*others, f"{agency}?at={timezone.now().isoformat()}", f"{dates}?agency=none"):
        assert "Decisions to carry out" not in Page(police_updater.get(address)).text
    assert "Decisions to carry out" not in text(visitor, agency) + text(visitor, dates)

    actions.finish_decision(decision=decided, by=admin.user, done_on=timezone.localdate(), note="Paid.")
    assert "Decisions to carry out" not in text(admin, agency) + text(admin, dates)


def test_duties_are_one_query(admin, decided, tricks_on):
    """Beside what the pages cost a person without any."""
    agency, dates = "/plans/year-two/agencies/police/", "/plans/year-two/dates/"
    before = [count_queries(admin, address) for address in (agency, dates)]
    ask = issue(admin, make(admin, title="Second")).asks.get()
    actions.decide(ask=ask, by=admin.user, words="More.", agency=decided.agency, due_on=decided.due_on)
    assert [count_queries(admin, address) for address in (agency, dates)] == before


def test_people_of_its_agency_say_that_it_is_done(admin, decided, police_updater, other_updater):
    address = f"{PACKS}1/asks/{decided.ask_id}/done/"
    typed = {"done_on": str(timezone.localdate()), "note": "Paid."}

    assert other_updater.post(address, typed).status_code == 403
    assert police_updater.post(address, typed).status_code == 302
    decided.refresh_from_db()
    assert (decided.done_on, decided.note) == (timezone.localdate(), "Paid.")
    assert "Paid." in text(admin, f"{PACKS}1/")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"done_on": "2999-01-01", "note": "x"}, "in the future"),
        ({"done_on": "2026-11-01", "note": ""}, "what was done"),
    ],
)
def test_done_needs_a_day_and_a_sentence(admin, decided, typed, words):
    assert words in Page(admin.post(f"{PACKS}1/asks/{decided.ask_id}/done/", typed)).text


def test_each_change_of_a_decision_is_in_its_history(admin, decided):
    actions.finish_decision(decision=decided, by=admin.user, done_on=timezone.localdate(), note="Paid.")

    reasons = decided.history.order_by("history_id").values_list("history_change_reason", flat=True)
    assert [*reasons] == ["Decision recorded", "Decision done"]


def test_what_was_done_earlier_than_it_was_said_is_told_once(admin, decided):
    """On a day before the last pack, which told the decision as open."""
    issue(admin, make(admin, title="Second"))
    day = timezone.localdate() - timedelta(days=3)
    actions.finish_decision(decision=decided, by=admin.user, done_on=day, note="Paid.")

    third = issue(admin, make(admin, title="Third"))
    told = {one["reference"]: one["done_on"] for one in third.content["answers"]}
    assert told["1.1"] == day.isoformat()
    assert "1.1" not in [one["reference"] for one in make(admin, title="Fourth").content["answers"]]


def test_decisions_are_of_issued_packs_alone(admin):
    make(admin)
    with pytest.raises(ValidationError, match="issued packs"):
        actions.decide(
            ask=PackAsk.objects.get(),
            by=admin.user,
            words="x",
            agency=Agency.objects.first(),
            due_on=timezone.localdate(),
        )
    assert not Decision.objects.exists()


# Who sees what.


def test_drafts_are_for_programme_admins_until_they_are_shared(admin, reader):
    pack = make(admin)
    address = f"{PACKS}drafts/{pack.pk}/"
    assert reader.get(address).status_code == 404
    assert pack.title not in text(reader, PACKS)

    admin.post(f"{address}share/", {"shared": "yes"})
    assert "Draft, not issued" in text(reader, address)
    assert pack.title in text(reader, PACKS)
    assert reader.get(f"{address}word/").status_code == 403

    admin.post(f"{address}share/", {"shared": "no"})
    assert reader.get(address).status_code == 404


def test_packs_of_an_unpublished_plan_are_for_admins(admin, reader):
    issue(admin, make(admin))
    Plan.objects.update(is_published=False, is_current=False)

    assert reader.get(f"{PACKS}1/").status_code == 404
    assert reader.get(f"{PACKS}1.pdf").status_code == 404
    assert admin.get(f"{PACKS}1/").status_code == 200


def test_a_discarded_draft_is_gone_from_pages_and_kept(admin):
    pack = make(admin)
    assert admin.post(f"{PACKS}drafts/{pack.pk}/discard/").status_code == 302

    assert admin.get(f"{PACKS}drafts/{pack.pk}/").status_code == 404
    pack.refresh_from_db()
    assert pack.state == PackState.DISCARDED


def test_there_are_no_packs_yet(admin, reader):
    assert "No packs have been issued yet" in text(admin, PACKS)
    assert "Make a pack" not in text(reader, PACKS)


def test_numbers_follow_each_other_without_gaps(admin):
    make(admin, title="Discarded")
    first, second = issue(admin, make(admin)), issue(admin, make(admin, title="Second"))

    assert (first.number, second.number) == (1, 2)


QUERIES = {
    "": 7,
    "1/": 6,
    "drafts/{draft}/": 5,
    "drafts/{draft}/word/": 7,
    "drafts/{draft}/issue/": 6,
    "1/asks/{ask}/decision/": 7,
    "1/asks/{ask}/done/": 7,
}


def test_pages_cost_as_many_queries_for_one_pack_as_for_three(admin, decided, tricks_on):
    pack = make(admin, title="Draft")
    for place in (1, 2):
        word(admin, pack, **{f"new-{place}-text": "Note it.", f"new-{place}-of_whom": "All"})
    for _ in range(2):
        told = {page.format(draft=pack.pk, ask=decided.ask_id): count for page, count in QUERIES.items()}
        found = {page: count_queries(admin, f"{PACKS}{page}") for page in told}
        assert found == told
        issue(admin, make(admin, title="Another"))


def count_queries(client, address):
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_issuing_costs_as_many_queries_for_one_ask_as_for_three(admin, django_assert_num_queries):
    """But for the asks that move: none do here."""
    for title in ("One", "Three"):
        pack = make(admin, title=title)
        if title == "Three":
            word(admin, pack, **{"new-1-text": "A", "new-1-of_whom": "All", "new-2-text": "B", "new-2-of_whom": "All"})
        word(admin, pack)
        with django_assert_num_queries(19):
            assert send_issue(admin, pack).status_code == 302


def test_dates_are_compared_since_the_last_pack(admin, visitor):
    issue(admin, make(admin))

    assert "Since Pack 1" in text(admin, "/plans/year-two/compare/")
    assert "Since Pack 1" not in Page(visitor.get("/plans/year-two/compare/")).text


def test_a_list_is_made_into_a_pack_with_its_filters(admin, reader):
    address = "/plans/year-two/activities/?status=off_track&sort=status"

    assert "packs/make/?status=off_track" in admin.get(address).content.decode()
    assert "packs/make/" not in reader.get(address).content.decode()
