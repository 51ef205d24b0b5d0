"""A short wait for a job, so that small files land on their result at once."""

import time

from plans.choices import ImportState
from plans.models import Import

MOST_SECONDS = 2
STEP_SECONDS = 0.1


def wait_a_moment(source):
    """Wait until the job on an import is done, two seconds at most; answer whether it is done."""
    until = time.monotonic() + MOST_SECONDS
    while is_busy(source):
        if time.monotonic() > until:
            return False
        time.sleep(STEP_SECONDS)
    return True


def is_busy(source):
    """Whether a job is at work on an import now, whatever `source` remembers. One query."""
    state = Import.objects.values_list("state", flat=True).get(pk=source.pk)
    return ImportState(state).is_busy
