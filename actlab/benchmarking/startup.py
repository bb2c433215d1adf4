"""What starting the command costs, beside importing what it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from actlab.benchmarking.report import Report, ratio_shown
from actlab.benchmarking.timing import interleaved
from actlab.provenance import PACKAGES

PROMISE = 2.5
SLOW = tuple(sorted({*PACKAGES} - {"actlab", "numpy", "pydantic"}))
"""Packages that results depend on, and starting need not."""
BARE = ["-c", "import numpy, typer"]
HELP = ["-m", "actlab", "--help"]
_IMPORTED = """
import sys
from actlab.cli import app
try:
    app({arguments!r})
except SystemExit:
    pass
print(*sorted({slow!r} & set(sys.modules)), file=sys.stderr)
"""


def report(rounds: int) -> Report:
    """`actlab --help` against a bare import of numpy and typer, in processes of their own."""
    deeds = {
        "import numpy, typer": partial(_started, BARE),
        "actlab --help": partial(_started, HELP),
    }
    timing = interleaved(deeds, rounds)["actlab --help"]
    with TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text("model: {depth: 1}\n")
        commands = {"--help": ["--help"], "check": ["check", str(config)]}
        slow = {name: imported(arguments) for name, arguments in commands.items()}
    row = {
        "command": "actlab --help",
        "times import numpy, typer": ratio_shown(timing),
        "promised": f"{PROMISE:g}",
        "seconds": f"{median(timing.other) / 1e3:.2f}",
    }
    notes = [f"actlab {name} imports {', '.join(found)}" for name, found in slow.items() if found]
    numbers = {"ratio": timing.ratio, "ratios": timing.ratios, "promised": PROMISE}
    numbers |= {"bare_ms": timing.base, "help_ms": timing.other, "slow_imports": slow}
    return Report("startup", [row], numbers, notes or [f"neither imports {' or '.join(SLOW)}"])


def imported(arguments: list[str]) -> list[str]:
    """Which of the slow packages a command imports."""
    code = _IMPORTED.format(arguments=arguments, slow=set(SLOW))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()[-1].split()


def _started(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
