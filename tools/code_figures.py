"""`python -m tools.code_figures`: how large the code is and how it hangs together, in figures to compare over time.

Prints files and lines by folder, the files that an import runs through from upload to receipt, the functions that
decide who may report, the uses of private parts of libraries by module, and the assertions of the tests.
`python -m tools.code_figures --assertions FOLDER` counts those of another checkout.
"""

import ast
import importlib
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from io import BytesIO
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("plans", "rocc")
OWN_PRIVATE = {"_meta", "_state", "_default_manager", "_base_manager"}
"""Django documents these, or they are as good as public."""

ASKING = {
    *("involving", "credited", "_credited", "roles_on", "with_role", "of_member", "agencies_of"),
    *("standing_for", "reportable_by", "notable_by", "reporting_on", "who_counts", "counted_for", "_groups_of"),
    *("REPORTING", "NOTING"),
}
"""By what code asks who leads and supports, itself or through others, and for whom people report."""


def main():
    """Print all figures."""
    _print_sizes()
    _print_import_path()
    _print_who_may_report()
    _print_private_uses()
    _print_assertions(ROOT)


def _sources():
    """Return the Python files of the packages, without migrations, in order."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts]


def _print_sizes():
    files, lines = Counter(), Counter()
    for path in _sources():
        folder = (
            "/".join(path.relative_to(ROOT).parts[:2]) if len(path.relative_to(ROOT).parts) > 2 else path.parent.name
        )
        files[folder] += 1
        lines[folder] += len(path.read_text(encoding="utf-8").splitlines())
    print(f"{'folder':32}{'files':>6}{'lines':>8}")
    for folder in sorted(files):
        print(f"{folder:32}{files[folder]:6}{lines[folder]:8}")
    print(f"{'all':32}{sum(files.values()):6}{sum(lines.values()):8}\n")


def _print_import_path():
    """Count the files whose functions run from the upload of an export to its receipt, in a database of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "--trace"],
        cwd=ROOT,
        env=_environment(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    loaded, files = json.loads(run.stdout.splitlines()[-1])
    print(f"files that the pages and the job of an import load: {loaded}")
    print(f"files that an import runs through, from upload to receipt: {len(files)}")
    for folder, count in sorted(Counter(str(Path(one).parent) for one in files).items()):
        print(f"  {folder:40}{count:4}")
    print()


def _environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROCC_")}
    return {
        **kept,
        "SECRET_KEY": "a-key-for-figures-only-which-protects-nothing-0123456789",
        "DATABASE_URL": "sqlite://:memory:",
        "ROCC_HTTPS": "false",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
    }


def _trace():
    """Import a changed export through the pages, and print the files of ours that were run, as JSON."""
    import django

    django.setup()
    for name in (
        "plans.spreadsheets.pages.views",
        "plans.management.commands.run_import",
        "plans.spreadsheets.reading.child",
    ):
        importlib.import_module(name)
    loaded = sum(1 for name in sys.modules if name.split(".")[0] in PACKAGES)
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from plans.models import Import, User

    setup_test_environment()
    call_command("migrate", verbosity=0)
    call_command("loaddata", "year_two", verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser("admin@programme.example", "a long enough password"))
    content = _with_another_title(client.get("/plans/year-two/activities.xlsx").getvalue())
    seen = set()

    def note(frame, event, _argument):
        if event == "call":
            seen.add(frame.f_code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    upload = SimpleUploadedFile("plan.xlsx", content)
    address = client.post("/plans/year-two/import/", {"what": "file", "file": upload}).headers["Location"]
    client.get(address)
    client.post(f"{address}apply/", {"fingerprint": Import.objects.get().findings["fingerprint"]})
    client.get(address)
    sys.setprofile(None)
    state = Import.objects.get().state
    if state != "applied":
        sys.exit(f"The import went no further than {state}.")
    own = {Path(name) for name in seen if name.startswith(tuple(str(ROOT / package) for package in PACKAGES))}
    print(json.dumps([loaded, sorted(str(path.relative_to(ROOT)) for path in own)]))


def _with_another_title(content):
    book = openpyxl.load_workbook(BytesIO(content))
    book["Activities"]["D6"] = "Another title"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _print_who_may_report():
    """List the functions that ask who leads and supports, and those that know the rule itself, by module."""
    for title, is_counted in (("ask who leads and supports", _asks), ("know the rule of it", _knows_rule)):
        found = Counter()
        for path in _sources():
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and is_counted(node):
                    found[str(path.relative_to(ROOT))] += 1
        print(f"functions that {title}: {sum(found.values())}")
        for name, count in sorted(found.items()):
            print(f"  {name:48}{count:4}")
        print()


def _names(function):
    """Return all names in a function: of variables, attributes and arguments, and its words in quotation marks."""
    nodes = list(ast.walk(function))
    return {
        *(node.attr for node in nodes if isinstance(node, ast.Attribute)),
        *(node.id for node in nodes if isinstance(node, ast.Name)),
        *(node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg),
        *(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)),
    }


def _asks(function):
    return bool(_names(function) & ASKING)


def _knows_rule(function):
    """Return whether a function goes from one agency to others, or from a role to a right, by itself."""
    names = _names(function)
    if "WAYS" in names:
        return "counted" in names
    is_of_agencies = bool(names & {*ASKING, "_roles", "members"})
    if is_of_agencies and names & {"parent__in", "units__in", "from_agency", "parent_id", "lead_links"}:
        return True
    return is_of_agencies and any(_is_about_a_role(node) for node in ast.walk(function))


def _is_about_a_role(node):
    """Return whether it compares a role with one of them, or asks for one: `role == Role.LEAD`, `role=Role.LEAD`."""
    if isinstance(node, ast.Compare):
        return any(map(_is_role, [node.left, *node.comparators]))
    return isinstance(node, ast.keyword) and node.arg == "role" and _is_role(node.value)


def _is_role(node):
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Role"


def _print_private_uses():
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--select",
            "SLF001",
            "--ignore-noqa",
            "--output-format",
            "json",
            *PACKAGES,
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    found = Counter()
    for one in json.loads(run.stdout):
        if not any(f"`{name}`" in one["message"] for name in OWN_PRIVATE):
            found[str(Path(one["filename"]).relative_to(ROOT))] += 1
    print(f"uses of private parts of other objects: {sum(found.values())}")
    for name, count in sorted(found.items()):
        print(f"  {name:48}{count:4}")


EXPECTING = {"expect", "raises", "warns", "fail", "django_assert_num_queries", "django_assert_max_num_queries"}
"""Calls that assert something: of a page until it is so, of an error, of the number of queries."""


def _print_assertions(root):
    found = Counter()
    for path in sorted((root / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assert):
                found["assert"] += 1
            elif isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                found[name] += name in EXPECTING
    print(f"assertions in tests: {sum(found.values())}")
    for name, count in found.most_common():
        if count:
            print(f"  {name:48}{count:6}")


if __name__ == "__main__":
    if "--trace" in sys.argv:
        _trace()
    elif "--assertions" in sys.argv:
        _print_assertions(Path(sys.argv[-1]))
    else:
        main()
