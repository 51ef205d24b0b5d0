"""Calendar feeds: the page on which a person makes and revokes theirs, the feeds, and the dates of one activity."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag, urlencode
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plans.actions.calendar_feeds import feed_token, make_feed, note_reading, open_feed, revoke_feed
from plans.calendars.due_events import read_due_events, read_round_events
from plans.calendars.ical import CONTENT_TYPE, write_calendar
from plans.choices import FeedKind
from plans.fast.conditional_page import what_pages_are_made_of
from plans.filters.activities import ActivityFilter, without_arrangement
from plans.filters.file_names import file_name
from plans.forms.calendar_feeds import CalendarFeedForm
from plans.forms.idempotency import idempotent
from plans.models import Activity, Agency, Plan, SubActivity
from plans.outgoing import absolute_link
from plans.permissions import agencies_of, can_read, can_see_checks, get_plan
from plans.summaries import find_party
from plans.views.form_recovery import kept, signed_in

MINE = "Activities that your agencies lead, sub-activities that they are responsible for, and rounds, in every plan"
SEARCH_ENGINES_OUT = "noindex, nofollow"


@dataclass(frozen=True)
class FeedOffer:
    """What a feed would hold: `label` names it, `holds` says it in a sentence; the rest is as in `CalendarFeed`."""

    kind: FeedKind
    label: str
    holds: str
    plan: Plan | None = None
    query: str = ""


class FeedRow(NamedTuple):
    """A feed in the list: its address, the same for calendar programs, and what it holds."""

    feed: object
    address: str
    webcal: str
    holds: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@idempotent
def feed_list(request):
    """The calendar feeds of whoever is signed in, and the form that makes one of what the address names."""
    if request.method == "POST":
        return _make(request)
    asked = {name: request.GET.get(name, "") for name in ("plan", "agency", "list")}
    offer = _offer(request.user, **asked)
    return _page(request, offer, _form(offer, kept(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def feed_revoke(request, pk):
    """Revoke one's own feed; one that is revoked already stays so."""
    if request.method == "POST" and revoke_feed(person=request.user, pk=pk):
        messages.success(request, "That feed no longer works. Remove it from your calendar program too.")
    return redirect("calendar_feeds")


@login_not_required
@require_safe
def feed(request, token):
    """The calendar of a feed: what its person may see now. 304 where nothing has changed, at the cost of one query."""
    found = open_feed(token)
    if found is None:
        # A calendar program shows no page to anybody.
        return HttpResponse("There is no such calendar.\n", status=404, content_type="text/plain")
    link, on = absolute_link(request, "/"), localdate()
    version = _version(found, link, on)
    if found.data_version is not None and found.content_version == version:
        if response := get_conditional_response(request, *_marks(found)):
            note_reading(found)
            return _private(response, found)
        content = _content(request, found, on)
        note_reading(found)
    else:
        content = _content(request, found, on)
        note_reading(found, version=version, tag=hashlib.sha256(content).hexdigest()[:32])
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="due-dates.ics"'
    return _private(get_conditional_response(request, *_marks(found), response), found)


@require_safe
def activity_due(request, plan_slug, number):
    """The due dates of an activity and of its sub-activities as a calendar file, to open once."""
    plan = get_plan(request.user, plan_slug)
    activity = Activity.objects.filter(plan=plan, number=number).first()
    events = read_due_events([activity.pk]) if activity else []
    if not events:
        raise Http404("This activity has no due date.")
    name = f"{plan.short_name}: activity {activity.number}"
    response = HttpResponse(_written(request, name, events), content_type=CONTENT_TYPE)
    name = file_name(plan, [f"Activity {activity.number}", "due"], localdate(), "ics")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _make(request):
    form = CalendarFeedForm(request.POST)
    if not form.is_valid():
        asked = form.cleaned_data.get
        offer = _offer_of(request.user, asked("kind", ""), asked("plan", ""), asked("query", ""))
        return _page(request, offer, form)
    told = form.cleaned_data
    offer = _offer_of(request.user, told["kind"], told["plan"], told["query"])
    try:
        made = make_feed(person=request.user, name=told["name"], kind=offer.kind, plan=offer.plan, query=offer.query)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _page(request, offer, form)
    messages.success(request, f"Feed “{made.name}” made. Copy its address into your calendar program.")
    return redirect("calendar_feeds")


def _form(offer, kept_fields):
    told = {"kind": offer.kind.value, "plan": offer.plan.slug if offer.plan else "", "query": offer.query}
    form = CalendarFeedForm(initial={"name": offer.label[:80], **told})
    if kept_fields:
        form.initial["name"] = kept_fields.get("name", form.initial["name"])
    return form


def _page(request, offer, form):
    feeds = request.user.calendar_feeds.live().select_related("plan")
    rows = [_row(request, one) for one in feeds]
    context = {"section": "account", "offer": offer, "form": form, "rows": rows, "is_mine": offer.kind == FeedKind.MINE}
    return render(request, "account/calendar_feeds.html", context)


