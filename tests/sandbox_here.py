"""The sandbox without its process: what it runs, run by the process of the tests.

Starting Python anew takes a tenth of a second for each file, which is more than opening it. Code, request and answer
are the same; the limits on memory and time, the bare environment and the death of the process are not here, so that
tests of these use the sandbox itself (`SANDBOX_ITSELF` in conftest.py).
"""

import gc
import io
import json
import logging
import subprocess
import sys
import traceback
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

import pytest

from plans import limited_process as processes
from plans.spreadsheets.reading import protocol, sandbox
from plans.spreadsheets.writing import error_copy

logger = logging.getLogger(processes.__name__)


@contextmanager
def sandbox_here():
    """Have files opened and marked in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (sandbox, error_copy):
            patch.setattr(module, "limited_process", limited_process)
        yield


@contextmanager
def limited_process(
    module, request, content, *, stdout=subprocess.PIPE, is_leader=False, expected=(0,), surroundings=None
):
    """Do what `plans.limited_process` does, but for what is about a process."""
    told = json.dumps(request).encode() + b"\n" + content
    returncode, answer = _run(import_module(module).main, told)
    if stdout is not subprocess.PIPE:
        stdout.write(answer)
    yield SimpleNamespace(stdout=io.BytesIO(answer), returncode=returncode)
    if returncode not in expected:
        logger.warning("%s ended with %s", module, returncode)


def _run(main, told):
    """Return (how the process would end, what it would write)."""
    answer = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(told)))
        patch.setattr(sys, "stdout", SimpleNamespace(buffer=answer, flush=answer.flush))
        patch.setattr(protocol, "_limit_itself", lambda request: None)
        try:
            main()
        except SystemExit as end:
            return end.code or 0, answer.getvalue()
        except BaseException as error:  # a library's panic is no `Exception`
            if isinstance(error, KeyboardInterrupt):
                raise
            traceback.print_exc()
            return 1, answer.getvalue()
        finally:
            # It does without, since its process lives for a moment.
            gc.enable()
    return 0, answer.getvalue()
