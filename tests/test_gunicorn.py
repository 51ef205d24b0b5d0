"""What gunicorn does beside serving."""

import gc
import runpy

import pytest

from rocc.environment import BASE_DIR


@pytest.fixture
def configuration():
    """What `gunicorn.conf.py` says, {name: value}."""
    yield runpy.run_path(str(BASE_DIR / "gunicorn.conf.py"))
    gc.unfreeze()


def test_what_was_loaded_is_left_out_when_workers_look_for_garbage(configuration):
    kept = {"loaded": []}

    configuration["when_ready"](None)

    assert gc.get_freeze_count() > 0
    assert not [one for one in gc.get_objects() if one is kept]
