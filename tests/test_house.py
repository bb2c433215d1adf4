"""The house as a whole: its floors, its manners, its start-up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "actlab"

FLOORS = [
    ["arrays", "execution", "locks", "randomness"],
    ["config"],
    ["cluster", "nn"],
    ["data", "probes"],
    ["experiment"],
    ["architecture", "record", "costs", "naming", "theory"],
    [
        "checking",
        "explaining",
        "feeding",
        "measuring",
        "predicting",
        "stopping",
        "store",
        "provenance",
    ],
    ["runs", "training"],
    ["running"],
    ["benchmarking", "working"],
    ["sweeping"],
    ["comparing", "exporting"],
    ["claims"],
    ["figures"],
    ["registry"],
    ["cli"],
    ["__main__"],
]
"""From the ground up: a module imports from lower floors, and from its own folder."""


def floor(name):
    """How high a module or folder of the package lies."""
    return next(height for height, rooms in enumerate(FLOORS) if name in rooms)


def imported(path):
    """The parts of actlab that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module == "actlab":
            names += [f"actlab.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("actlab."))


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_strictly_downwards(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    for other in imported(path):
        assert other == room or floor(other) < floor(room), f"{room} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_stay_short_and_explain_themselves(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "no docstring"
    assert len(path.read_text().splitlines()) <= 300


def test_only_figures_and_reports_import_matplotlib():
    users = {path for path in FILES if "matplotlib" in path.read_text()}
    assert {p.relative_to(PACKAGE).parts[0] for p in users} <= {
        "figures",
        "report",
        "provenance.py",
    }


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], ["list", "activations", "relu"], ["check", str(ROOT / "configs")]],
    ids=lambda words: words[0],
)
def test_start_up_imports_nothing_slow(arguments):
    code = (
        "import sys; from actlab.cli import app\n"
        f"try: app({arguments!r})\nexcept SystemExit as end: assert not end.code, end.code\n"
        "slow = {'matplotlib', 'scipy'} & set(sys.modules)\nassert not slow, slow"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [["ruff", "check", "-q"], ["ruff", "format", "--check", "-q"]])
def test_ruff_is_content(command):
    done = subprocess.run(
        [sys.executable, "-m", *command, "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_type_checker_is_content():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
