"""A pytest plugin: where every test has to run, a skipped one has failed.

CI is such a place (CI=true); REQUIRE_ALL_TESTS=1 makes any place one. Otherwise a machine without a browser would
pass the browser's tests.
"""

import os

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Judge the report of one phase of a test."""
    return _judge((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Judge the report on a file, which may skip itself as a whole."""
    return _judge((yield))


def _judge(report):
    if report.skipped and not hasattr(report, "wasxfail") and _everything_must_run():
        report.outcome = "failed"
        report.longrepr = f"Skipped where every test has to run: {report.longrepr[2]}"
    return report


def _everything_must_run():
    return os.environ.get("CI") == "true" or os.environ.get("REQUIRE_ALL_TESTS") == "1"
