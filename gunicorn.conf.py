"""How gunicorn serves the site: `gunicorn rocc.wsgi` from this folder finds this file by itself.

Options on the command line, such as `--bind`, come before what stands here.
"""

import sys

from rocc import logs
from rocc.environment import WrongEnvironment, read

try:
    _environment = read()
except WrongEnvironment as wrong:
    sys.exit(str(wrong))

bind = f"127.0.0.1:{_environment.port}"
workers = _environment.web_concurrency
# Browsers open connections ahead of need; with threads, an idle one does not keep others waiting.
worker_class = "gthread"
threads = 4
# What is wrong with the code or the settings ends the start, rather than one worker after another.
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 5
# Nobody steers the server through a socket, so none is left lying in the home folder.
control_socket_disable = True
# Workers take turns to start afresh, so that a slow leak never becomes an outage.
max_requests = 5000
max_requests_jitter = 500
logconfig_dict = logs.configuration(_environment)
# The site writes a line for each request by itself, with more in it: rocc/requests.py.
accesslog = None