def _row(request, feed):
    address = absolute_link(request, reverse("plans:calendar_feed", args=[feed_token(feed)]))
    webcal = f"webcal:{address.partition(':')[2]}"
    is_seen = feed.plan is None or feed.plan.is_published
    try:
        holds = _offer_of(request.user, feed.kind, feed.plan.slug if feed.plan else "", feed.query).holds
    except Http404:
        holds = "Nothing now: what it held is no longer there"
    return FeedRow(feed, address, webcal, holds if is_seen else f"Nothing now: {feed.plan} is not published")


def _offer(person, *, plan, agency, list):  # noqa: A002 - what the address calls it
    """Return what is offered at an address: dates of an agency or of a list in a plan, else the person's own."""
    if plan and agency:
        return _offer_of(person, FeedKind.AGENCY, plan, urlencode({"agency": agency}))
    return _offer_of(person, FeedKind.VIEW if plan else FeedKind.MINE, plan, list)


def _offer_of(person, kind, slug, query):
    """Return the offer of that kind; raises `Http404` for a plan or an agency that the person cannot see."""
    if kind not in (FeedKind.AGENCY, FeedKind.VIEW) or not slug:
        return FeedOffer(FeedKind.MINE, "My due dates", MINE)
    plan = get_plan(person, slug)
    if kind == FeedKind.AGENCY:
        agency = find_party(plan, QueryDict(query).get("agency", ""))
        if agency is None:
            raise Http404("There is no such agency in this plan.")
        holds = f"Activities that {agency} leads or supports, sub-activities that it is responsible for, and rounds"
        return FeedOffer(
            FeedKind.AGENCY,
            f"{agency}, {plan.short_name}",
            f"{holds}, in {plan}",
            plan,
            f"agency={agency.code.lower()}",
        )
    # How they are shown means nothing to a calendar.
    query = without_arrangement(QueryDict(query), "at")
    filters = _filters(person, plan, query)
    if not filters.is_valid():
        raise Http404("These filters are not known.")
    chosen = "; ".join(chip.label for chip in filters.chips)
    holds = f"Activities, their sub-activities, and rounds, in {plan}"
    label = f"{plan.short_name}: {chosen}" if chosen else f"{plan.short_name} due dates"
    return FeedOffer(FeedKind.VIEW, label, f"{holds}. {chosen}" if chosen else holds, plan, query)


def _filters(person, plan, query):
    on = localdate()
    return ActivityFilter(QueryDict(query), plan=plan, on=on, has_checks=can_see_checks(person))


def _chosen(feed, on):
    """Return (activities, sub-activities besides theirs) of a feed as querysets, withdrawn ones too; None for none.

    They are of published plans, also for programme admins: whoever has the address sees them.
    """
    person, plan = feed.person, feed.plan
    if not can_read(person) or (plan and not plan.is_published):
        return None
    if feed.kind == FeedKind.VIEW:
        filters = _filters(person, plan, feed.query)
        if not filters.is_valid():
            return None
        of_plan = Activity.objects.filter(plan=plan).with_freshness(plan.open_round, on)
        return of_plan.left_by(filters.selection, on), None
    if feed.kind == FeedKind.AGENCY:
        agencies = _agency(feed.query)
        activities, plans = Activity.objects.filter(plan=plan).involving(agencies), [plan.pk]
    else:
        agencies, plans = agencies_of(person).values("pk"), Plan.objects.published().values("pk")
        activities = Activity.objects.filter(plan__in=plans).reportable_by(agencies)
    return activities, SubActivity.objects.filter(agency__in=agencies, activity__plan__in=plans)


def _agency(query):
    """Return the id of the agency that a feed is of, or of the one that it was merged into, as a list."""
    code = QueryDict(query).get("agency", "")
    found = Agency.objects.filter(code__iexact=code).values_list("pk", "merged_into")
    return [into or pk for pk, into in found]


def _content(request, feed, on):
    found, events = _chosen(feed, on), []
    if found is not None:
        activities, items = found
        chosen = dict(activities.order_by().values_list("pk", "plan"))
        events = read_due_events(chosen, items)
        events += read_round_events({feed.plan_id} if feed.plan_id else set(chosen.values()))
    return _written(request, feed.name, events)


def _written(request, name, events):
    return write_calendar(name, events, lambda path: absolute_link(request, path))


def _version(feed, link, on):
    """Return what the calendar is made of, as a digest: it is the same calendar as long as that is the same."""
    made_of = (feed.data_version, what_pages_are_made_of(), link, on.isoformat())
    return hashlib.sha256(repr(made_of).encode()).hexdigest()


def _marks(feed):
    """Return the ETag of the calendar as it was last made, and when it changed in seconds."""
    # Weak, since compression changes the bytes.
    tag = f"W/{quote_etag(feed.content_tag)}" if feed.content_tag else None
    return tag, feed.content_changed_at and int(feed.content_changed_at.timestamp())


def _private(response, feed):
    tag, changed = _marks(feed)
    response.headers["ETag"], response.headers["Last-Modified"] = tag, http_date(changed)
    # Asked for each time, and kept by nobody in between.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = SEARCH_ENGINES_OUT
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
