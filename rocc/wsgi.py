"""The door for web servers: `gunicorn rocc.wsgi`."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from rocc.environment import WrongEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
try:
    application = get_wsgi_application()
except WrongEnvironment as wrong:
    sys.exit(str(wrong))
