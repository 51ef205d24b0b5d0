"""The page on which programme admins say where cards go."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from plans.models import AuditEvent, OutgoingMessage, Webhook
from plans.sealed_text import unseal
from plans.webhooks.events import PURPOSE

pytestmark = pytest.mark.django_db
PAGE = "/plans/year-three/webhook/"
ADDRESS = "https://cards.example.com/workflow?sig=secret-part"
TOLD = {"address_token": ADDRESS, "is_on": "on", "off_track": "on", "rounds": "on"}


@pytest.fixture
def send(make_plan, programme_admin):
    """Sends the form, and returns the page that follows."""
    make_plan("year-three", 1)

    def answer(**fields):
        response = programme_admin.post(PAGE, fields, follow=True)
        assert response.status_code == 200
        return response.content.decode()

    return answer


def test_address_is_saved_sealed_and_never_shown_again(send, programme_admin):
    assert "No cards yet." in programme_admin.get(PAGE).content.decode()

    page = send(**TOLD)

    webhook = Webhook.objects.get()
    assert unseal(webhook.sealed_address, purpose=PURPOSE) == ADDRESS
    assert (webhook.host, webhook.is_on, webhook.escalated) == ("cards.example.com", True, False)
    assert "cards.example.com" in page
    assert "secret-part" not in page
    assert "secret-part" not in repr(list(Webhook.objects.values()))


def test_blank_keeps_the_address_and_another_replaces_it(send):
    send(**TOLD)
    send(**TOLD | {"address_token": "", "is_on": ""})
    webhook = Webhook.objects.get()
    assert unseal(webhook.sealed_address, purpose=PURPOSE) == ADDRESS
    assert not webhook.is_on

    send(**TOLD | {"address_token": "https://other.example.com/x"})

    webhook.refresh_from_db()
    assert unseal(webhook.sealed_address, purpose=PURPOSE) == "https://other.example.com/x"
    assert (webhook.host, webhook.is_on) == ("other.example.com", True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"address_token": ""}, "Enter the address that cards go to."),
        ({"address_token": "http://cards.example.com/"}, "The address has to begin with https://."),
        ({"address_token": "https://127.0.0.1/"}, "The address needs the name of a server."),
        ({"off_track": "", "rounds": ""}, "Choose at least one, or do not send cards."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(send, fields, sentence):
    assert sentence in send(**TOLD | fields)
    assert not Webhook.objects.exists()


def test_test_card_is_asked_for_once_a_minute(send):
    assert "Save an address and turn cards on first." in send(what="test")
    send(**TOLD)

    page = send(what="test")

    assert "A test card is on its way." in page
    assert "Card: test" in page
    assert OutgoingMessage.objects.get().kind == "card_test"


def test_removed_address_is_gone(send):
    send(**TOLD)

    assert "Removed." in send(what="remove")
    assert not Webhook.objects.exists()


def test_admins_find_it_under_manage(send, programme_admin):
    assert PAGE in programme_admin.get("/manage/").content.decode()


def test_address_is_not_kept_of_a_form_that_was_refused(send, programme_admin, reader):
    response = reader.post(PAGE, TOLD)

    assert response.status_code == 403
    assert "secret-part" not in response.content.decode()
    assert "secret-part" not in str(dict(reader.session))


@pytest.mark.parametrize("key", ["a key of then, which was long enough", "another"])
def test_address_that_was_sealed_as_before_is_sealed_anew_where_it_can_be_opened(send, settings, key):
    send(**TOLD)
    settings.SECRET_KEY_FALLBACKS = [key]
    before = (
        "nrIWoK8RsqMhRgSkE0BFvJDJZnt666qpH86_KmBTzuiS5A96QKprJI3vd9R68yCs8U61JkkJEMQ2UHG7rJ5r36grWGGlAFAMQcXteMJwpz4z"
    )
    Webhook.objects.update(sealed_address=before)
    migration = import_module("plans.migrations.0039_seal_addresses_anew")

    for _ in range(2):
        migration.seal_anew(apps, SimpleNamespace(connection=connection))

    kept = Webhook.objects.get().sealed_address
    if key == "another":
        assert kept == before
    else:
        assert unseal(kept, purpose=PURPOSE) == "https://cards.example/?sig=secret"


def test_who_says_where_cards_go_is_in_the_audit_trail_without_the_address(send, programme_admin):
    send(**TOLD)
    send(**TOLD | {"address_token": "", "is_on": ""})
    send(what="remove")
    send(what="remove")

    events = AuditEvent.objects.filter(kind__startswith="cards_").order_by("pk")
    assert [(one.kind, one.by, one.detail.partition(": ")[2]) for one in events] == [
        ("cards_saved", programme_admin.user, "cards.example.com, on, new address"),
        ("cards_saved", programme_admin.user, "cards.example.com, off"),
        ("cards_removed", programme_admin.user, "cards.example.com"),
    ]
