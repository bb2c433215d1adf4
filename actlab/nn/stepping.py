"""One training step: forward and backward by parts of the batch, update by parts of the weights.

The parts are threads' work (`nn/team.py`), each with one BLAS thread: elementwise functions, which
NumPy computes on one core, then use all. Where the weights are large, or the layers need the batch
as a whole, the threads share the columns of each product instead: every one reads all of x, but
only its own part of W. The gradient of the weights is never stored. The update
takes the product x^T dy for a block of rows and applies it while the block is in the cache; where
the optimizer is SGD, the product is accumulated straight into its velocity.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from actlab.arrays import Array, whole
from actlab.nn.blas import add_product
from actlab.nn.dense import Dense
from actlab.nn.layer import Memory
from actlab.nn.losses import Labels, n_right
from actlab.nn.network import Network
from actlab.nn.optimizers.driver import Driver
from actlab.nn.team import Team

BLOCK = 1 << 20
"""Most elements of a block of weights. Every block packs dy anew for its product, which costs more
than what smaller blocks would gain by staying in a nearer cache."""
MOST_PARTS = 8
WORTHWHILE = 1 << 24
"""Multiplications in a forward pass, below which handing over costs more than it saves."""
LARGE = 1 << 19
"""Elements of a weight matrix, on average, from which on sharing columns is faster than rows: by
20% at a batch of 10, by 4% at 256. The threads meet at every product, and read W once in all."""

Feed = Callable[[slice], Array]
"""Delivers these rows of the batch, ready for the network."""


class Stepper:
    """Training steps of a network on a team of threads.

    The number of parts depends on the network, the batch and the machine, not on the threads at
    hand: a run gives the same bits on one thread as on several.
    """

    def __init__(
        self,
        network: Network,
        driver: Driver,
        parts: int,
        capacity: int,
        team: Team,
        columns: int = 1,
    ) -> None:
        self.network, self.driver, self.team, self.columns = network, driver, team, columns
        self.fused = _can_fuse(network)
        self.parts = network.parts(parts, capacity) if self.fused else [network]
        self.active = self.parts
        self.shares = _shares(self.parts, max(parts, columns)) if self.fused else []

    def step(self, feed: Feed, labels: Labels, lr: float) -> tuple[float, float]:
        """Train on one batch; its loss without penalties, and how many examples were right.

        Nothing is updated if the loss is not finite.
        """
        loss, right = self._in_parts(feed, labels, training=True)
        if np.isfinite(loss):
            self._update(lr)
        return loss, right

    def evaluate(self, feed: Feed, labels: Labels) -> tuple[float, float]:
        """Loss of one batch in evaluation mode, and how many examples were right."""
        return self._in_parts(feed, labels, training=False)

    def _in_parts(self, feed: Feed, labels: Labels, *, training: bool) -> tuple[float, float]:
        self._share(by_columns=self.columns > 1 and (training or len(self.parts) == 1))

        def work(part: Network, rows: slice) -> tuple[float, float]:
            return _pass(part, feed, labels, rows, training=training)

        return in_parts(self.active, len(labels), self.team, work)

    def _share(self, *, by_columns: bool) -> None:
        """Let the threads share each product, or else the rows of the batch."""
        self.active = self.parts[:1] if by_columns else self.parts
        workspace = self.parts[0].workspace
        workspace.team, workspace.shares_columns_in = self.team, self.columns if by_columns else 1

    def first_not_finite(self) -> str | None:
        """The first layer that went wrong in the last step, in any part."""
        return next(filter(None, (part.first_not_finite() for part in self.active)), None)

    def _update(self, lr: float) -> None:
        if not self.fused:
            self.driver.step(lr)
            return
        self.driver.begin_step()
        self.team.together([partial(self._update_share, share, lr) for share in self.shares])
        workspace, n = self.network.workspace, self.network.workspace.n_decaying
        workspace.grad[n:] = sum(part.workspace.grad[n:] for part in self.active)
        self.driver.update_undecayed(lr)

    def _update_share(self, share: Sequence[_Block], lr: float) -> None:
        with np.errstate(all="ignore"):
            for block in share:
                product = partial(block.product, len(self.active))
                self.driver.update_weights(block.weights, product, lr)


@dataclass(frozen=True)
class _Block:
    """Some rows of a dense layer's weights: where they are in theta, and their gradient."""

    memories: tuple[Memory, ...]
    rows: slice
    weights: slice

    def product(self, parts: int, out: Array, keep: float) -> None:
        """out = keep out + x^T dy of these rows, summed over the first so many parts."""
        matrix = out.reshape(self.rows.stop - self.rows.start, -1)
        add_weight_gradient(self.memories[:parts], self.rows, matrix, keep)


