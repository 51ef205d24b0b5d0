"""What the documents say of the code is true."""

import re
from pathlib import Path

from rocc import environment
from tests.exhaustive import names_without_a_test

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def test_readme_names_every_setting():
    source = Path(environment.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', source)) | set(environment.OWN_NAMES)
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("### Environment")[1].split("\n### ")[0]

    assert sorted(name for name in read if f"`{name}`" not in table) == []
    assert len(read) > 20


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_architecture_names_only_what_exists():
    named = set()
    for document in ("docs/architecture.md", "docs/security.md", "CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        named |= {
            (document, path)
            for path in re.findall(r"`((?:plans|rocc|tests|docs|static|templates|requirements)/[\w./-]*)`", text)
        }

    assert sorted(pair for pair in named if not (ROOT / pair[1]).exists()) == []
    assert len(named) > 20


def test_security_names_every_requirement_once():
    """Those of levels 1 and 2 of the standard are 253."""
    lines = (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if re.match(r"\| \d", line)]
    named = [one for row in rows for one in row[0].split(", ")]

    assert [len(row) for row in rows] == [3] * len(rows)
    assert {row[1] for row in rows} == {"Yes", "Operator", "Part", "None"}
    assert (len(named), len(set(named))) == (253, 253)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", one) for one in named)


def test_exhaustive_tests_are_there():
    assert names_without_a_test(ROOT / "tests") == []


def test_glossary_names_only_what_exists():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in glossary.splitlines() if line.startswith("| ")]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row[-1])]
    sources = [path for folder in ("plans", "rocc") for path in (ROOT / folder).rglob("*.py")]
    defined = set()
    for path in sources:
        defined |= set(
            re.findall(
                r"^ *(?:def|class) (\w+)|^ *(\w+)(?:: [^=]+)? = ", path.read_text(encoding="utf-8"), re.MULTILINE
            )
        )
    words = {word for pair in defined for word in pair}
    modules = {path.stem for path in sources}

    assert [len(row) for row in rows] == [3] * len(rows)
    assert sorted(one for one in named if not ((ROOT / one).exists() or one in words or one in modules)) == []
    assert len(named) > 60


def test_decisions_are_all_listed():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))

    assert listed == sorted(path.name for path in folder.glob("0*.md"))
