"""Drive an optimizer over the flat parameters of a network, a cache-sized block at a time."""

from __future__ import annotations

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
        """Add the penalties' gradients and update every parameter."""
        workspace = self.network.workspace
        theta, grad = workspace.theta, workspace.grad
        self.steps += 1
        for start in range(0, theta.size, BLOCK):
            block = slice(start, min(start + BLOCK, theta.size))
            if block.start < workspace.n_decaying:
                decaying = slice(block.start, min(block.stop, workspace.n_decaying))
                for penalty in self.network.penalties:
                    penalty.add_gradient(theta[decaying], grad[decaying])
            slots = [slot[block] for slot in self.slots]
            self.optimizer.update(theta[block], grad[block], slots, lr, self.steps)

    def weights(self) -> Array:
        """A copy of all weights, to tell later what a step added to them."""
        workspace = self.network.workspace
        return workspace.theta[: workspace.n_decaying].copy()
