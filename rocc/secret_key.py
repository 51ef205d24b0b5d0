"""`python -m rocc.secret_key`: keeps the key that signs sessions in var/, outside git."""

import os
import secrets
import sys
import tempfile

from rocc.environment import SECRET_KEY_FILE


def ensure(path):
    """Write a new random key to `path`, for its owner's eyes only, unless there is one. Raises `OSError`.

    The file appears whole or not at all, and one that is there is never overwritten.
    """
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret_key.", encoding="ascii") as new:
        new.write(secrets.token_urlsafe(64) + "\n")
        new.flush()
        os.fsync(new.fileno())
        try:
            os.link(new.name, path)
        except FileExistsError:
            return


if __name__ == "__main__":
    try:
        ensure(SECRET_KEY_FILE)
    except OSError as error:
        sys.exit(f"Cannot write {SECRET_KEY_FILE}: {error.strerror}. Use a folder that you may write to.")
