"""Where a result came from: versions, machine, threads, command, seed, commit."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from actlab.experiment import Experiment

PACKAGES = ("actlab", "numpy", "scipy", "pydantic", "matplotlib")


def provenance(experiment: Experiment) -> dict[str, Any]:
    """What provenance.json holds."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": ["actlab", *sys.argv[1:]],
        "seed": experiment.seed,
        "digest": experiment.digest,
        "commit": _commit(),
        "python": platform.python_version(),
        "versions": versions(),
        "platform": platform.platform(),
        "cpu": cpu(),
        "blas": [
            {
                key: pool.get(key)
                for key in ("internal_api", "version", "num_threads", "architecture")
            }
            for pool in threadpool_info()
        ],
    }


def versions() -> dict[str, str | None]:
    """What is installed, by package."""
    return {name: _version(name) for name in PACKAGES}


@cache
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def _commit() -> str | None:
    """The commit of actlab's own checkout, if it runs from one."""
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


@cache
def cpu() -> str:
    """The model of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
