"""Two operations of the BLAS that NumPy has loaded, which NumPy itself does not hand out.

`add_product` accumulates a matrix product into its target in one pass, `axpy` adds a multiple of a
vector to another. Both are found through threadpoolctl's path of the library and the symbol names
of the builds in use; where none is found, NumPy's ufuncs do the same in more passes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from actlab.arrays import Array

ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE = 101, 111, 112
NAMES = (
    ("scipy_cblas_{}64_", ctypes.c_int64),
    ("cblas_{}64_", ctypes.c_int64),
    ("scipy_cblas_{}", ctypes.c_int32),
    ("cblas_{}", ctypes.c_int32),
)
"""How builds of OpenBLAS, MKL and BLIS spell a routine, and the width of its integers."""
KINDS = {"f": ("s", ctypes.c_float), "d": ("d", ctypes.c_double)}


def axpy(a: float, x: Array, y: Array) -> None:
    """y += a x, for contiguous arrays of one type."""
    routine = _routine("axpy", y.dtype.char)
    if routine is None or x.dtype != y.dtype or not (x.flags.c_contiguous and y.flags.c_contiguous):
        y += y.dtype.type(a) * x
    else:
        routine(y.size, a, x.ctypes.data, 1, y.ctypes.data, 1)


def add_product(x: Array, dy: Array, out: Array, keep: float) -> None:
    """out = keep out + x^T dy, with x (batch, n_in), dy (batch, n_out), out (n_in, n_out)."""
    routine = _routine("gemm", out.dtype.char)
    if routine is None or not (_by_rows(x) and _by_rows(dy) and _by_rows(out)):
        product = x.T @ dy
        kept = np.multiply(out, out.dtype.type(keep), out=out) if keep else 0  # out may be NaN
        np.add(kept, product, out=out)
        return
    size = out.itemsize
    routine(
        *(ROW_MAJOR, TRANSPOSE, NO_TRANSPOSE, len(out), out.shape[1], len(x), 1.0),
        *(x.ctypes.data, x.strides[0] // size, dy.ctypes.data, dy.strides[0] // size),
        *(keep, out.ctypes.data, out.strides[0] // size),
    )


def _by_rows(x: Array) -> bool:
    return x.strides[1] == x.itemsize and x.strides[0] >= x.itemsize


@cache
def _routine(name: str, char: str) -> Callable[..., None] | None:
    """The BLAS routine for a type of float, ready to be called; None if there is none."""
    if char not in KINDS:
        return None
    prefix, number = KINDS[char]
    for library in _libraries():
        for pattern, integer in NAMES:
            found = getattr(library, pattern.format(prefix + name), None)
            if found is not None:
                found.restype = None
                found.argtypes = _signature(name, integer, number)
                return found
    return None


def _signature(name: str, integer: Any, number: Any) -> list[Any]:
    pointer, choice = ctypes.c_void_p, ctypes.c_int
    if name == "axpy":
        return [integer, number, pointer, integer, pointer, integer]
    matrix = [pointer, integer]
    return [*[choice] * 3, *[integer] * 3, number, *matrix, *matrix, number, *matrix]


@cache
def _libraries() -> list[ctypes.CDLL]:
    """NumPy's own BLAS, loaded before any other could be."""
    paths = [pool["filepath"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return [ctypes.CDLL(path) for path in paths if "numpy" in path] or [
        ctypes.CDLL(path) for path in paths
    ]


def blas_threads() -> int:
    """How many threads NumPy's BLAS would use now; 1 if that cannot be told."""
    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(pools, default=1)
