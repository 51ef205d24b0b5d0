"""What templates need: words, links, the menus of a page, and cached fragments."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from plans.as_at import today
from plans.fast.fragments import cached_fragment
from plans.forms import idempotency
from plans.permissions import can_administer, current_plan, get_plan
from plans.spreadsheets.importing.outcome import rows_within
from plans.spreadsheets.pages.summary import ImportSummary
from plans.summaries import say_ended, say_late
from plans.summaries.headline import due_in_words
from plans.summaries.navigation import navigation_of
from plans.summaries.record import moment_in_words, short_moment_in_words
from plans.text import count_of, matches

TINTS = 4
"""How many tints `static/tracker.css` has, as classes from `tint-1`."""
NONE_COUNTED = format_html(
    '<td class="num"><span class="quiet" aria-hidden="true">{}</span><span class="visually-hidden">0</span></td>', "·"
)
register = template.Library()
register.simple_tag(cached_fragment)
register.filter("moment", moment_in_words)
register.filter("short_moment", short_moment_in_words)
register.filter("count_of", count_of)
register.filter("rows_within", rows_within)
register.filter("ended", say_ended)


@register.simple_tag
def is_demo():
    """Return whether all that the site shows is made up (`make demo`)."""
    return settings.ROCC_DEMO


@register.simple_tag
def day_shown():
    """Return the day that a page shows in words: today, or that of the moment as at which it is made."""
    return _in_words(today())


@register.simple_tag(takes_context=True)
def form_key(context):
    """Return the hidden field by which a form that is sent twice is done once; one filled in again keeps its key."""
    filled_in = getattr(context.get("request"), "kept_in_form", None)
    key = (filled_in and idempotency.key_in(filled_in.fields)) or idempotency.new_key()
    return format_html('<input type="hidden" name="{}" value="{}">', idempotency.FIELD, key)


@register.filter
def day(value):
    """Return a date or a moment as a day in the programme's time zone: "1 July 2024"."""
    if not value:
        return ""
    return _in_words(localtime(value).date() if hasattr(value, "tzinfo") else value)


@lru_cache(maxsize=1000)
def _in_words(date):
    return format_date(date, "j F Y")


@register.filter
def short_day(value):
    """Return a date or a moment as tables show it, "1 Jul 2024", on one line."""
    return _in_short(localtime(value).date() if hasattr(value, "tzinfo") else value) if value else ""


@lru_cache(maxsize=1000)
def _in_short(date):
    return format_date(date, "j\xa0M\xa0Y")


@register.filter
def plan_period(plan):
    """When a plan runs, in words."""
    if plan.starts_on and plan.ends_on:
        return f"{day(plan.starts_on)} to {day(plan.ends_on)}"
    if plan.starts_on:
        return f"From {day(plan.starts_on)}"
    return f"Until {day(plan.ends_on)}" if plan.ends_on else "Dates to be confirmed"


@register.filter
def days_open(moment):
    """Return for how many days of the programme's time zone something has been open: "Open for 90 days."."""
    days = (today() - localtime(moment).date()).days
    return f"Open for {count_of(days, 'day,days')}." if days > 0 else "Opened today."


@register.filter
def due_words(reporting_round):
    """Return when the updates of a round are due: "due 11 December 2026 (in 11 days)"; blank for none."""
    if not reporting_round:
        return ""
    due = f"due {day(reporting_round.due_on)}"
    return f"{due} ({_days_away(reporting_round.due_on)})" if reporting_round.is_open else due


@register.filter
def due_soon(reporting_round):
    """Return when the updates of an open round are due, in few words: "due in 11 days"; blank for none."""
    return due_in_words(reporting_round, today()) if reporting_round else ""


def _days_away(date):
    """Return how far a date is from today: "in 11 days", "today", "3 days ago"."""
    days = (date - today()).days
    if days == 0:
        return "today"
    return f"in {count_of(days, 'day,days')}" if days > 0 else f"{count_of(-days, 'day,days')} ago"


@register.filter
def signed_days(days):
    """Return a number of days as one moved by them: "+92 days", "−1 day"; blank for None."""
    return "" if days is None else f"{days:+,d} {'day' if abs(days) == 1 else 'days'}".replace("-", "−")