def in_parts(
    parts: Sequence[Network],
    batch: int,
    team: Team,
    work: Callable[[Network, slice], tuple[float, float]],
) -> tuple[float, float]:
    """The sums of what `work` returns for each part and its rows of the batch, done by the team."""
    bounds = np.linspace(0, batch, len(parts) + 1).astype(int)
    results = [(0.0, 0.0)] * len(parts)

    def go(index: int) -> None:
        results[index] = work(parts[index], slice(bounds[index], bounds[index + 1]))

    team.together([partial(go, index) for index in range(len(parts))])
    return sum(loss for loss, _ in results), sum(right for _, right in results)


def number_of_parts(network: Network, batch: int) -> int:
    """As many as the machine has cores if there is work for so many; 1 if layers need the batch."""
    return min(_shareable(network, batch), max(batch, 1)) if _splits(network) else 1


def number_of_columns(network: Network, batch: int) -> int:
    """In how many parts to share the columns of products in training; 1: the rows are shared."""
    weights = [p for p in network.workspace.claimed if p.decays]
    large = network.workspace.n_decaying >= LARGE * len(weights)
    return _shareable(network, batch) if large or not _splits(network) else 1


def _shareable(network: Network, batch: int) -> int:
    """Among how many threads a step can be shared: 1 unless there is work for all cores."""
    worthwhile = batch * network.workspace.n_decaying >= WORTHWHILE
    return min(os.cpu_count() or 1, MOST_PARTS) if worthwhile and _can_fuse(network) else 1


def _splits(network: Network) -> bool:
    """Whether no layer needs the batch as a whole."""
    return all(placed.layer.splits for placed in network.placed)


def _can_fuse(network: Network) -> bool:
    """Whether all weights that decay are those of plain dense layers."""
    dense = {f"{placed.name}.W" for placed in network.placed if type(placed.layer) is Dense}
    return {p.name for p in network.workspace.claimed if p.decays} == dense


def _pass(
    network: Network, feed: Feed, labels: Labels, rows: slice, *, training: bool
) -> tuple[float, float]:
    """The share of these rows in the loss, and how many were right; in training with backward."""
    with np.errstate(all="ignore"):  # which is each thread's own
        network.workspace.start = rows.start
        scores = network.forward(feed(rows), training=training)
        right = n_right(scores, labels[rows])
        loss, dy = network.loss.value_and_gradient(scores, labels[rows], rows=len(labels))
        if training:
            network.backward(dy)
    return loss, right


def _shares(parts: Sequence[Network], number: int) -> list[list[_Block]]:
    """All weights in so many shares of about equal size, each in blocks of whole rows."""
    cuts = np.linspace(0, parts[0].workspace.n_decaying, number + 1)
    shares: list[list[_Block]] = [[] for _ in range(number)]
    start = 0
    for memories in dense_memories(parts):
        n_in, n_out = memories[0].W.shape
        inside = [round((cut - start) / n_out) for cut in cuts[1:-1]]
        bounds = [0, *(min(max(row, 0), n_in) for row in inside), n_in]
        for share, (first, last) in zip(shares, pairwise(bounds), strict=True):
            for rows in _runs(first, last, max(1, BLOCK // n_out)):
                weights = slice(start + rows.start * n_out, start + rows.stop * n_out)
                share.append(_Block(memories, rows, weights))
        start += n_in * n_out
    return shares


def dense_memories(parts: Sequence[Network]) -> Iterator[tuple[Memory, ...]]:
    """The memories of each dense layer in all parts, which from now on defer to the update."""
    for places in zip(*(part.placed for part in parts), strict=True):
        if isinstance(places[0].layer, Dense):
            for place in places:
                place.memory.deferred = True
            yield tuple(place.memory for place in places)


def _runs(first: int, last: int, length: int) -> Iterator[slice]:
    return (slice(at, min(at + length, last)) for at in range(first, last, length))


def add_weight_gradient(memories: Sequence[Memory], rows: slice, out: Array, keep: float) -> None:
    """out = keep out + x^T dy of these rows of W, summed over the parts of a dense layer."""
    for x, dy in _inputs(memories):
        add_product(x[:, rows], dy, out, keep)
        keep = 1.0


def _inputs(memories: Sequence[Memory]) -> list[tuple[Array, Array]]:
    """Input and output gradient of each part; of all at once where their rows lie in one array."""
    x, dy = whole([m.x for m in memories]), whole([m.dy for m in memories])
    if x is not None and dy is not None:
        return [(x, dy)]
    return [(m.x, m.dy) for m in memories]
