"""How the accounts of the library behave here: closed to strangers, throttled by address, silent on who is who.

And that who may not read has to sign in.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from urllib.parse import quote

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpResponseRedirect
from django.urls import reverse

from plans.choices import AuditKind
from plans.models import AuditEvent, User
from plans.outgoing import absolute_link
from plans.permissions import can_read, current_plan
from plans.second_step import ConfirmingAdapter
from plans.summaries.navigation import first_page_of
from plans.ways_to_sign_in import may_use_password

logger = logging.getLogger(__name__)
# Mail leaves beside the answer: how long it takes must not tell a stranger who has an account.
post_room = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


class PersonBackend(AuthenticationBackend):
    """Signs people in as the library does, and fetches them for each of their requests."""

    def authenticate(self, request, **credentials):
        """Return the person of an email address and a password; None where their password does not let them in."""
        person = super().authenticate(request, **credentials)
        return person if person and may_use_password(person) else None

    def get_user(self, user_id):
        """Return the person of a session, with what they may administer; None for a closed account. One query."""
        person = User.objects.get_signed_in(user_id)
        return person if person and self.user_can_authenticate(person) else None


class PasswordLinkTokens(PasswordResetTokenGenerator):
    """Seals links that set a new password: each works once, and the newest one alone.

    As with Django's own, a link ends when the password, the address or the last sign-in changes; here also when
    another one is asked for, which the audit trail knows, and while the account is closed.
    """

    def _make_hash_value(self, user, timestamp):
        asked = AuditEvent.objects.filter(kind=AuditKind.PASSWORD_LINK, about=user).order_by("-pk")
        newest = asked.values_list("pk", flat=True).first()
        # Without one it is as before, so that links which were mailed by an earlier version work.
        closed = "" if user.is_active else " closed"
        return f"{super()._make_hash_value(user, timestamp)}{newest or ''}{closed}"


class AccountAdapter(ConfirmingAdapter):
    """What this site decides where the library asks."""

    error_messages = {
        **ConfirmingAdapter.error_messages,
        "email_password_mismatch": "Email address or password is incorrect.",
        "enter_current_password": "Your current password is incorrect.",
        "too_many_login_attempts": "Too many attempts. Wait 10 minutes, or reset your password.",
    }

    def is_open_for_signup(self, request):
        """Nobody makes an account for themselves."""
        return False

    def get_client_ip(self, request):
        """Return the network address that a request came from: behind our own web server, what that one says."""
        address = request.META.get("REMOTE_ADDR") or "127.0.0.1"
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        while hops and _is_trusted(address) and _is_address(hops[-1]):
            address = hops.pop()
        return address

    def get_login_redirect_url(self, request):
        """Return where someone goes who signs in and was going nowhere else: My updates while any of theirs is due."""
        return first_page_of(current_plan(request.user))

    def post_login(self, request, user, **kwargs):
        """Return where they were going; from the first page of the site, where they are needed, if anywhere."""
        response = super().post_login(request, user, **kwargs)
        if response["Location"] == reverse("plans:home"):
            return HttpResponseRedirect(self.get_login_redirect_url(request))
        return response

    def get_password_change_redirect_url(self, request):
        """Return where someone goes after changing their password."""
        return reverse("plans:home")

    def get_reset_password_from_key_url(self, key):
        """Return the link that sets a new password, by the site's own address."""
        # The key stands in for a pattern that would have its hyphen quoted.
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return absolute_link(self.request, path.replace("UID-KEY", quote(key)))

    def send_mail(self, template_prefix, email, context):
        """Send mail beside the answer; what goes wrong is logged."""
        super_message = {"request": self.request, "email": email, **context}
        post_room.submit(_send, self.render_mail(template_prefix, email, super_message))

    def _get_login_attempts_cache_key(self, request, **credentials):
        # The library counts by e-mail address alone, which would let anybody lock anybody out.
        origin = ip_network(
            (self.get_client_ip(request), 64 if ":" in self.get_client_ip(request) else 32), strict=False
        )
        return f"{origin}:{credentials.get('email', '').lower()}"


def _send(message):
    try:
        message.send()
    except Exception:
        logger.exception("Email could not be sent")


def _is_address(text):
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _is_trusted(address):
    return _is_address(address) and any(ip_address(address) in network for network in settings.TRUSTED_PROXIES)


class ReadingMiddleware(LoginRequiredMiddleware):
    """Sends those who may not read to the sign-in page, from every view that is not `login_not_required`."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Let readers pass; the rest is as in Django's own middleware."""
        if can_read(request.user):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
