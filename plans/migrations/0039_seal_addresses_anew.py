"""Seals the addresses of webhooks as `plans.sealed_text` does from now on.

Before, a stream of HMAC-SHA256 was added to the text. What cannot be opened, since the key is another one now, stays
as it is: the page of the webhook then asks for the address again.
"""

import base64
import binascii
import hmac
from hashlib import sha256

from django.conf import settings
from django.db import migrations

from plans.sealed_text import seal

PURPOSE = "plans.webhooks.address"
NONCE_BYTES, TAG_BYTES, BLOCK_BYTES = 16, 32, 32


def seal_anew(apps, schema_editor):
    Webhook = apps.get_model("plans", "Webhook")
    for webhook in Webhook.objects.using(schema_editor.connection.alias):
        address = _opened(webhook.sealed_address)
        if address is not None:
            webhook.sealed_address = seal(address, purpose=PURPOSE)
            webhook.save(update_fields=["sealed_address"])


def _opened(sealed):
    try:
        whole = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, tag = whole[:-TAG_BYTES], whole[-TAG_BYTES:]
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        if hmac.compare_digest(tag, hmac.digest(_key("tag", key), body, sha256)):
            nonce, text = body[:NONCE_BYTES], body[NONCE_BYTES:]
            blocks = range(0, len(text), BLOCK_BYTES)
            stream = b"".join(hmac.digest(_key("stream", key), nonce + at.to_bytes(8), sha256) for at in blocks)
            return bytes(one ^ other for one, other in zip(text, stream)).decode()
    return None


def _key(use, key):
    return hmac.digest(key.encode(), f"plans.sealed_text.{use}:{PURPOSE}".encode(), sha256)


class Migration(migrations.Migration):
    dependencies = [("plans", "0038_packs")]
    operations = [migrations.RunPython(seal_anew, migrations.RunPython.noop)]
