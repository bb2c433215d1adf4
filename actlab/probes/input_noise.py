"""How well a network bears noise in its inputs."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from actlab.nn.losses import n_right
from actlab.probes.base import Probe, Snapshot


class InputNoise(Probe):
    """Accuracy and loss on x + level std(x) N(0, 1), the preprocessed probe examples with noise.

    `input_noise.accuracy (levels,)` and `input_noise.loss (levels,)`: averaged over `draws`, which
    are the same at every level. std(x) is one number, of all features of all probe examples. The
    network is in evaluation mode: batch normalization uses its running averages, which at the start
    are 0 and 1.

    Source: Clevert, Unterthiner and Hochreiter (2015), "Fast and accurate deep network learning by
    exponential linear units (ELUs)", arXiv 1511.07289, who say that saturation gives a
    noise-robust deactivation state.
    """

    name: ClassVar[str] = "input_noise"
    alone: ClassVar[bool] = True

    levels: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        (0.0, 0.1, 0.3, 1.0), min_length=1, description="std of the noise, in units of std(x)"
    )
    draws: int = Field(4, ge=1, le=10_000, description="draws of the noise")

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        network, rng, x = snapshot.twin(), snapshot.generator(self.name), snapshot.x
        labels, std = snapshot.labels, snapshot.x.std(dtype=float)
        found = np.empty((self.draws, len(self.levels), 2))
        for draw in range(self.draws):
            noise = rng.standard_normal(x.shape, np.float32)
            for column, level in enumerate(self.levels):
                scores = network.forward(x + x.dtype.type(level * std) * noise)
                right = n_right(scores, labels) / len(labels)
                found[draw, column] = right, network.loss.value_and_gradient(scores, labels)[0]
        accuracy, loss = found.mean(axis=0).T
        return {"input_noise.accuracy": accuracy, "input_noise.loss": loss}
