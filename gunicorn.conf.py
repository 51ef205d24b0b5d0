"""How gunicorn serves the site: `gunicorn rocc.wsgi` from this folder finds this file by itself.

Options on the command line, such as `--bind`, come before what stands here.
"""

import gc
import sys
from pathlib import Path

from rocc import logs
from rocc.environment import WrongEnvironment, read

try:
    _environment = read()
except WrongEnvironment as wrong:
    sys.exit(str(wrong))

bind = f"127.0.0.1:{_environment.port}"
# As many as processors make pages; rocc/machine.py reckons them from the machine, or from the container.
workers = _environment.web_concurrency
# Browsers open connections ahead of need, and some read slowly; with threads, they keep nobody waiting. Four, since
# only one of a process makes a page at a time: the others wait for the database or for a reader. Each thread keeps a
# connection to PostgreSQL, so workers × 4 has to stay below its max_connections; SQLite takes its writers in turn.
worker_class = "gthread"
threads = 4
# What is wrong with the code or the settings ends the start, rather than one worker after another; and the workers
# share the memory of what was loaded before them.
preload_app = True
# A worker's sign of life is a file: in memory, so that neither a slow disk nor a read-only one has it taken for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes a file of its own
timeout = 60
# Longer than any page takes; an export that takes longer is broken off when the site is restarted.
graceful_timeout = 20
# Enough for a page and its files; kept for longer, a reader waits for the worker that took them while another is idle.
keepalive = 2
# Nobody steers the server through a socket, so none is left lying in the home folder.
control_socket_disable = True
logconfig_dict = logs.configuration(_environment)
# The site writes a line for each request by itself, with more in it: rocc/requests.py.
accesslog = None


def when_ready(server):
    """Have what was loaded, which stays anyway, left out whenever a worker looks for garbage.

    Going through all of it takes longer than most pages, and gives each worker a copy of what they share.
    """
    gc.collect()
    gc.freeze()
