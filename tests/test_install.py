"""What `make run` says when the machine is not up to it: one line each, and a code that is not 0."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEW_PYTHON = """#!/bin/sh
case "$*" in
  *version_info*) exit 0 ;;
  *ensurepip*) exit {ensurepip} ;;
  --version) echo "Python 3.12.9" ;;
  "-m venv"*) echo "Traceback"; echo "Error: {venv_says}"; exit {venv} ;;
  *"import pip"*) exit 0 ;;
  *"-m pip"*) echo "Looking"; echo "ERROR: {pip_says}"; exit {pip} ;;
esac
"""
WELL = {"ensurepip": 0, "venv": 0, "venv_says": "", "pip": 0, "pip_says": ""}
OLD_PYTHON = "#!/bin/sh\nexit 1\n"
SHELL = "/bin/sh"


@pytest.fixture
def folder(tmp_path):
    """An empty project with the installer, and a bin/ that is the whole PATH."""
    (tmp_path / "bin").mkdir()
    for tool in ("dirname", "mkdir", "tail", "touch"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "install", tmp_path / "requirements")
    return tmp_path


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _install(folder, lock="run", **environment):
    return subprocess.run(
        [SHELL, folder / "requirements" / "install", lock],
        env={"PATH": str(folder / "bin"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _refusal(folder, **environment):
    refused = _install(folder, **environment)
    assert refused.returncode == 1
    return refused.stderr


def test_install_without_python_says_what_to_install(folder):
    assert _refusal(folder) == (
        "No Python 3.11 or newer is on the PATH. Install one, or name it: PYTHON=/path/to/python3.12 make run\n"
    )


def test_install_passes_over_names_that_do_not_run(folder):
    _write(folder / "bin" / "python3", OLD_PYTHON)
    _write(folder / "bin" / "python3.12", NEW_PYTHON.format(**WELL))
    _write(folder / ".venv" / "bin" / "python", OLD_PYTHON)

    made = _install(folder)

    assert made.stdout.splitlines()[0] == "Making .venv with Python 3.12.9"


def test_install_names_the_python_that_was_asked_for_and_is_too_old(folder):
    _write(folder / "bin" / "python3.12", NEW_PYTHON.format(**WELL))
    _write(folder / "old python", OLD_PYTHON)

    refusal = _refusal(folder, PYTHON=f"{folder}/old python")

    assert refusal == f"PYTHON={folder}/old python does not run as Python 3.11 or newer. Name one that does.\n"


def test_install_without_the_venv_module_says_how_to_get_it(folder):
    _write(folder / "bin" / "python3", NEW_PYTHON.format(**{**WELL, "ensurepip": 1}))

    assert _refusal(folder) == (
        "python3 has no venv module. Install it (on Debian and Ubuntu: apt-get install python3-venv) and try again.\n"
    )


def test_install_says_why_venv_could_not_be_made(folder):
    _write(folder / "bin" / "python3", NEW_PYTHON.format(**{**WELL, "venv": 1, "venv_says": "disk full"}))

    assert _refusal(folder) == "Could not make .venv: Error: disk full\n"


def test_install_in_a_folder_that_cannot_be_written_says_so(folder):
    (folder / "var").write_text("a file where a folder has to be")

    assert _refusal(folder) == f"Cannot write in {folder}. Use a folder that you may write to.\n"


def test_install_that_pip_refuses_says_why_and_is_not_taken_for_done(folder):
    _write(folder / ".venv" / "bin" / "python", NEW_PYTHON.format(**{**WELL, "pip": 1, "pip_says": "no network"}))

    assert _refusal(folder) == (
        "Could not install the libraries: ERROR: no network (var/install.log has the whole story)\n"
    )
    assert not (folder / ".venv" / "run.stamp").exists()


@pytest.mark.parametrize(("lock", "stamps"), [("run", {"run.stamp"}), ("dev", {"run.stamp", "dev.stamp"})])
def test_install_leaves_a_stamp_for_each_lock_that_is_in_place(folder, lock, stamps):
    _write(folder / ".venv" / "bin" / "python", NEW_PYTHON.format(**WELL))

    installed = _install(folder, lock)

    assert (installed.returncode, installed.stderr) == (0, "")
    assert {path.name for path in (folder / ".venv").glob("*.stamp")} == stamps
    assert (folder / "var").stat().st_mode & 0o777 == 0o700
