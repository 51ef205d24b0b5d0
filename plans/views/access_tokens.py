"""Your access tokens: the list, making one, which is shown once, and ending one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions.access_tokens import end_own_token, make_token
from plans.forms.access_tokens import TokenForm
from plans.views import form_recovery


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@form_recovery.signed_in
def access_tokens(request):
    """The tokens of the person, and a form for a new one, whose secret is in the answer alone: it is kept nowhere."""
    form = TokenForm(request.POST if request.method == "POST" else form_recovery.kept(request), person=request.user)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = make_token(person=request.user, **form.cleaned_data)
            form = TokenForm(person=request.user)
        except ValidationError as error:
            form.add_error(None, error)
    tokens = request.user.access_tokens.live(timezone.localdate()).for_list()
    context = {"section": "account", "form": form, "made": made, "tokens": tokens}
    response = render(request, "account/access_tokens.html", context)
    if made:
        # Saved, though it goes on to no other page: nothing is to be offered again.
        request.shown_again = None
        form_recovery.forget(request, response)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@form_recovery.signed_in
def end_token(request, pk):
    """End one's own token; one that has ended already stays so."""
    if request.method == "POST":
        end_own_token(person=request.user, pk=pk)
        messages.success(request, "That access token no longer works.")
    return redirect("access_tokens")
