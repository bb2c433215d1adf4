"""Read .npz files: shapes and types without the content, and content without pickles.

An .npz file is a zip archive of .npy arrays, each with its shape and type in a header
(https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from actlab.arrays import Array
from actlab.data.dataset import DataError

REMEDY = "write it with numpy.savez"


@dataclass(frozen=True)
class Entry:
    """An array in a file, as its header describes it."""

    file: Path
    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __str__(self) -> str:
        return f"{self.file}: {self.member.removesuffix('.npy')}"

    @property
    def rows(self) -> int:
        """Entries of the first dimension; 0 if there is none."""
        return self.shape[0] if self.shape else 0


def entries(file: Path) -> dict[str, Entry]:
    """The arrays in a file by name, in small letters; only headers are read. Raises DataError."""
    found = {}
    with _archive(file) as archive:
        for member in archive.infolist():
            if not member.filename.endswith(".npy"):
                continue
            with archive.open(member) as stream:
                entry = Entry(file, member.filename, *_header(stream))
            announced = math.prod(entry.shape) * entry.dtype.itemsize
            # what pickled objects take is not in the header; `read` refuses them
            if announced > member.file_size and not entry.dtype.hasobject:
                raise DataError(f"{entry}: holds less than its header announces; {REMEDY}")
            found[member.filename.removesuffix(".npy").lower()] = entry
    return found


def read(entry: Entry) -> Array:
    """The array itself; pickled objects are refused with DataError."""
    with _archive(entry.file) as archive, archive.open(entry.member) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"an array in version {version} of the format")
    return shape, dtype


@contextmanager
def _archive(file: Path) -> Iterator[zipfile.ZipFile]:
    """The open file; whatever is wrong with it becomes a DataError."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except DataError:
        raise
    # RuntimeError: a password; NotImplementedError, its child: an unknown compression
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        fault = f"cut off, damaged or not an .npz file ({error})"
        raise DataError(f"{file}: {fault}; {REMEDY}") from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror or error}") from error
