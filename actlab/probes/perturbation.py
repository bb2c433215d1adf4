"""How much the loss minds small changes of the weights."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from actlab.nn.network import Network
from actlab.probes.base import Probe, Snapshot


class Perturbation(Probe):
    """Mean increase of the loss when each weight matrix W becomes W + scale rms(W) N(0, 1).

    `perturbation.loss_change (scales,)`: over the probe examples, without penalties, averaged over
    `draws`, the same at every scale. Each is both added and subtracted, so that the slope of the
    loss, whose mean is 0, cancels and what is left is its curvature. Norms use the statistics of
    the probe examples. Biases and the like stay; afterwards all is as it was, bit by bit.

    Source: CS231n, "Training neural networks", data preprocessing: before normalization the loss is
    very sensitive to changes in the weight matrix, after it less so.
    """

    name: ClassVar[str] = "perturbation"
    alone: ClassVar[bool] = True

    scales: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        (0.01, 0.03, 0.1), min_length=1, description="std of the noise, in units of rms(W)"
    )
    draws: int = Field(4, ge=1, le=10_000, description="draws of the noise, each with both signs")

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        network, rng = snapshot.twin(), snapshot.generator(self.name)
        steps = [*self.scales, *(-scale for scale in self.scales)]
        theta, found = network.workspace.theta, np.empty((self.draws, len(steps)))
        kept = theta.copy()
        unmoved = _loss(network, snapshot)
        try:
            for draw in range(self.draws):
                noise = _noise(network, rng)
                for column, step in enumerate(steps):
                    theta[:] = kept
                    theta[: noise.size] += theta.dtype.type(step) * noise
                    found[draw, column] = _loss(network, snapshot) - unmoved
        finally:
            theta[:] = kept
        added, subtracted = np.split(found.mean(axis=0), 2)
        return {"perturbation.loss_change": (added + subtracted) / 2}


def _noise(network: Network, rng: np.random.Generator) -> np.ndarray:
    """N(0, rms(W)^2) for the weight matrices, which lie first in theta, in their order."""
    weights = [W for name, W in network.parameters.items() if name.endswith(".W")]
    pieces = [
        rng.standard_normal(W.size, np.float32) * W.dtype.type(np.sqrt(np.mean(np.square(W))))
        for W in weights
    ]
    return np.concatenate(pieces)


def _loss(network: Network, snapshot: Snapshot) -> float:
    scores = network.forward(snapshot.x, batch_statistics=True)
    return network.loss.value_and_gradient(scores, snapshot.labels)[0]
