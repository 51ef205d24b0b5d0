"""Who gets which email before it goes, what went, and trying again what did not: for programme admins."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plans.actions import outbox
from plans.actions.mail_ahead import days_ahead, mail_ahead
from plans.choices import MessageState
from plans.models import OutgoingMessage
from plans.outgoing import is_mail_sent
from plans.permissions import current_plan
from plans.views.people import for_programme_admins

PEOPLE_PER_PAGE = 50
MESSAGES_PER_PAGE = 50


@require_safe
@for_programme_admins
@never_cache
def mail(request):
    """The emails of today and of the next days as they stand now, and everything of the outbox, the latest first."""
    days, today = mail_ahead(days_ahead()), timezone.localdate()
    asked = request.GET.get("day", "")
    shown = next((one for one in days if f"{one.day:%Y-%m-%d}" == asked), days[0])
    sent = OutgoingMessage.objects.select_related("person", "plan", "round").order_by("-made_at", "-pk")
    state = request.GET.get("state", "")
    if state in MessageState.values:
        sent = sent.filter(state=state)
    page = Paginator(sent, MESSAGES_PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.label = outbox.KINDS[one.kind].label if one.kind in outbox.KINDS else one.kind
        one.can_be_tried = one.state in outbox.CAN_BE_TRIED_AGAIN
    context = {
        "plan": current_plan(request.user),
        "section": "mail",
        "days": days,
        "shown": shown,
        "is_today": shown.day == today,
        "people": Paginator(shown.people, PEOPLE_PER_PAGE).get_page(request.GET.get("people")),
        "page": page,
        "states": MessageState,
        "state": state,
        "is_mail_sent": is_mail_sent(),
    }
    return render(request, "plans/mail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
def try_again(request, pk):
    """Have a message sent once more that failed, or of which it is not known whether it left."""
    if request.method == "POST":
        if outbox.try_again(pk):
            messages.success(request, "It is sent again within minutes, if there is still something to say.")
        else:
            messages.info(request, "Nothing was changed. It has been sent, or is being sent.")
    return redirect("plans:mail")
