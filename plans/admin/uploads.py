"""Where an uploaded file waits between its preview and its confirmation: in the confirmation itself."""

from base64 import b64decode, b64encode

from django.core import signing
from import_export.tmp_storages import BaseStorage

SALT = "plans.import"
WAITS_SECONDS = 8 * 60 * 60


class SignedStorage(BaseStorage):
    """Keeps a file in the confirmation form, signed, so that any process on any machine can go on with it.

    Nothing of the plan stays behind on a disk when the person walks away, and nobody can name another file.
    """

    def save(self, data):
        """Keep `data` (bytes); `name` is then what the form carries."""
        self.name = signing.dumps(b64encode(data).decode("ascii"), salt=SALT, compress=True)

    def read(self):
        """Answer the bytes. Raises `BadSignature` for a name that is not ours, or is older than a working day."""
        return b64decode(signing.loads(self.name, salt=SALT, max_age=WAITS_SECONDS))

    def remove(self):
        """There is nothing to remove."""
