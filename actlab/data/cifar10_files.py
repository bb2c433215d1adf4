"""Find and read CIFAR-10's own files: either layout, as an archive or unpacked.

The binary layout is rows of one label byte and 3,072 pixel bytes, the Python layout pickled
dictionaries of the same (https://www.cs.toronto.edu/~kriz/cifar.html). Archives are read in
place: nothing is extracted to disk, and pickles may build uint8 arrays and nothing else.
"""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actlab.data.dataset import DataError, Split

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FEATURES = 3 * 32 * 32
TRAIN_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
BATCHES = (*TRAIN_BATCHES, "test_batch")
FOLDERS = {"binary": "cifar-10-batches-bin", "python": "cifar-10-batches-py"}
ARCHIVES = {"binary": "cifar-10-binary.tar.gz", "python": "cifar-10-python.tar.gz"}
SUFFIXES = {"binary": ".bin", "python": ""}

BATCH_ROWS = 10_000
MOST_BYTES = 64 * 2**20
"""No batch file is half as large; what is larger is not read into memory."""


def find(places: Sequence[Path]) -> Path:
    """The archive or unpacked directory in the first place that holds one.

    A place is that archive or directory itself, or a directory that holds one under its official
    name. Raises DataError that lists the places.
    """
    for place in places:
        inside = [place / name for name in (*FOLDERS.values(), *ARCHIVES.values())]
        for candidate in (place, *inside):
            if candidate.is_file() or layout_of(candidate):
                return candidate
    raise DataError(
        f"CIFAR-10 not found in {', '.join(map(str, places))}; type `actlab data fetch cifar10`, "
        f"or point data.path or ACTLAB_DATA at a directory that holds {FOLDERS['binary']}"
    )


def layout_of(directory: Path) -> str:
    """`binary` or `python` if batch files of that layout lie in the directory, otherwise empty."""
    for layout, suffix in SUFFIXES.items():
        if any((directory / f"{batch}{suffix}").is_file() for batch in BATCHES):
            return layout
    return ""


def read(found: Path) -> tuple[str, dict[str, Split]]:
    """The layout, and every batch as its rows `x (n, 3072)` uint8 and labels, by its name.

    Raises DataError that names the file and what is wrong with it.
    """
    whole = list(one_by_one(found))
    return whole[0][0], {name: split for _, name, split in whole}


def one_by_one(found: Path) -> Iterator[tuple[str, str, Split]]:
    """Layout, name and rows of each batch, in the order of the files; DataError if one is missing.

    Who lets go of a batch before asking for the next holds one at a time.
    """
    missing = list(BATCHES)
    for file, content in _archived(found) if found.is_file() else _unpacked(found):
        layout = "binary" if file.endswith(".bin") else "python"
        name = file.removesuffix(".bin")
        missing.remove(name)
        yield layout, name, _DECODERS[layout](f"{found}: {file}", content)
    if missing:
        raise DataError(f"{found}: {', '.join(missing)} missing; {REMEDY}")


REMEDY = "type `actlab data fetch cifar10` for a fresh copy"


