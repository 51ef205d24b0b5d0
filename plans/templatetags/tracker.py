"""Words and links that templates need."""

from functools import cache, lru_cache
from itertools import islice

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime

from plans.choices import Freshness, Status
from plans.text import excerpt, matches

register = template.Library()


@register.filter
def day(value):
    """A date or a moment as a day in the programme's time zone: "1 July 2024"."""
    if not value:
        return ""
    return format_date(localtime(value) if hasattr(value, "tzinfo") else value, "j F Y")


@register.filter
def count_of(count, noun):
    """A count with its noun: "1 activity", "2 activities", given "activity,activities"."""
    one, many = noun.split(",")
    return f"{count} {one if count == 1 else many}"


@register.filter
def plan_period(plan):
    """When a plan runs, in words."""
    if plan.starts_on and plan.ends_on:
        return f"{day(plan.starts_on)} to {day(plan.ends_on)}"
    if plan.starts_on:
        return f"From {day(plan.starts_on)}"
    return f"Until {day(plan.ends_on)}" if plan.ends_on else "Dates to be confirmed"


@register.filter
def days_since(moment):
    """For how many days of the programme's time zone something has been so: "since today", "for 90 days"."""
    days = (localdate() - localtime(moment).date()).days
    return f"for {count_of(days, 'day,days')}" if days > 0 else "since today"


@register.filter
def due_words(reporting_round):
    """When the updates of a round are due, to stand behind "updates": "are due 30 November 2026"."""
    late_days = (localdate() - reporting_round.due_on).days
    if late_days <= 0:
        return f"{'are' if reporting_round.is_open else 'were'} due {day(reporting_round.due_on)}"
    ago = f", {count_of(late_days, 'day,days')} ago" if reporting_round.is_open else ""
    return f"were due {day(reporting_round.due_on)}{ago}"


@register.filter
def freshness_label(activity):
    """How old its latest report is, in a word or two. Takes an activity with `with_freshness()`."""
    return Freshness(activity.freshness).label


@register.filter
def freshness_flag(activity, open_round):
    """What a row says of a report that is late or was never made; blank when nothing is amiss, or its status says so.

    Takes an activity with `with_freshness()`, and the open round of its plan or None.
    """
    late_days = (localdate() - open_round.due_on).days if open_round else 0
    if late_days > 0 and activity.freshness != Freshness.CURRENT:
        return f"Update {count_of(late_days, 'day,days')} overdue"
    is_unsaid = activity.freshness == Freshness.NEVER and activity.status_choice is not Status.NO_UPDATE
    return Freshness.NEVER.label if is_unsaid else ""


@register.filter
def support_summary(activity):
    """How many agencies support an activity, in words; blank when none does."""
    links = activity.support_links
    if len(links) == 1 and links[0].agency.is_group:
        return f"{links[0].agency.label.lower()} supporting"
    return f"{len(links)} supporting" if links else ""


@register.filter
def mark(text, words):
    """The text with the folded `words` marked, wherever they stand, with or without macrons."""
    if not words:
        return text
    pieces, reached = [], 0
    for start, end in matches(text, words):
        pieces += [(text[reached:start], text[start:end])]
        reached = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[reached:])


@register.filter
def found_in(activity, words):
    """Where words of a search were found when the title does not show them, as [text]: one excerpt at most.

    Takes an activity fetched with agencies and sub-activities; no query.
    """
    hidden = [word for word in words or [] if not matches(activity.name, [word])]
    if not hidden:
        return []
    items = activity.sub_activities.all()
    texts = [activity.description, *(item.text for item in items), *(item.footnote for item in items)]
    names = [
        f"{link.get_role_display()}: {name if name == link.agency.name else f'{name} ({link.agency})'}"
        for link in activity.agency_links.all()
        for name in link.agency.names
    ]
    return list(islice(filter(None, (excerpt(text, hidden) for text in [*texts, *names])), 1))


@register.simple_tag
def agency_names(links):
    """The names of linked agencies in a sentence, te reo names marked as such: "APA, Kāinga Ora"."""
    return SafeString(", ".join(_agency_name(link.agency) for link in links))


def _agency_name(agency):
    return format_html('<span lang="mi">{}</span>', agency.name) if agency.name_is_te_reo else escape(agency.label)


@register.filter
def pill(status):
    """A status as shape and word, as `components/status_pill.html` says. Lists show it in every row."""
    return render_to_string("components/status_pill.html", {"status": status}) if settings.DEBUG else _pill(status)


@cache
def _pill(status):
    return render_to_string("components/status_pill.html", {"status": status})


@register.filter
def at(activity, plan):
    """The address of an activity of `plan`. Working each one out from the name of its page takes ten times as long."""
    return f"{_activities(plan.slug)}{activity.number}/"


@lru_cache(maxsize=1000)
def _activities(slug):
    return reverse("plans:activity_list", args=[slug])
