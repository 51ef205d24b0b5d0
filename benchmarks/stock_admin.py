"""The peer for lists: stock Django's admin over the same rows, with counts of five facets at /facets/, none at /plain/.

`gunicorn benchmarks.stock_admin` serves it as the tracker is served, with the middleware of a new Django project, and
the widgets, filters and search that the library brings. It is flattered: whoever asks is a superuser, without a query
for a session or a person.
"""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
settings.ROOT_URLCONF = "benchmarks.stock_admin"
settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
django.setup()
# Only now, since apps that stock does not need look for middleware of theirs.
settings.MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "benchmarks.stock_admin.SuperuserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

from django.contrib import admin  # noqa: E402 - the models can be read from here on
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402

from plans.models import Activity, ActivityAgency, SubActivity, User  # noqa: E402

SOMEBODY = User(pk=0, email="somebody@benchmark.example", is_active=True, is_staff=True, is_superuser=True)


class SuperuserMiddleware:
    """Takes everybody for a superuser."""

    def __init__(self, get_response):
        """Keep what answers a request."""
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer to a request, as one of that person."""
        request.user = SOMEBODY
        return self.get_response(request)


class Links(admin.TabularInline):
    """The agencies of an activity."""

    model = ActivityAgency
    extra = 0


class SubActivities(admin.TabularInline):
    """The items of an activity."""

    model = SubActivity
    extra = 0


class Activities(admin.ModelAdmin):
    """Activities, with what a row of our list shows, and without counts."""

    list_display = ("number", "title", "status", "description_state", "focus_area", "priority_area", "leads")
    list_filter = ("status", "description_state", "focus_area", "priority_area", "agencies")
    list_select_related = ("focus_area", "priority_area")
    list_per_page = 50
    search_fields = ("search_text", "sub_activities__search_text", "agencies__search_text")
    show_facets = admin.ShowFacets.NEVER
    inlines = (Links, SubActivities)

    def get_queryset(self, request):
        """Return the rows with the agencies that they show."""
        return super().get_queryset(request).prefetch_related("agency_links__agency")

    def lookup_allowed(self, lookup, value, request):
        """Let the address ask for the agency that leads, too."""
        return True

    @admin.display
    def leads(self, activity):
        """The agencies that lead."""
        return "; ".join(link.agency.name for link in activity.agency_links.all() if link.role == "lead")


class ActivitiesWithFacets(Activities):
    """The same with a count beside every value of a filter, as `show_facets` has it."""

    show_facets = admin.ShowFacets.ALWAYS


def _site(name, activities):
    site = admin.AdminSite(name=name)
    site.enable_nav_sidebar = False
    site.register(Activity, activities)
    return site


urlpatterns = [
    path("facets/", _site("admin", ActivitiesWithFacets).urls),
    path("plain/", _site("plain", Activities).urls),
]
application = get_wsgi_application()
