"""A user's own examples, from one .npz file."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, PrivateAttr

from actlab.arrays import Array
from actlab.data import npz_files
from actlab.data.dataset import DataError, Dataset, Source, Split
from actlab.data.npz_files import Entry
from actlab.randomness import generator

SUFFIXES = {
    "train": ("_train", ""),
    "validation": ("_validation", "_valid", "_val"),
    "test": ("_test",),
}
SHARE = 10
"""Without sets of their own, validation and test each get one in so many examples."""


class Npz(Source):
    """Rows `x` and labels `y` of an .npz file; or `x_train`, `y_train`, `x_test` and `y_test`.

    Also known: `x_validation` and `y_validation` (or `_val`), and `labels` for `y`; small letters
    and capitals are alike. x holds one row, or array, of numbers for each example; y whole numbers
    from 0. Validation and test examples that have no arrays of their own are drawn from the others
    by the role `split` of the seed. Bytes stay bytes, all else becomes float32; features are
    standardized unless `data.preprocess` says otherwise.

    A relative `file` lies in the working directory, or in ACTLAB_DATA; data.path replaces both, as
    a directory or as the file itself.

    Source: the format of numpy.savez (Harris et al. 2020, "Array programming with NumPy").
    """

    name: ClassVar[str] = "npz"
    needs_files: ClassVar[bool] = True
    unknown_units: ClassVar[bool] = True

    file: str = Field("", description="the .npz file; required to load anything")
    train: int | None = Field(None, ge=1, description="training examples; empty: all that are left")
    validation: int | None = Field(None, ge=0, description="empty: all, or a tenth if none apart")
    test: int | None = Field(None, ge=0, description="empty: all, or a tenth if none apart")
    classes: int | None = Field(None, ge=2, description="empty: as many as there are labels")
    kind: Literal["rows", "images"] = Field(
        "rows", description="images: bytes as (height, width) or (channels, height, width)"
    )

    _path: Path | None = PrivateAttr(None)

    @property
    def images(self) -> bool:
        return self.kind == "images"

    @property
    def sizes(self) -> tuple[int, int, int]:
        held = {role: x.rows for role, (x, _) in self._entries(self._path).items()}
        return self._sizes(held)

    @property
    def shape(self) -> tuple[int, ...]:
        x, _ = self._entries(self._path)["train"]
        return self._row_shape(x)

    @property
    def n_classes(self) -> int:
        return self.classes or _count_classes(self._entries(self._path))

    def at(self, path: Path | None) -> Npz:
        there = self.model_copy()
        there._path = path
        return there

    def shrunk(self, examples: int) -> Npz:
        train, validation, test = (min(size, examples) for size in self.sizes)
        return self.model_copy(update={"train": train, "validation": validation, "test": test})

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """The splits, as their arrays say or drawn. Raises DataError that names array and fault."""
        entries = self._entries(path or self._path)
        n_classes = self.classes or _count_classes(entries)
        shape = self._row_shape(entries["train"][0])
        held = {role: self._checked(x, y, shape, n_classes) for role, (x, y) in entries.items()}
        sizes = self._sizes({role: len(split) for role, split in held.items()})
        # test and validation first: they stay the same whatever part of the rest is trained on
        order = generator(seed, "split").permutation(len(held["train"]))
        splits = {}
        for role, size in zip(("test", "validation", "train"), reversed(sizes), strict=True):
            if role in held and role != "train":
                splits[role] = Split(held[role].x[:size], held[role].labels[:size])
                continue
            chosen, order = order[:size], order[size:]
            splits[role] = Split(held["train"].x[chosen], held["train"].labels[chosen])
        names = tuple(f"class {label}" for label in range(n_classes))
        return Dataset(**splits, classes=names, shape=shape)

    def _entries(self, path: Path | None) -> dict[str, tuple[Entry, Entry]]:
        """The arrays x and y of each set in the file, as their headers describe them."""
        file = self._found(path)
        known = npz_files.entries(file)
        pairs = {role: _pair(known, role) for role in SUFFIXES}
        roles = {role: pair for role, pair in pairs.items() if pair}
        if "train" not in roles:
            names = ", ".join(known) or "nothing"
            raise DataError(f"{file}: holds {names}; save x and y, or x_train and y_train")
        return roles

    def _found(self, path: Path | None) -> Path:
        """The file, wherever it lies; it must be named, since data.path is not in the hash."""
        if not self.file:
            raise DataError("data.source: no file named; write {name: npz, file: mine.npz}")
        file = Path(self.file).expanduser()
        named = os.environ.get("ACTLAB_DATA")
        places = [file, *([Path(named).expanduser() / file] if named else [])]
        if path is not None:
            path = path.expanduser()
            places = [path / file if path.is_dir() else path]
        if found := next((place for place in places if place.is_file()), None):
            return found
        where = " or ".join(str(place.absolute()) for place in places)
        raise DataError(f"{where}: no such file; correct data.source.file or data.path")

    def _sizes(self, held: dict[str, int]) -> tuple[int, int, int]:
        """Examples in each split, given how many the file has in each of its sets."""
        train_rows, asked, drawn = held["train"], {}, 0
        for role, setting in (("validation", self.validation), ("test", self.test)):
            there = held.get(role, train_rows // SHARE)
            asked[role] = there if setting is None else setting
            if role not in held:
                drawn += asked[role]
            elif asked[role] > there:
                raise DataError(self._too_few(role, asked[role], there))
        train = max(train_rows - drawn, 1) if self.train is None else self.train
        if train + drawn > train_rows:
            raise DataError(self._too_few("train", train + drawn, train_rows))
        return train, asked["validation"], asked["test"]

    def _too_few(self, role: str, asked: int, held: int) -> str:
        fault = f"{asked:,} {role} examples are asked for, but there are {held:,}"
        return f"{self.file}: {fault}; lower train, validation or test"

    def _row_shape(self, x: Entry) -> tuple[int, ...]:
        """Shape of one row, as the network and the preprocessing see it."""
        if not self.images:
            return (math.prod(x.shape[1:]),)
        shape = (1, *x.shape[1:]) if len(x.shape) == 3 else x.shape[1:]
        if len(shape) != 3 or x.dtype != np.uint8:
            fault = f"{x.dtype} of shape {x.shape} are not images"
            raise DataError(f"{x}: {fault}; save uint8 (n, channels, height, width), or kind: rows")
        if shape[0] > 4 >= shape[2]:
            fault = f"channels come last in {x.shape}"
            raise DataError(f"{x}: {fault}; save x.transpose(0, 3, 1, 2)")
        return shape

    def _checked(self, x: Entry, y: Entry, shape: tuple[int, ...], n_classes: int) -> Split:
        """The rows and labels of one set, in the types that training takes."""
        if self._row_shape(x) != shape:
            fault = f"rows of shape {self._row_shape(x)}, but those of the training set"
            raise DataError(f"{x}: {fault} have {shape}; save both alike")
        labels = _labels(y)
        if len(labels) != x.rows:
            raise DataError(f"{y}: {len(labels):,} labels for {x.rows:,} rows; save one for each")
        wrong = np.flatnonzero((labels < 0) | (labels >= n_classes))
        if len(wrong):
            fault = f"label {labels[wrong[0]]} in row {wrong[0]}, where {n_classes} classes"
            raise DataError(f"{y}: {fault} go from 0 to {n_classes - 1}; renumber, or set classes")
        return Split(_rows(x), labels)


def _pair(known: dict[str, Entry], role: str) -> tuple[Entry, Entry] | None:
    """The arrays x and y of a role, if the file has them, under any of their names."""
    rows = [f"x{end}" for end in SUFFIXES[role]]
    labels = [f"{word}{end}" for end in SUFFIXES[role] for word in ("y", "labels")]
    x, y = (next((known[n] for n in names if n in known), None) for names in (rows, labels))
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise DataError(f"{x or y}: has no counterpart; save both x and y of the {role} set")
    for entry in (x, y):
        if not entry.shape or 0 in entry.shape:
            fault = f"shape {entry.shape} holds no examples"
            raise DataError(f"{entry}: {fault}; save a row and a label for each, or neither")
    return x, y


def _rows(entry: Entry) -> Array:
    """An array of numbers as rows, uint8 or float32, all finite."""
    if entry.dtype.kind not in "buif":
        fault = f"{entry.dtype} is not a type of number"
        raise DataError(f"{entry}: {fault}; save x as uint8, float32 or float64")
    x = npz_files.read(entry).reshape(entry.rows, math.prod(entry.shape[1:]))
    if x.dtype == np.uint8:
        return x
    with np.errstate(over="ignore"):
        x = x.astype(np.float32, copy=False)
    wrong = np.argwhere(~np.isfinite(x))
    if len(wrong):
        row, column = wrong[0]
        fault = f"{x[row, column]} in row {row}, feature {column}"
        raise DataError(f"{entry}: {fault}; leave such rows out, or fill in a number")
    return x


def _labels(entry: Entry) -> Array:
    """Labels as int64 (n,), from whole numbers (n,) or (n, 1)."""
    if entry.dtype.kind not in "bui" or math.prod(entry.shape[1:]) != 1:
        fault = f"{entry.dtype} of shape {entry.shape} are not labels"
        raise DataError(
            f"{entry}: {fault}; save one whole number for each row, such as y.astype(int)"
        )
    return npz_files.read(entry).reshape(-1).astype(np.int64)


def _count_classes(entries: dict[str, tuple[Entry, Entry]]) -> int:
    """One more than the largest label of any set; DataError if that cannot be meant."""
    largest = max(int(_labels(y).max(initial=0)) for _, y in entries.values())
    rows = max(y.rows for _, y in entries.values())
    if largest >= max(rows, 2):
        _, y = entries["train"]
        fault = f"labels up to {largest:,} for {rows:,} rows"
        raise DataError(f"{y}: {fault}; number the classes from 0, or set classes")
    return max(largest + 1, 2)
