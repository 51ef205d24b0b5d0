"""What `manage.py check` says to whoever runs a site, beyond the site's own address and its first history."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks


@pytest.mark.django_db
def test_debug_on_a_site_under_https_is_warned_of(settings):
    settings.DEBUG, settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, True, ["localhost"]

    [(_, hint)] = debug_warnings()

    assert hint == "Set DEBUG to false; on a machine of your own, set ROCC_HTTPS to false."


def debug_warnings():
    return [(one.id, one.hint) for one in run_checks() if one.id == "plans.W004"]


# From Django 6.1 on, its own checks of models ask the database what it can do.
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("debug", "hosts", "count"),
    [
        (True, ["tracker.example.govt.nz", "localhost"], 1),
        (True, ["localhost", "127.0.0.1", "[::1]"], 0),
        (False, ["tracker.example.govt.nz"], 0),
    ],
)
def test_debug_on_a_site_with_a_name_is_warned_of(settings, debug, hosts, count):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, hosts

    assert (
        debug_warnings()
        == [
            ("plans.W004", "Set DEBUG to false, or take the name out of ALLOWED_HOSTS."),
        ]
        * count
    )


def test_sample_of_the_web_server_lets_the_largest_upload_through_and_buffers():
    sample = (Path(django_settings.BASE_DIR) / "docs" / "operating.md").read_text(encoding="utf-8")
    said = dict(line.strip().rstrip(";").split(" ", 1) for line in sample.splitlines() if line.strip().endswith(";"))

    assert int(said["client_max_body_size"].removesuffix("m")) > django_settings.IMPORT_LIMITS["max_mb"]
    assert said["proxy_request_buffering"] == "on"
    assert {"client_header_timeout", "client_body_timeout", "send_timeout"} <= set(said)
