"""The layer protocol, and the workspace in which everything that changes while training lies.

A layer is frozen settings with five methods. What it remembers between them lies in its `Memory`,
claimed once from the `Workspace` of its network and reused for every batch. Four rules:

1. `x` is borrowed: read it, keep it until backward, never write it.
2. `y` is the layer's own: it stays intact until its backward has run.
3. `dy` is a gift: overwrite it, and return it as dx where the shapes agree.
4. backward assigns gradients, never adds; the dtype is the network's.

Where a layer `splits`, what forward leaves for backward lies in claimed rows, but for x itself:
several networks may have computed it, a part of the batch each, where another goes back through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import prod
from operator import is_
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from actlab.arrays import Array, whole
from actlab.nn.team import Team


class Layer:
    """A step of the network from `x (batch, n_in)` to `y (batch, n_out)`."""

    splits: ClassVar[bool] = True
    """Whether a batch may be computed in parts: not where its examples depend on one another."""
    noise: ClassVar[bool] = False
    """Whether it only adds noise: then the weights around it are drawn as if it were not there."""
    sampled: ClassVar[bool] = False
    """Whether it draws in Monte-Carlo prediction."""

    @property
    def adapts(self) -> bool:
        """Whether its first parameters depend on data."""
        return False

    def claim(self, n_in: int, m: Memory) -> int:
        """Claim parameters and work arrays for inputs of `n_in` numbers; returns n_out."""
        return n_in

    def initialize(self, m: Memory, rng: np.random.Generator) -> None:
        """Give the claimed parameters their first values."""

    def adapt(self, x: Array, m: Memory) -> None:
        """Let initializers that depend on data change them, given rows that reach the layer.

        A layer made of layers passes x on: each adapts to what those below make of it.
        """

    def forward(self, x: Array, m: Memory) -> Array:
        """y of the layer; `m.training` tells training from evaluation."""
        raise NotImplementedError

    def backward(self, dy: Array, m: Memory) -> Array:
        """dx from dy, the gradients of the claimed parameters assigned on the way."""
        raise NotImplementedError


@dataclass
class Parameter:
    """A trained array: its name, its shape, and whether weight penalties act on it."""

    name: str
    shape: tuple[int, ...]
    decays: bool
    memory: Memory
    attribute: str


class Memory:
    """What one placed layer remembers; claimed names become attributes.

    A parameter `W` gives `m.W` and `m.dW` once the network is laid out, rows `y` give `m.y` with as
    many rows as the current batch.
    """

    training: bool = False
    """Whether stochastic layers draw and running averages move."""
    sampled: bool = False
    """Whether layers of noise draw though nothing is trained: Monte-Carlo prediction."""
    batch_statistics: bool = False
    """Whether norms use the statistics of the batch instead of their running averages."""
    needs_dx: bool = True
    deferred: bool = False
    """Whether backward leaves the gradient of the weights to the update that needs it."""
    rng: np.random.Generator
    x: Array
    """The input of the last forward pass, borrowed."""
    ones: Array
    """As many ones as the batch has rows: `ones @ dy` is the fast column sum."""

    def __init__(self, name: str, workspace: Workspace) -> None:
        self.name = name
        self._workspace = workspace
        self._rows: dict[str, tuple[int, bool, DTypeLike | None]] = {}
        self._full: dict[str, Array] = {}
        self._fixed: dict[str, Array] = {}
        self._joined: tuple[Sequence[Array], Array | None] = (), None

    @property
    def team(self) -> Team:
        """The threads that share the columns of a product."""
        return self._workspace.team

    @property
    def shares_columns_in(self) -> int:
        """How many parts a product's columns are taken in; 1: all at once."""
        return self._workspace.shares_columns_in

    @property
    def draws(self) -> bool:
        """Whether layers of noise draw."""
        return self.training or self.sampled

    def parameter(self, name: str, shape: tuple[int, ...], *, decays: bool) -> None:
        """Claim a trained array; `decays` says whether weight penalties act on it."""
        full = f"{self.name}.{name}"
        self._workspace.claimed.append(Parameter(full, shape, decays, self, name))

    def state(self, name: str, shape: tuple[int, ...], fill: float) -> None:
        """Claim an array that is kept with the parameters but not trained."""
        self._workspace.state[f"{self.name}.{name}"] = array = self._workspace.kept(
            f"{self.name}.{name}", shape, fill
        )
        setattr(self, name, array)

    def link(self, name: str, tag: str) -> None:
        """Claim a note that all layers of the network that name this tag share."""
        setattr(self, name, self._workspace.notes.setdefault(tag, SimpleNamespace()))

    def rows(self, name: str, n: int, dtype: DTypeLike | None = None) -> None:
        """Claim a work array `(batch, n)` of this layer's own."""
        self._rows[name] = (n, False, dtype)

    def scratch(self, name: str, n: int, dtype: DTypeLike | None = None) -> None:
        """Claim a work array `(batch, n)` shared with all layers: its contents last one call."""
        self._rows[name] = (n, True, dtype)

    def fixed(self, name: str, shape: tuple[int, ...]) -> None:
        """Claim a work array whose shape has nothing to do with the batch."""
        self._fixed[name] = np.empty(shape, self._workspace.dtype)
        setattr(self, name, self._fixed[name])

    def take_over(self, parts: Sequence[Memory]) -> None:
        """Remember the forward pass that others made in the same rows, a part of the batch each."""
        if "x" in parts[0].__dict__:
            self._join([part.x for part in parts])
        for mode in ("training", "sampled", "batch_statistics"):
            setattr(self, mode, getattr(parts[0], mode))

    def _join(self, parts: Sequence[Array]) -> None:
        """x of these rows; where it is a view of the very same arrays as before, that is kept."""
        before, x = self._joined
        if x is None or x is not self.__dict__.get("x") or not all(map(is_, parts, before)):
            self._joined = parts, whole(parts)
            self.x = np.concatenate(parts) if self._joined[1] is None else self._joined[1]

    def lay_out(self, capacity: int, rows_of: Memory | None = None) -> None:
        """Get the claimed rows for batches of up to `capacity`, or share another memory's."""
        self._full = {
            name: rows_of._full[name]
            if rows_of and not shared
            else self._workspace.array(name, capacity, n, shared=shared, dtype=dtype)
            for name, (n, shared, dtype) in self._rows.items()
        }

    def cut(self, rows: slice) -> None:
        """Cut the claimed rows to those of the current batch."""
        self.ones = self._workspace.ones[rows]
        for name, full in self._full.items():
            setattr(self, name, full[rows])

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.__dict__.get('name')}: {name!r} was not claimed")


