"""The door for web servers: `gunicorn rocc.wsgi`."""

import os
import sys

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from rocc.environment import WrongEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
try:
    application = get_wsgi_application()
    # Loads every page's code now, once for all workers, and not while the first reader waits.
    get_resolver().url_patterns  # noqa: B018 - asking is what loads them
except WrongEnvironment as wrong:
    sys.exit(str(wrong))
