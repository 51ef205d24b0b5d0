"""A database with everything in it that is easily lost on the way."""

from datetime import UTC, date, datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from plans.models import (
    AcceptedCheck,
    AccessToken,
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    AgencyContact,
    AgencyMerge,
    Agreement,
    Barrier,
    CalendarFeed,
    Decision,
    EvidenceLink,
    FocusArea,
    Import,
    ImportRow,
    ImportWord,
    Lineage,
    Membership,
    OutgoingMessage,
    Pack,
    PackAsk,
    PackTemplate,
    Plan,
    PriorityArea,
    ReadingNote,
    Reminder,
    ReportingRound,
    RollOver,
    RollOverChoice,
    StatusUpdate,
    SubActivity,
    UpdateLink,
    Webhook,
)
from plans.sealed_text import seal

MOMENT = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
ODD = "Whānau \U0001f33f “quoted” \\N \\. tab\there\r\nand a\u2028line, {{ 5 % }} NULL"
PASSWORD = "a-password-that-outlives-a-restore"


def _add_rights_and_ways_to_sign_in(person):
    person.groups.add(Group.objects.get_or_create(name="Programme admins")[0])
    person.user_permissions.add(Permission.objects.get(codename="change_agency"))
    SocialAccount.objects.create(user=person, provider="https://login.example.govt.nz", uid=ODD[:100])
    for kind, data in {
        "totp": {"secret": seal("JBSWY3DPEHPK3PXP", purpose="plans.second_step")},
        "recovery_codes": {"seed": seal("0123456789abcdef" * 5, purpose="plans.second_step"), "used_mask": 3},
        "webauthn": {"name": ODD[:40], "credential": {"id": "AAAA", "nested": [None, True, 1.5]}},
    }.items():
        Authenticator.objects.create(user=person, type=kind, data=data, last_used_at=MOMENT)
    # Told already: what waits when a backup is made is not sent once it is restored.
    OutgoingMessage.objects.update(state="sent", sent_at=MOMENT)


