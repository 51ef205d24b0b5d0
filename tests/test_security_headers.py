"""What every answer tells the browser, and what production settings add to it."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from plans.models import Session

KEY = "q7Rk2Vw9Xy4Zt1Bn8Mc5Lp3Hs6Jd0Fg-Ae_Uo7Ti2Yw9Qz4Nx1Cv"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
OVER_HTTPS = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "DEBUG"]
names += ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_PATH", "SESSION_COOKIE_DOMAIN"]
client = Client(headers={"host": "localhost"})
plain = client.get("/plans/")
print(json.dumps({
    "settings": {name: getattr(settings, name) for name in names},
    "plain": [plain.status_code, plain.headers.get("Location")],
    "watched": client.get("/healthz").status_code,
    "hsts": client.get("/healthz", secure=True).headers.get("Strict-Transport-Security"),
    "storage": settings.STORAGES["staticfiles"]["BACKEND"],
}))
"""


@pytest.fixture(params=["/accounts/login/", "/admin/login/", "/no-such-page/"])
def answer(db, visitor, request):
    """An answer to a visitor: a page, a page of the admin, an error."""
    return visitor.get(request.param)


def test_content_security_policy_allows_nothing_inline_and_nothing_from_elsewhere(answer):
    policy = answer.headers["Content-Security-Policy"]

    assert dict(directive.strip().split(" ", 1) for directive in policy.split(";")) == POLICY


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
def test_header_is_on_every_answer(answer, name, value):
    assert answer.headers[name] == value


def test_permissions_policy_turns_off_what_a_page_could_spy_with(answer):
    features = answer.headers["Permissions-Policy"].split(", ")

    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(features)
    assert all(feature.endswith("=()") for feature in features)


def test_pages_are_compressed_and_padded(db, visitor):
    sizes = {len(visitor.get("/accounts/login/", headers={"accept-encoding": "gzip"}).content) for _ in range(20)}

    assert len(sizes) > 1


def test_host_that_is_not_ours_is_refused(visitor):
    assert visitor.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400


def test_visitor_gets_no_session(db, visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        visitor.get("/admin/login/")

    assert django_settings.SESSION_COOKIE_NAME not in visitor.cookies


def test_forged_session_cookie_makes_no_session(db, visitor):
    visitor.cookies[django_settings.SESSION_COOKIE_NAME] = "forged"

    visitor.get("/admin/login/")

    assert Session.objects.count() == 0


def _production(*command, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ROCC_", "DJANGO_"))}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "rocc.settings",
        "SECRET_KEY": KEY,
        "DATABASE_URL": "sqlite://:memory:",
        "DEBUG": "false",
        "LOG_FORMAT": "json",
        **settings,
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_production_settings_pass_the_deployment_checks():
    # With mail, whose absence Django warns about from 6.1 on, and what mail needs.
    mail = {"EMAIL_URL": "submission://tracker:secret@mail.example.govt.nz:587", "ROCC_SITE_URL": "https://localhost"}
    mail["DEFAULT_FROM_EMAIL"] = "Tracker <tracker@example.govt.nz>"

    checked = _production("manage.py", "check", "--deploy", "--fail-level", "WARNING", **mail)

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == "System check identified no issues (1 silenced).\n"


@pytest.mark.slow
def test_production_is_served_over_https_only():
    asked = _production("-W", "ignore", "-c", OVER_HTTPS)

    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == {
        "settings": {
            "SESSION_COOKIE_SECURE": True,
            "CSRF_COOKIE_SECURE": True,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "DEBUG": False,
            "SESSION_COOKIE_NAME": "__Host-sessionid",
            "CSRF_COOKIE_NAME": "__Host-csrftoken",
            "SESSION_COOKIE_PATH": "/",
            "SESSION_COOKIE_DOMAIN": None,
        },
        "plain": [301, "https://localhost/plans/"],
        "watched": 200,
        "hsts": "max-age=31536000; includeSubDomains",
        "storage": "whitenoise.storage.CompressedManifestStaticFilesStorage",
    }
