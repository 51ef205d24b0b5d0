"""Which emails one gets: chosen on the account page, or turned off by the link in an email, without signing in.

Programs that check mail open every link and press its buttons. So GET changes nothing, and the button of the page does
nothing unless something was ticked. What mail programs send when their own "Unsubscribe" is used (RFC 8058) is a POST
with one fixed field, which no form of the page has.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from plans.actions import mail_choices as actions
from plans.actions.mail_choices import MailPart
from plans.views.form_recovery import signed_in
from plans.views.secret_address import at_secret_address

ONE_CLICK = ("List-Unsubscribe", "One-Click")
NONE_TICKED = "Choose what to stop. Nothing is changed yet."


@at_secret_address
def stop_mail(request, token):
    """Turn off what was in an email."""
    found = actions.read_stop_token(token)
    if found is None:
        raise Http404("This link is not complete. Copy all of it from the email, or choose on your account page.")
    person, parts = found
    if request.method == "POST" and request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        actions.stop_mail(person, parts)
        return _private(HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8"))
    chosen = [one for one in MailPart if one in request.POST.getlist("stop")]
    if chosen:
        actions.stop_mail(person, chosen)
    problem = NONE_TICKED if request.method == "POST" and not chosen else ""
    context = {"parts": list(MailPart), "in_mail": parts, "stopped": chosen, "problem": problem}
    return _private(render(request, "plans/stop_mail.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def choose_mail(request):
    """Keep which emails one wants, as chosen on the account page."""
    if request.method == "POST":
        wanted = request.POST.getlist("mail")
        actions.choose_mail(request.user, reminders=MailPart.REMINDERS in wanted, digest=MailPart.DIGEST in wanted)
        messages.success(request, "Saved. That is how emails go from now on.")
    return redirect("account")


def _private(response):
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