def fill():
    """Fill an empty database."""
    admin = get_user_model().objects.create_superuser("admin@programme.example", PASSWORD, name="Programme admin")
    person = get_user_model().objects.create_user("updater@police.example", PASSWORD, name="Police updater")
    _add_rights_and_ways_to_sign_in(person)
    police = Agency.objects.create(code="police", name="Police", name_mi="Ngā Pirihimana", note=ODD[:40])
    unit = Agency.objects.create(code="unit", name="A unit", kind="unit", parent=police)
    everybody = Agency.objects.create(code="all", name="All", kind="group")
    everybody.members.add(police)
    AgencyAlias.objects.create(agency=police, alias="NZP")
    merged = Agency.objects.create(code="merged", name="Merged", merged_into=police)
    AgencyMerge.objects.create(merged=merged, into=police, on=date(2026, 1, 1), reason=ODD, by=admin, before={"x": [1]})
    AgencyAlias.objects.create(agency=police, alias="Gone by now").delete()
    ImportWord.objects.create(kind="status", word="“In progress”", meaning="on_track")
    plan = Plan.objects.create(slug="year-two", name="Year Two", short_name="Two", is_published=True, is_current=True)
    area = FocusArea.objects.create(code="supply", position=1, statement="Supply")
    activity = Activity.objects.create(
        plan=plan,
        number=1,
        title="Kāinga",
        description=ODD,
        description_state="finalised",
        focus_area=area,
        priority_area=PriorityArea.objects.create(code="p1", position=1, name="Enforcement"),
        as_printed={"activity": "1. Kāinga", "support_agencies": "", "description": ODD},
        ending="carried_on",
        ended_on=date(2026, 6, 30),
        ending_note=ODD[:500],
    )
    activity.title = "Kāinga, changed"
    activity._change_reason = ODD
    activity.save()
    # As no save would leave it: what was kept is to come back, not what would be computed today.
    Activity.objects.filter(pk=activity.pk).update(search_text="as an earlier version folded it")
    ActivityAgency.objects.create(activity=activity, agency=police, role="lead")
    SubActivity.objects.create(activity=activity, text=ODD, is_done=True, done_on=date(2026, 6, 30))
    ReadingNote.objects.create(plan=plan, position=1, text=ODD)
    Membership.objects.create(user=person, agency=police, started_at=MOMENT)
    round_ = ReportingRound.objects.create(
        plan=plan,
        name="June quarter",
        opened_on=date(2026, 4, 1),
        due_on=date(2026, 6, 30),
        closed_at=MOMENT,
        closed_by=admin,
        closing_report={"text": ODD, "nested": [None, True, 1, 1.5, {"due": "2026-06-30"}]},
    )
    reminder = Reminder.objects.create(
        round=round_, person=person, day=date(2026, 6, 20), activity_count=1, state="sent", by=admin, sent_at=MOMENT
    )
    reminder.agencies.add(police)
    link = UpdateLink.objects.create(
        person=person, round=round_, public_id="ended", revoked_at=MOMENT, revoked_by=admin
    )
    AccessToken.objects.create(
        person=person,
        name=ODD[:60],
        plan=plan,
        public_id="ended",
        secret_hash="-",
        ends_on=date(2026, 6, 30),
        revoked_at=MOMENT,
        revoked_by=admin,
    )
    OutgoingMessage.objects.create(
        kind="daily", key="daily:1:2026-06-20", person=person, day=date(2026, 6, 20), state="sent", sent_at=MOMENT
    )
    update = StatusUpdate.objects.create(
        by_link=link,
        activity=activity,
        agency=police,
        author=person,
        round=round_,
        status="at_risk",
        barrier=ODD,
        made_at=MOMENT,
    )
    Barrier.objects.create(activity=activity, update=update, text=ODD)
    Agreement.objects.create(update=update, agency=unit, agrees=False, words=ODD, author=person)
    EvidenceLink.objects.create(
        activity=activity, update=update, address="https://xn--mori-qsa.nz/", label=ODD[:40], author=person
    )
    AcceptedCheck.objects.create(activity=activity, name="moved", reason=ODD, until=date(2027, 6, 30), author=admin)
    AgencyContact.objects.create(plan=plan, agency=police, role="Programme lead", email="lead@police.example")
    pack = Pack.objects.create(
        plan=plan, title=ODD[:200], at=MOMENT, marking="in_confidence", content={"text": ODD}, made_by=admin
    )
    ask = PackAsk.objects.create(pack=pack, position=1, activity=activity, text=ODD[:1000], of_whom=ODD[:200])
    Decision.objects.create(ask=ask, words=ODD[:1000], agency=police, due_on=date(2026, 6, 30), made_by=admin)
    PackTemplate.objects.create(plan=plan, file_name=ODD[:200], taken={"styles": ODD}, uploaded_by=admin)
    draft = Plan.objects.create(slug="next", name="Next plan", short_name="Next")
    later = Activity.objects.create(
        plan=draft, number=1, focus_area=area, priority_area=PriorityArea.objects.get(code="p1")
    )
    Lineage.objects.create(earlier=activity, later=later)
    roll_over = RollOver.objects.create(
        old_plan=plan, new_plan=draft, made={"1": {"activity": later.pk}}, made_at=MOMENT, made_by=admin
    )
    RollOverChoice.objects.create(roll_over=roll_over, activity=activity, outcome="continue", sentence=ODD[:500])
    Webhook.objects.create(plan=plan, host="cards.example", sealed_address=ODD, turned_off_at=MOMENT, saved_by=admin)
    CalendarFeed.objects.create(person=person, name=ODD[:40], kind="mine", public_id="revoked", revoked_at=MOMENT)
    source = Import.objects.create(
        plan=plan, file_name="plan.xlsx", content=bytes(range(256)) * 4, size_bytes=1024, uploaded_by=admin
    )
    ImportRow.objects.create(source=source, kind="created", after={"title": ODD})
    LogEntry.objects.create(
        user=admin,
        content_type=ContentType.objects.get_for_model(Agency),
        object_id="1",
        object_repr=ODD,
        action_flag=2,
    )