@register.filter
def freshness_flag(activity, open_round):
    """Return what an activity's page says of a report that is late or was never made today; see `say_late`."""
    return say_late(activity, open_round, today())


@register.filter
def mark(text, words):
    """Return the text with the folded `words` marked, wherever they stand, with or without macrons."""
    if not words:
        return text
    pieces, reached = [], 0
    for start, end in matches(text, words):
        pieces += [(text[reached:start], text[start:end])]
        reached = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[reached:])


@register.simple_tag
def agency_names(names):
    """Return the names of agencies ([AgencyName]) in a sentence, te reo names marked as such: "APA, Kāinga Ora"."""
    return format_html_join(", ", "{}", ((_agency_name(one),) for one in names))


def _agency_name(name):
    return format_html('<span lang="{}">{}</span>', name.lang, name.label) if name.lang else name.label


@register.filter
def pill(status):
    """Return a status as shape and word, as `components/status_pill.html` says. Lists show it in every row."""
    return cached_fragment("components/status_pill.html", status=status)


@register.filter
def was(status, earlier):
    """Return what a status was before, "was On track", marked as down where it is worse now; blank for None."""
    if earlier is None:
        return ""
    down = " was--down" if status.is_worse_than(earlier) else ""
    return format_html('<span class="was{}">was {}</span>', down, earlier.label)


@register.filter
def of_agency(address, agency):
    """Return the address of a list of an agency, None for anyone's, to which more may be added."""
    return f"{address}?agency={agency.code}&" if agency else f"{address}?"


@register.simple_tag
def count_cell(count, most, address):
    """Return the cell of a table of counts: it leads to what it counts, and is tinted by its share of the `most`.

    Nothing is a dot, which a screen reader says as 0.
    """
    if not count:
        return NONE_COUNTED
    tint = -(-count * TINTS // most) if most else 0
    tinted = format_html(" tint-{}", min(tint, TINTS)) if tint else ""
    return format_html('<td class="num{}"><a href="{}">{}</a></td>', tinted, address, count)


@register.filter
def at(activity, plan):
    """Return the address of an activity of `plan`. Reversing each one takes ten times as long."""
    return f"{_activities(plan.slug)}{activity.number}/"


@lru_cache(maxsize=1000)
def _activities(slug):
    return reverse("plans:activity_list", args=[slug])


@register.simple_tag(takes_context=True)
def plan_of_page(context):
    """Return the plan whose menus a page shows: its own, else the current one that the person sees; None without any.

    No query for a plan that came from `get_plan`; one for others, and for a page about none.
    """
    plan, user = context.get("plan"), context.get("user")
    if user is None:
        return None
    if plan is None:
        return current_plan(user)
    return plan if hasattr(plan, "barrier_count") else get_plan(user, plan.slug)


@register.simple_tag(takes_context=True)
def navigation(context, plan):
    """Return where the person can go from a page of `plan` (or of none), as a `Navigation`. No query."""
    # A page about an error may not know who is signed in.
    user = context.get("user") or AnonymousUser()
    return navigation_of(plan, is_admin=can_administer(user), is_staff=user.is_staff)


KILOBYTE, MEGABYTE = 1_000, 1_000_000


@register.filter
def size(count_bytes):
    """Return a number of bytes as people say it: "850 bytes", "12 kB", "1.4 MB"."""
    if count_bytes < KILOBYTE:
        return f"{count_bytes} bytes"
    if count_bytes < MEGABYTE:
        return f"{count_bytes / KILOBYTE:.0f} kB"
    return f"{count_bytes / MEGABYTE:.1f} MB"


@register.filter
def thousands(count):
    """Return a whole number with its thousands parted: "10,000"."""
    return f"{count:,}"


@register.filter
def changes_in_words(source):
    """Return what an import made and changed, in a few words: "2 new, 12 changed"; takes an `Import`."""
    summary = ImportSummary(source)
    created, updated = summary.count("created"), summary.count("updated")
    return ", ".join([*([f"{created:,} new"] if created else []), f"{updated:,} changed"])
