"""The update of the weights, block by block, each as soon as its gradient can be taken.

The gradient of the weights is never stored. The update takes the product x^T dy for a block of rows
and applies it while the block is in the cache; where the optimizer is SGD, the product is
accumulated straight into its velocity. The blocks of a layer wait for nothing but the backward pass
through it, so threads update upper layers while the pass goes on below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock

from actlab.arrays import Array, shares, whole
from actlab.nn.blas import add_product
from actlab.nn.dense import Dense
from actlab.nn.layer import Memory
from actlab.nn.network import Network
from actlab.nn.optimizers.driver import Driver
from actlab.nn.team import Team

SMALLEST, LARGEST = 1 << 18, 1 << 20
"""Elements of a block of weights. Every block packs dy anew for its product, which costs more than
what smaller ones would gain by staying in a nearer cache."""
BLOCKS = 8
"""A member of the team should find about so many blocks, so that all end together."""


@dataclass(frozen=True)
class Block:
    """Some rows of a dense layer's weights: where they are in theta, and their gradient."""

    memories: tuple[Memory, ...]
    rows: slice
    weights: slice

    def product(self, out: Array, keep: float) -> None:
        """out = keep out + x^T dy of these rows."""
        matrix = out.reshape(self.rows.stop - self.rows.start, -1)
        add_weight_gradient(self.memories, self.rows, matrix, keep)


class Updates:
    """Updates all weights in the course of a backward pass, which several networks may share.

    They compute the rows of the batch one after the other's. `passed` tells that one of them has
    taken its gradient through a layer; when all have, the team can have the layer's blocks.
    """

    def __init__(
        self, driver: Driver, networks: Sequence[Network], team: Team, members: int
    ) -> None:
        self._driver, self._team, self._networks = driver, team, len(networks)
        size = networks[0].workspace.n_decaying // (BLOCKS * members)
        self._blocks = dict(_blocks(networks, min(max(size, SMALLEST), LARGEST)))
        self._counting = Lock()

    def begin(self, lr: float) -> None:
        """A backward pass begins."""
        self._lr = lr
        self._missing = dict.fromkeys(self._blocks, self._networks)

    def passed(self, layer: int) -> None:
        """A network is through with the layer in this place."""
        if layer in self._blocks:
            with self._counting:
                self._missing[layer] -= 1
                ready = not self._missing[layer]
            if ready:
                for block in self._blocks[layer]:
                    self._team.start(partial(self._update, block))

    def _update(self, block: Block) -> None:
        self._driver.update_weights(block.weights, block.product, self._lr)


def _blocks(networks: Sequence[Network], most: int) -> Iterator[tuple[int, list[Block]]]:
    """The place of every dense layer, and the blocks of its weights, of about `most` elements."""
    start = 0
    for place, memories in dense_memories(networks):
        n_in, n_out = memories[0].W.shape
        number = min(n_in, -(-n_in * n_out // most))
        yield place, [_block(memories, start, rows) for rows in shares(n_in, number)]
        start += n_in * n_out


def _block(memories: tuple[Memory, ...], start: int, rows: slice) -> Block:
    n_out = memories[0].W.shape[1]
    return Block(memories, rows, slice(start + rows.start * n_out, start + rows.stop * n_out))


def dense_memories(networks: Sequence[Network]) -> Iterator[tuple[int, tuple[Memory, ...]]]:
    """The place and memories of every dense layer, which from now on leaves x^T dy to others."""
    for place, layers in enumerate(zip(*(network.placed for network in networks), strict=True)):
        if isinstance(layers[0].layer, Dense):
            for one in layers:
                one.memory.deferred = True
            yield place, tuple(one.memory for one in layers)


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
