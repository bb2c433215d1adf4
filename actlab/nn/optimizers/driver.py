"""Drive an optimizer over the flat parameters of a network, a cache-sized block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from actlab.arrays import Array
from actlab.nn.network import Network
from actlab.nn.optimizers.base import Optimizer, Product

BLOCK = 32_768
"""Elements per block: theta, grad and one slot in float32 fill 384 KB of a core's cache."""


class Driver:
    """The optimizer's memory, and its steps over all parameters of a network."""

    def __init__(self, optimizer: Optimizer, network: Network) -> None:
        self.optimizer, self.network = optimizer, network
        self.slots = [np.zeros_like(network.workspace.theta) for _ in range(optimizer.slots)]
        self.steps = 0

    def step(self, lr: float) -> None:
        """Add the penalties' gradients and update every parameter from the network's gradient."""
        self.begin_step()
        for block in _blocks(0, self.network.workspace.n_decaying):
            self._add_penalties(block, self.network.workspace.grad[block])
            self.optimizer.shrink(self.network.workspace.theta[block], lr)
            self._update(block, lr)
        self.update_undecayed(lr)

    def begin_step(self) -> None:
        """Count a step whose updates follow."""
        self.steps += 1

    def update_weights(self, block: slice, product: Product, lr: float) -> None:
        """Update a block of weights whose gradient is a product not yet taken."""
        theta, slots = self.network.workspace.theta[block], [slot[block] for slot in self.slots]
        add_penalties = partial(self._add_penalties, block)
        self.optimizer.update_with_product(theta, product, slots, lr, self.steps, add_penalties)

    def update_undecayed(self, lr: float) -> None:
        """Update the parameters that do not decay, which ends a step: then project the weights."""
        workspace = self.network.workspace
        for block in _blocks(workspace.n_decaying, workspace.theta.size):
            for penalty in self.network.penalties:
                if penalty.penalizes_biases:
                    penalty.add_gradient(workspace.theta[block], workspace.grad[block])
            self._update(block, lr)
        self.network.project()

    def _update(self, block: slice, lr: float) -> None:
        workspace, slots = self.network.workspace, [slot[block] for slot in self.slots]
        self.optimizer.update(workspace.theta[block], workspace.grad[block], slots, lr, self.steps)

    def _add_penalties(self, block: slice, grad: Array) -> None:
        for penalty in self.network.penalties:
            penalty.add_gradient(self.network.workspace.theta[block], grad)

    def weights(self) -> Array:
        """A copy of all weights, to tell later what a step added to them."""
        workspace = self.network.workspace
        return workspace.theta[: workspace.n_decaying].copy()


def _blocks(first: int, last: int) -> Iterator[slice]:
    return (slice(start, min(start + BLOCK, last)) for start in range(first, last, BLOCK))
