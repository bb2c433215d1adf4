"""Find and read IDX files: the format of MNIST and of the sets made to replace it.

Four bytes (0, 0, type, dimensions), the big-endian length of each dimension, then the entries
(LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/).
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from actlab.arrays import Array
from actlab.data.dataset import DataError

FILES = {
    "train images": "train-images-idx3-ubyte",
    "train labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}
UNSIGNED_BYTE = 8
MOST_BYTES = 2**31
"""Larger files are refused: a damaged header must not fill the memory."""
REMEDY = "fetch the file again"


def find(places: Sequence[Path]) -> dict[str, Path]:
    """The four files in the first of the directories that holds any; DataError if one is missing.

    Each may be compressed (`.gz`), and have a dot before `idx`, as some copies do.
    """
    for place in places:
        found = {role: _named(place, stem) for role, stem in FILES.items()}
        if missing := [FILES[role] for role, file in found.items() if file is None]:
            if len(missing) == len(FILES):
                continue
            raise DataError(f"{place}: {', '.join(missing)} missing (plain or .gz); {REMEDY}")
        return {role: file for role, file in found.items() if file is not None}
    raise DataError(
        f"no IDX files in {', '.join(map(str, places))}; download {', '.join(FILES.values())} "
        "(plain or .gz), and point data.path or ACTLAB_DATA at their directory"
    )


def _named(place: Path, stem: str) -> Path | None:
    names = [
        f"{one}{suffix}" for one in (stem, stem.replace("-idx", ".idx")) for suffix in ("", ".gz")
    ]
    return next((place / name for name in names if (place / name).is_file()), None)


def read(file: Path, dimensions: int) -> Array:
    """The uint8 array in a plain or gzipped file; DataError names the file and what is wrong."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            shape = _shape(file, stream.read(4 + 4 * dimensions), dimensions)
            wanted = math.prod(shape)
            # one byte more, to see whether anything follows
            content = stream.read(wanted + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{file}: cut off, damaged or not gzip ({error}); {REMEDY}") from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from error
    if len(content) != wanted:
        found = "more" if len(content) > wanted else f"only {len(content):,}"
        raise DataError(
            f"{file}: its header announces {wanted:,} bytes, it holds {found}; {REMEDY}"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


def _shape(file: Path, header: bytes, dimensions: int) -> tuple[int, ...]:
    """The lengths that a header announces."""
    if len(header) < 4 or header[:2] != b"\0\0":
        start = header[:4].hex(" ") or "nothing"
        raise DataError(f"{file}: begins with {start}, not as an IDX file (00 00 08); {REMEDY}")
    if header[2:4] != bytes([UNSIGNED_BYTE, dimensions]):
        raise DataError(
            f"{file}: holds type {header[2]:#04x} in {header[3]} dimensions, not unsigned bytes "
            f"(0x08) in {dimensions}; convert it to bytes, or name another file so"
        )
    if len(header) < 4 + 4 * dimensions:
        raise DataError(f"{file}: cut off within its header; {REMEDY}")
    shape = tuple(np.frombuffer(header, ">u4", offset=4).tolist())
    if math.prod(shape) > MOST_BYTES:
        raise DataError(
            f"{file}: announces {math.prod(shape):,} bytes, which is too much; {REMEDY}"
        )
    return shape
