"""One-time form keys: a form that is sent twice is done once, and answered both times alike.

Idempotency for whatever adds rows: a double click, a retry after a time-out, Back and Save again. A template puts
`{% form_key %}` into the form; the view is wrapped in `idempotent`. A form without a key, as pages have that were
opened before there were keys, is handled as if it were sent for the first time.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from functools import partial, wraps
from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeData, mark_safe

from plans.models import FormKey

FIELD = "form_key"
KEY = re.compile(r"[A-Za-z0-9_-]{16,32}")
KEPT = timedelta(days=7)
NOT_TYPED = {"csrfmiddlewaretoken"}


def new_key():
    """Return a key for a form that is being shown."""
    return secrets.token_urlsafe(16)


def key_in(fields):
    """Return the key that is among the fields of a form, a `QueryDict`; blank for none, or for what is no key."""
    key = fields.get(FIELD, "")
    return key if KEY.fullmatch(key) else ""


def idempotent(view=None, *, typed=None):
    """Wrap `view` so that the same form, sent again, makes nothing and gets the first answer.

    `typed(request, **kwargs)` returns the fields that tell one form from another, where a page sends those of others,
    too. The view runs in one transaction with the record of its key: two that are sent at the same moment wait for each
    other. Its answer is kept when it is a redirect without a warning; any other means that nothing was made.
    """
    if view is None:
        return partial(idempotent, typed=typed)

    @wraps(view)
    def answer(request, *args, **kwargs):
        fields = typed(request, **kwargs) if typed and request.method == "POST" else None
        return answer_once(request, lambda: view(request, *args, **kwargs), fields)[0]

    answer.is_done_once = True
    return answer


def answer_once(request, respond, typed=None):
    """Return (the response, whether `respond` was called for it): the answer to the same form, if it was sent before.

    `typed` are the fields that tell one form from another, all of the request unless given.
    """
    key = key_in(request.POST) if request.method == "POST" else ""
    if not (key and request.user.is_authenticated):
        return respond(), True
    with transaction.atomic():
        FormKey.objects.filter(user=request.user, made_at__lt=timezone.now() - KEPT).delete()
        digest = _digest(request, request.POST if typed is None else typed)
        # Whoever sends the same at the same moment waits here until the first is through.
        sent, is_new = FormKey.objects.get_or_create(user=request.user, key=key, digest=digest)
        if not is_new:
            return _answer_again(request, sent.answer), False
        before = len(messages.get_messages(request))
        response = respond()
        told = _told_since(request, before)
        if _is_done(response, told):
            sent.answer = {"location": response["Location"], "messages": told}
            sent.save(update_fields=["answer"])
        else:
            sent.delete()
    return response, True


def _digest(request, typed):
    digest = hashlib.sha256(repr(request.path).encode())
    fields = {name: values for name, values in typed.lists() if name not in NOT_TYPED}
    digest.update(repr(sorted(fields.items())).encode())
    for name, file in sorted(request.FILES.items()):
        digest.update(repr((name, file.name, file.size)).encode())
        for piece in file.chunks():
            digest.update(piece)
        file.seek(0)
    return digest.hexdigest()


def _told_since(request, before):
    """Return the messages that were added after the first `before`, as [[level, text, whether it is HTML]]."""
    storage = messages.get_messages(request)
    told = [[one.level, str(one.message), isinstance(one.message, SafeData)] for one in storage][before:]
    # They were looked at, not shown.
    storage.used = False
    return told


def _is_done(response, told):
    is_redirect = response.status_code in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)
    return is_redirect and all(level < messages.WARNING for level, _, _ in told)


def _answer_again(request, answer):
    for level, text, is_html in answer["messages"]:
        # What is marked as HTML was marked by the code that said it first.
        messages.add_message(request, level, mark_safe(text) if is_html else text)  # noqa: S308
    return HttpResponseRedirect(answer["location"])
