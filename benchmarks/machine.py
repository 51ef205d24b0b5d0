"""What it was measured on."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version


def describe(engines):
    """Answer in one line the day, the cores and the versions of whatever served the pages; `engines` in words."""
    day = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    served_by = [f"{name} {version(name)}" for name in ("Django", "gunicorn")]
    machine = [f"{os.cpu_count()} cores", platform.machine(), f"Python {platform.python_version()}"]
    return ", ".join([day, *machine, *served_by, *engines])