class Workspace:
    """One flat `theta`, one flat `grad`, and the work arrays of a network.

    Parameters that decay come first in theta, so a weight penalty acts on `theta[:n_decaying]`.
    """

    team: Team
    shares_columns_in: int = 1
    """Whether, and in how many parts, the team takes the columns of each product."""

    def __init__(self, dtype: DTypeLike, shared_with: Workspace | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.claimed: list[Parameter] = []
        self.state: dict[str, Array] = {}
        self.notes: dict[str, SimpleNamespace] = {}
        self.memories: list[Memory] = []
        self.capacity, self.start, self._cut = 0, 0, slice(0)
        self.theta: Array
        self.grad: Array
        self._shared_with = shared_with
        self._scratch: dict[tuple[str, np.dtype[Any]], Array] = {}

    def memory(self, name: str) -> Memory:
        """A new memory, for the layer of this name."""
        self.memories.append(Memory(name, self))
        return self.memories[-1]

    def kept(self, name: str, shape: tuple[int, ...], fill: float) -> Array:
        """A new state array, or that of the network this workspace shares parameters with."""
        if self._shared_with:
            return self._shared_with.state[name]
        return np.full(shape, fill, self.dtype)

    def progress_to(self, share: float) -> None:
        """Tell layers with a state `progress`, here and where it is shared, how far training is."""
        for name, array in self.state.items():
            if name.endswith(".progress"):
                array[...] = share

    def lay_out(self) -> None:
        """Allocate theta and grad, and hand every layer its views into them."""
        ordered = sorted(self.claimed, key=lambda parameter: not parameter.decays)
        size = sum(prod(parameter.shape) for parameter in ordered)
        self.n_decaying = sum(prod(p.shape) for p in ordered if p.decays)
        self.theta = self._shared_with.theta if self._shared_with else np.zeros(size, self.dtype)
        self.grad = np.zeros(size, self.dtype)
        self.parameters = dict(_views(self.theta, ordered, ""))
        self.gradients = dict(_views(self.grad, ordered, "d"))

    def resize(self, batch: int) -> None:
        """Make all work arrays fit a batch of this many rows, from row `start` on."""
        rows = slice(self.start, self.start + batch)
        if rows.stop > self.capacity:
            self._allocate(rows.stop)
        if rows != self._cut:
            self._cut = rows
            for memory in self.memories:
                memory.cut(rows)

    def share_rows(self, other: Workspace) -> None:
        """Use the rows of a workspace of the same network, but scratch of its own."""
        self._allocate(other.capacity, other.memories)

    def _allocate(self, capacity: int, rows_of: Sequence[Memory] = ()) -> None:
        self.capacity, self._scratch = capacity, {}
        self.ones = np.ones(capacity, self.dtype)
        for memory, theirs in zip_longest(self.memories, rows_of):
            memory.lay_out(capacity, theirs)

    def array(
        self, name: str, rows: int, n: int, *, shared: bool, dtype: DTypeLike | None
    ) -> Array:
        """A work array; a shared one is a view into the widest yet claimed under its name."""
        kind = np.dtype(self.dtype if dtype is None else dtype)
        if not shared:
            return np.empty((rows, n), kind)
        if self._scratch.get((name, kind), np.empty(0)).size < rows * n:
            self._scratch[name, kind] = np.empty(rows * n, kind)
        return self._scratch[name, kind][: rows * n].reshape(rows, n)


def _views(
    flat: Array, parameters: Iterable[Parameter], prefix: str
) -> Iterator[tuple[str, Array]]:
    at = 0
    for parameter in parameters:
        view = flat[at : at + prod(parameter.shape)].reshape(parameter.shape)
        setattr(parameter.memory, prefix + parameter.attribute, view)
        at += view.size
        yield parameter.name, view
