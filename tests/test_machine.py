"""How many processes suit a machine, and a container on it."""

import os

import pytest

from rocc import machine


@pytest.fixture
def container(tmp_path, monkeypatch):
    """Says what a container may have, on a machine of so many processors: answers where it says so."""

    def make(there, **files):
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(there)))
        for name, said in files.items():
            (tmp_path / name.replace("_", ".")).write_text(said)
        return tmp_path

    return make


@pytest.mark.parametrize(("there", "workers"), [(1, 2), (2, 2), (5, 5), (64, 8)])
def test_workers_are_as_many_as_processors_from_two_to_eight(container, there, workers):
    assert machine.workers(container(there)) == workers


@pytest.mark.parametrize(
    ("quota", "processors"), [("max 100000", 8), ("150000 100000", 2), ("20000 100000", 1), ("", 8)]
)
def test_processors_are_those_that_the_container_may_use(container, quota, processors):
    assert machine.processors(container(8, cpu_max=f"{quota}\n")) == processors


@pytest.mark.parametrize(("limit", "workers"), [("max", 8), (str(512 << 20), 3), (str(64 << 20), 1)])
def test_workers_fit_into_the_memory_of_the_container(container, limit, workers):
    assert machine.workers(container(8, memory_max=limit)) == workers


def test_older_container_without_a_limit_has_none(container, tmp_path):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712")

    assert machine.memory_bytes(tmp_path) is None