def _unpacked(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each batch file in a directory."""
    suffix = SUFFIXES[layout_of(directory)]
    for file in (directory / f"{batch}{suffix}" for batch in BATCHES):
        if not file.is_file():
            continue
        _refuse_giant(str(file), file.stat().st_size)
        try:
            yield file.name, file.read_bytes()
        except OSError as error:
            raise DataError(f"{file}: cannot be read: {error.strerror}") from error


def _archived(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each batch file in a tar archive, in the archive's order."""
    import tarfile

    folders = {FOLDERS[layout]: suffix for layout, suffix in SUFFIXES.items()}
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                suffix = folders.get(str(path.parent))
                if suffix is None or path.name not in {f"{batch}{suffix}" for batch in BATCHES}:
                    continue
                _refuse_giant(f"{archive}: {path.name}", member.size)
                if file := tar.extractfile(member):
                    yield path.name, file.read()
    except (tarfile.TarError, EOFError, OSError, KeyError, zlib.error) as error:
        reason = f"cut off, damaged or not an archive ({error})"
        raise DataError(f"{archive}: {reason}; {REMEDY}") from error


def _refuse_giant(place: str, size: int) -> None:
    if size > MOST_BYTES:
        raise DataError(f"{place}: {size:,} bytes is too large for a batch of CIFAR-10; {REMEDY}")


def _from_binary(place: str, content: bytes) -> Split:
    """Rows of one label byte and 3,072 pixels; the pixels are a view of `content`."""
    if not content or len(content) % (FEATURES + 1):
        fault = f"{len(content):,} bytes is not a whole number of rows of {FEATURES + 1:,} bytes"
        raise DataError(f"{place}: {fault}; {REMEDY}")
    rows = np.frombuffer(content, np.uint8).reshape(-1, FEATURES + 1)
    return _checked(place, rows[:, 1:], rows[:, 0].astype(np.int64))


def _from_python(place: str, content: bytes) -> Split:
    """A pickled dictionary with `data (n, 3072)` uint8 and a list of `labels`."""
    try:
        batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
        x, labels = batch[b"data"], np.array(batch[b"labels"], np.int64)
    except DataError as error:
        raise DataError(f"{place}: {error}") from error
    # A damaged pickle can fail in any way: every opcode interprets what precedes it.
    except Exception as error:
        fault = f"not a batch of CIFAR-10 ({type(error).__name__}: {error})"
        raise DataError(f"{place}: {fault}; {REMEDY}") from error
    plain = isinstance(x, np.ndarray) and x.dtype == np.uint8
    if not plain or x.shape != (labels.size, FEATURES) or not labels.size:
        fault = f"does not hold one row of {FEATURES:,} bytes for each of its labels"
        raise DataError(f"{place}: {fault}; {REMEDY}")
    return _checked(place, x, labels.reshape(-1))


def _checked(place: str, x: NDArray[np.uint8], labels: NDArray[np.int64]) -> Split:
    if len(labels) > BATCH_ROWS:
        fault = f"{len(labels):,} rows, more than the {BATCH_ROWS:,} of a batch"
        raise DataError(f"{place}: {fault}; {REMEDY}")
    wrong = np.flatnonzero((labels < 0) | (labels >= len(CLASSES)))
    if len(wrong):
        fault = f"label {labels[wrong[0]]} in row {wrong[0]}, where CIFAR-10 has 0 to 9"
        raise DataError(f"{place}: {fault}; {REMEDY}")
    return Split(x, labels)


_DECODERS: dict[str, Callable[[str, bytes], Split]] = {
    "binary": _from_binary,
    "python": _from_python,
}


class _ArraysOnly(pickle.Unpickler):
    """Unpickles uint8 arrays and plain containers; any other global raises DataError."""

    def find_class(self, module: str, name: str) -> Any:
        # NumPy 2 moved its core: files written on either side of that must load on both.
        place = (module.replace("numpy._core", "numpy.core"), name)
        if place not in _PERMITTED:
            raise DataError(f"refused: its pickle asks for {module}.{name}, not only for arrays")
        return _PERMITTED[place]


def _bytes_type(kind: bytes | str, *flags: object) -> np.dtype[Any]:
    """numpy.dtype for `u1` alone; the flags, as Python 2 wrote them, are deprecated in NumPy 2."""
    if kind not in (b"u1", "u1"):
        raise DataError(f"refused: its pickle holds an array of {kind!r}, not of bytes")
    return np.dtype(np.uint8)


def _latin1(text: str, codec: bytes | str) -> bytes:
    """How Python 3 writes bytes into the pickle protocols of Python 2."""
    if codec not in (b"latin1", "latin1"):
        raise DataError(f"refused: its pickle encodes by {codec!r}")
    return text.encode("latin1")


_PERMITTED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _bytes_type,
    ("_codecs", "encode"): _latin1,
}
