"""The floor for pages: a Django view that answers 60 kB from memory, without any middleware of ours.

`gunicorn benchmarks.bare` serves it as the tracker is served, so what differs is what the tracker does itself.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

PAGE_BYTES = 60_000

settings.configure(
    SECRET_KEY="signs-nothing", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, MIDDLEWARE=[], LOGGING_CONFIG=None
)
PAGE = b"<p>Kia ora</p>\n" * (PAGE_BYTES // 15)


def bare(request):
    """The page."""
    return HttpResponse(PAGE)


urlpatterns = [path("", bare)]
application = get_wsgi_application()
