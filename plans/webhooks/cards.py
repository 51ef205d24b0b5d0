"""What cards say: Adaptive Cards 1.4 in the envelope that workflows of Teams take.

Words that people wrote are in text runs, in which nothing is markup: in text blocks, `[this](https://…)` is a link.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from plans.choices import CardEvent, Marking
from plans.models import Activity, Barrier, Plan, ReportingRound
from plans.text import one_line

MOST_NAMED = 10
"""How many activities a card names; Teams takes 28 kB."""
LONGEST = 200


def off_track_card(plan: Plan, activities: list[Activity]) -> bytes:
    """Return the card that `activities`, with their agencies, went off track at the same time."""
    count = len(activities)
    title = "1 activity is now off track" if count == 1 else f"{count} activities are now off track"
    lines = [_of_activity(one) for one in activities[:MOST_NAMED]]
    if count > MOST_NAMED:
        lines.append(f"and {count - MOST_NAMED} more")
    path = activities[0].get_absolute_url() if count == 1 else f"{plan.get_absolute_url()}activities/?status=off_track"
    return _card(plan, title, lines, path)


def escalated_card(plan: Plan, barrier: Barrier) -> bytes:
    """Return the card that `barrier` was escalated."""
    lines = [_of_activity(barrier.activity), f"Barrier: {barrier.text}"]
    return _card(plan, "A barrier is escalated", lines, barrier.activity.get_absolute_url())


def round_card(plan: Plan, reporting_round: ReportingRound, event: CardEvent) -> bytes:
    """Return the card that a round was opened or closed."""
    path = f"{plan.get_absolute_url()}rounds/{reporting_round.pk}/"
    due = f"{reporting_round.due_on.day} {reporting_round.due_on:%B %Y}"
    if event == CardEvent.ROUND_OPENED:
        return _card(plan, f"{reporting_round.name}: round opened", [f"Updates are due by {due}."], path)
    return _card(plan, f"{reporting_round.name}: round closed", ["Its results are kept."], path)


def test_card(plan: Plan) -> bytes:
    """Return the card that shows that cards arrive."""
    return _card(plan, "Test card", ["Cards about this plan arrive here."], plan.get_absolute_url())


def _of_activity(activity: Activity) -> str:
    leads = ", ".join(str(link.agency) for link in activity.lead_links)
    return f"{activity} ({leads})" if leads else str(activity)


def _card(plan: Plan, title: str, lines: Iterable[str], path: str) -> bytes:
    body = [
        _text(title, size="Large", weight="Bolder"),
        *map(_text, lines),
        _text(f"{plan.name} · {Marking(plan.marking).label}", size="Small", isSubtle=True),
    ]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _safe(title),
        "body": body,
        "msteams": {"width": "Full"},
    }
    # Without the address of the site, no link can be written outside of a request.
    if settings.SITE_URL:
        content["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": f"{settings.SITE_URL}{path}"}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return json.dumps({"type": "message", "attachments": [attachment]}).encode()


def _text(text: str, **look: Any) -> dict[str, Any]:
    """Return a paragraph in which nothing is markup."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": _safe(text), **look}]}


def _safe(text: str) -> str:
    """Return `text` short, on one line, and without what cards take for the name of a function."""
    short = one_line(text)
    short = short if len(short) <= LONGEST else f"{short[: LONGEST - 1].rstrip()}…"
    return short.replace("{{", "{ {").replace("${", "$ {")
