"""Who may read at all."""

from django.contrib.auth.middleware import LoginRequiredMiddleware

from plans.permissions import can_read


class ReadingMiddleware(LoginRequiredMiddleware):
    """Sends those who may not read to the sign-in page, from every view that is not `login_not_required`."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Let readers pass; the rest is as in Django's own middleware."""
        if can_read(request.user):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
