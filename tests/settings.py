"""The settings of the site, with what tests need otherwise: no stray environment, quick passwords, plain static files.

`TEST_DATABASE_URL` says on which engine; without it, SQLite. `ROCC_FAST=off` tries all without the tricks for speed.
"""

import os

for _name in [name for name in os.environ if name.startswith("ROCC_") and name != "ROCC_FAST"]:
    del os.environ[_name]
for _name in (
    "DEBUG",
    "SECRET_KEY_FALLBACKS",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "EMAIL_URL",
    "EMAIL_REPLY_TO",
    "LOG_LEVEL",
    "FORWARDED_ALLOW_IPS",
):
    os.environ.pop(_name, None)
os.environ.update(
    SECRET_KEY="a-key-for-tests-only-which-protects-nothing-at-all-0123456789",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite://:memory:"),
    ROCC_HTTPS="false",
    LOG_FORMAT="text",
)

from rocc.settings import *  # noqa: E402, F403
from rocc.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# A process of its own would not see what a test has not committed.
IMPORT_JOBS = os.environ.get("TEST_IMPORT_JOBS", "inline")
