"""One training step: forward by parts of the batch, backward by fewer, updates beside it.

All of it is work for a team of threads (`nn/team.py`), each with one BLAS thread: elementwise
functions, which NumPy computes on one core, then use all. Forward, parts of the batch go through
the layers that have much to do, one a thread. From there on, up to half of the threads go on and
take the gradient down, with more rows each (on two cores one thread with all of them), since
products of many rows are faster; the others update the weights of the layers that it has passed
(`nn/updating.py`). Where the weights are large, or the layers need the batch as a whole, the
threads share the columns of each product instead: every one reads all of x, but only its own part
of W.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from actlab.arrays import Array, joined, shares
from actlab.nn import dense
from actlab.nn.dense import Dense
from actlab.nn.losses import Labels, n_right
from actlab.nn.network import Network
from actlab.nn.optimizers.driver import Driver
from actlab.nn.team import Task, Team
from actlab.nn.updating import Updates

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
        self.network, self.driver, self.team = network, driver, team
        self.fused, self.by_columns = _can_fuse(network), columns > 1
        self.parts = self.wholes = [network]
        if self.fused:
            self.parts = network.parts(parts, capacity)
            number = 1 if self.by_columns else _half(parts)
            self.wholes = network.parts(number, capacity, first=parts)
            self.updates = Updates(driver, self.wholes, team, max(parts, columns))
        self._ends = list(_ends(network))
        for one in (*self.wholes, *(self.parts if parts == 1 else ())):
            one.workspace.team, one.workspace.shares_columns_in = team, columns

    def step(
        self, feed: Feed, labels: Labels, lr: float, meanwhile: Iterable[Task] = ()
    ) -> tuple[float, float]:
        """Train on one batch; its loss without penalties, and how many examples were right.

        Nothing is updated if the loss is not finite. `meanwhile` is done by the end of the step, by
        whoever has nothing else to do.
        """
        try:
            found = self._forward(feed, labels, meanwhile)
            loss = sum(loss for loss, _, _ in found)
            if np.isfinite(loss):
                self._update([dy for _, _, dy in found], lr)
        finally:
            self.team.finish()
        return loss, sum(right for _, right, _ in found)

    def rows_fed(self, batch: int) -> list[list[slice]]:
        """The rows that a step asks of its feed, those together that one thread may prepare."""
        lower, _ = self._divided(batch)
        if not lower.stop:
            return [[rows] for rows in shares(batch, len(self.wholes))]
        rows = shares(batch, len(self.parts))
        return [rows[some] for some in shares(len(rows), len(self.wholes))]

    def evaluate(self, feed: Feed, labels: Labels) -> tuple[float, float]:
        """Loss of one batch in evaluation mode, and how many examples were right."""

        def go(part: Network, rows: slice) -> tuple[float, float, Array]:
            return judged(part, part.forward(feed(rows)), labels, rows)

        found = self.team.each(go, in_rows(self.parts, len(labels)))
        return sum(loss for loss, _, _ in found), sum(right for _, right, _ in found)

    def first_not_finite(self) -> str | None:
        """The first layer that went wrong in the last step, in any part."""
        return next(filter(None, (one.first_not_finite() for one in self.wholes)), None)

    def _forward(
        self, feed: Feed, labels: Labels, meanwhile: Iterable[Task]
    ) -> list[tuple[float, float, Array]]:
        """Loss, how many were right, and the gradient of the scores, for each of the wholes."""
        lower, upper = self._divided(len(labels))
        arrived = self._below(feed, len(labels), lower, meanwhile) if lower.stop else []

        def go(whole: Network, rows: slice, among: slice) -> tuple[float, float, Array]:
            x = joined(arrived[among]) if arrived else feed(rows)
            scores = whole.forward(x, training=True, places=upper)
            whole.take_over(self.parts[among], lower)
            return judged(whole, scores, labels, rows)

        among = shares(len(self.parts), len(self.wholes))
        given = (
            (*one, some) for one, some in zip(in_rows(self.wholes, len(labels)), among, strict=True)
        )
        return self.team.each(go, given, () if arrived else meanwhile)

    def _below(
        self, feed: Feed, batch: int, places: slice, meanwhile: Iterable[Task]
    ) -> list[Array]:
        """What each part of the batch is after these layers."""

        def go(part: Network, rows: slice) -> Array:
            return part.forward(feed(rows), training=True, places=places)

        return self.team.each(go, in_rows(self.parts, batch), meanwhile)

    def _divided(self, batch: int) -> tuple[slice, slice]:
        """The lower layers, up to the last with so much to do that parts are handed over; the rest.

        Layers that are linked stay together.
        """
        end = max((end for end, size in self._ends if batch * size >= dense.WORTHWHILE), default=0)
        if self.by_columns or len(self.parts) == 1:
            end = 0
        elif end and self.network.workspace.notes:
            end = len(self.network.placed)
        return slice(0, end), slice(end, None)

    def _update(self, gradients: Sequence[Array], lr: float) -> None:
        """Take the gradients of the scores down the network, and update on the way."""
        if not self.fused:
            self.network.backward(gradients[0])
            self.driver.step(lr)
            return
        self.driver.begin_step()
        self.updates.begin(lr)
        self.team.together(
            partial(one.backward, dy, passed=self.updates.passed)
            for one, dy in zip(self.wholes, gradients, strict=True)
        )
        self.team.finish()
        workspace, n = self.network.workspace, self.network.workspace.n_decaying
        workspace.grad[n:] = sum(one.workspace.grad[n:] for one in self.wholes)
        self.driver.update_undecayed(lr)


def in_rows(networks: Sequence[Network], batch: int) -> Iterator[tuple[Network, slice]]:
    """Each network with its rows of the batch, at which its work arrays begin from now on."""
    for network, rows in zip(networks, shares(batch, len(networks)), strict=True):
        network.workspace.start = rows.start
        yield network, rows


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


def _half(parts: int) -> int:
    """How many threads take the gradient down: half of an even number, so that each has the rows of
    whole parts, else one."""
    return 1 if parts % 2 else parts // 2


def _ends(network: Network) -> Iterator[tuple[int, int]]:
    """The place of the dense layer after each, and the size of its weights."""
    places = [n for n, one in enumerate(network.placed) if isinstance(one.layer, Dense)]
    for place, end in pairwise([*places, len(network.placed)]):
        yield end, network.placed[place].memory.W.size


def judged(
    network: Network, scores: Array, labels: Labels, rows: slice
) -> tuple[float, float, Array]:
    """The share of these rows in the loss, how many were right, and the gradient of the scores."""
    right = n_right(scores, labels[rows])
    loss, dy = network.loss.value_and_gradient(scores, labels[rows], rows=len(labels))
    return loss, right, dy
