"""Drive an optimizer over the flat parameters of a network, a cache-sized block at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from actlab.arrays import Array
from actlab.nn.network import Network
from actlab.nn.optimizers.base import Optimizer

BLOCK = 32_768
"""Elements per block: theta, grad and one slot in float32 fill 384 KB of a core's cache."""


class Driver:
    """The optimizer's memory, and its steps over all parameters of a network."""

    def __init__(self, optimizer: Optimizer, network: Network) -> None:
        self.optimizer, self.network = optimizer, network
        self.slots = [np.zeros_like(network.workspace.theta) for _ in range(optimizer.slots)]
        self.steps = 0

    def step(self, lr: float) -> None:
        """Add the penalties' gradients, update every parameter, project the weights."""
        workspace = self.network.workspace
        self.steps += 1
        for block, decays in _blocks(workspace.n_decaying, workspace.theta.size):
            theta, grad = workspace.theta[block], workspace.grad[block]
            for penalty in self.network.penalties:
                if decays or penalty.penalizes_biases:
                    penalty.add_gradient(theta, grad)
            if decays:
                self.optimizer.shrink(theta, lr)
            slots = [slot[block] for slot in self.slots]
            self.optimizer.update(theta, grad, slots, lr, self.steps)
        self.network.project()

    def weights(self) -> Array:
        """A copy of all weights, to tell later what a step added to them."""
        workspace = self.network.workspace
        return workspace.theta[: workspace.n_decaying].copy()


def _blocks(n_decaying: int, size: int) -> Iterator[tuple[slice, bool]]:
    """Blocks of theta, and whether they decay: none holds parameters of both kinds."""
    for first, last, decays in ((0, n_decaying, True), (n_decaying, size, False)):
        for start in range(first, last, BLOCK):
            yield slice(start, min(start + BLOCK, last)), decays
