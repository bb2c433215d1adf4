"""What a measurement was made on, and what might make it faster."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from actlab.execution import cores
from actlab.provenance import cpu

CORETYPE = "OPENBLAS_CORETYPE"
PEERS = ("torch", "jax", "scikit-learn")


def machine() -> dict[str, Any]:
    """CPU, cores, BLAS with its version and the kernels it chose, versions of what is compared."""
    blas = _blas()
    return {
        "cpu": cpu(),
        "cores": cores(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas.get("internal_api"),
        "blas_version": blas.get("version"),
        "blas_architecture": blas.get("architecture"),
        CORETYPE.lower(): os.environ.get(CORETYPE),
        "peers": {name: found for name in PEERS if (found := _version(name))},
    }


def shown(found: dict[str, Any]) -> str:
    """The machine in one line."""
    blas = f"{found['blas']} {found['blas_version']} ({found['blas_architecture']} kernels)"
    peers = "".join(f", {name} {number}" for name, number in found["peers"].items())
    return f"{found['cpu']}, {found['cores']} cores; NumPy {found['numpy']}, {blas}{peers}"


def hints(found: dict[str, Any]) -> list[str]:
    """A line where OpenBLAS chose another maker's kernels: told, never set silently."""
    architecture = found["blas_architecture"] or ""
    foreign = "AMD" in found["cpu"] and not architecture.lower().startswith("zen")
    if not foreign or found["blas"] != "openblas" or found[CORETYPE.lower()]:
        return []
    return [
        f"OpenBLAS computes with its {architecture} kernels on this AMD CPU; "
        f"{CORETYPE}=Zen actlab bench ... tells whether others are faster here"
    ]


def _blas() -> dict[str, Any]:
    """The library that NumPy computes with, of all that are loaded."""
    pools: Iterable[dict[str, Any]] = [p for p in threadpool_info() if p["user_api"] == "blas"]
    own = [pool for pool in pools if "numpy" in pool["filepath"]]
    return next(iter([*own, *pools]), {})


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
