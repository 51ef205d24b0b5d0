"""Print what pyproject.toml asks for without upper bounds, for `make next`, which tries the newest of everything.

With `newer`, print instead what this Python has installed in a version other than that of requirements/dev.txt.
"""

import re
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UPPER_BOUND = re.compile(r",?\s*(<=?|==|~=)\s*[^,;\s]+")
PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)


def newest():
    """Return the requirements of running and of developing, such as `django>=5.2`, as a list of texts."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = [*asked["project"]["dependencies"], *asked["dependency-groups"]["dev"]]
    return [UPPER_BOUND.sub("", requirement) for requirement in listed]


def newer():
    """Return what differs from the lock, such as `django 5.2.19 -> 6.1.3`, as a list of texts."""
    locked = dict(PINNED.findall((ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")))
    found = {re.sub(r"[-_.]+", "-", one.name).lower(): one.version for one in distributions()}
    return sorted(
        f"{name} {locked[name]} -> {version}"
        for name, version in found.items()
        if name in locked and locked[name] != version
    )


if __name__ == "__main__":
    print("\n".join(newer() if sys.argv[1:] == ["newer"] else newest()))  # noqa: T201 - for pip and people to read
