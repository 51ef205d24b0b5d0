"""An address for every route of the site and of its administration, for tests that go through all of them."""

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver, resolve

from tests.test_addresses import ACCOUNTS, SOMEBODY, TABLE

PAGES_OF_THE_ADMIN = (
    "",
    "login/",
    "logout/",
    "password_change/",
    "password_change/done/",
    "jsi18n/",
    "autocomplete/?app_label=plans&model_name=activityagency&field_name=agency",
    "plans/",
    "no-such-page/",
)


def every_route():
    """Return each route of the site, the administration's among them, as a set, written as `resolve` does."""
    return {route.replace("/^", "/") for route in _routes(get_resolver())}


def _routes(resolver, before=""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        else:
            yield route


def addresses_of_the_site():
    """Return an address for each route outside of the administration."""
    return [address for address, _ in [*TABLE.values(), *ACCOUNTS.values()]]


def addresses_of_the_admin():
    """Return addresses for each route of the administration: of the first and the last row of each model."""
    found = [f"/admin/{page}" for page in PAGES_OF_THE_ADMIN]
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        rows = list(model._default_manager.order_by("pk"))
        rows = {one.pk: one for one in rows[:1] + rows[-1:]}.values()
        for route in sorted(one for one in every_route() if one.startswith(base[1:])):
            found += {_fill_in(f"/{route}", row) for row in rows} or [f"/{route}"]
    found.append(f"/admin/r/{ContentType.objects.get(app_label='plans', model='plan').pk}/{SOMEBODY}/")
    return [*dict.fromkeys(found)]


def _fill_in(route, row):
    if "history/([^/]+)" in route:
        entry = row.history.first()
        return route.replace("([^/]+)/history/([^/]+)/$", f"{row.pk}/history/{entry.pk if entry else 0}/")
    return route.replace("<path:object_id>", str(row.pk)).replace("<id>", str(row.pk))


def routes_without(addresses):
    """Return the routes to which none of `addresses` leads, as a set."""
    return every_route() - {resolve(address.partition("?")[0]).route for address in addresses}
