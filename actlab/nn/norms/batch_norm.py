"""Batch normalization."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.layer import Memory
from actlab.nn.norms.base import Norm


class BatchNorm(Norm):
    """y = scale (x - mean) / sqrt(var + epsilon) + shift, mean and var of each unit over the batch.

    At test time mean and variance are running averages of the batches', the variance with Bessel's
    correction; they are state, not parameters. Statistics of a network are taken with those of the
    probe examples.

    Source: Ioffe and Szegedy (2015), "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", arXiv 1502.03167.
    """

    name: ClassVar[str] = "batch_norm"
    splits: ClassVar[bool] = False

    momentum: float = Field(
        0.1, gt=0, le=1, description="weight of a batch in the running averages"
    )

    def claim(self, n_in: int, m: Memory) -> int:
        m.state("running_mean", (n_in,), 0.0)
        m.state("running_var", (n_in,), 1.0)
        return super().claim(n_in, m)

    def forward(self, x: Array, m: Memory) -> Array:
        mean, var = m.running_mean, m.running_var
        if m.batch_statistics:
            mean = (m.ones @ x) / len(x)
            np.subtract(x, mean, out=m.standardized)
            var = (m.ones @ np.square(m.standardized, out=m.product)) / len(x)
        else:
            np.subtract(x, mean, out=m.standardized)
        if m.training:
            self._remember(mean, var, m)
        m.inverse = 1 / np.sqrt(var + x.dtype.type(self.epsilon))
        np.multiply(m.standardized, m.inverse, out=m.standardized)
        return self.scaled(m)

    def _remember(self, mean: Array, var: Array, m: Memory) -> None:
        n = len(m.ones)
        unbiased = var * (n / max(n - 1, 1))
        m.running_mean += self.momentum * (mean - m.running_mean)
        m.running_var += self.momentum * (unbiased - m.running_var)

    def backward(self, dy: Array, m: Memory) -> Array:
        self.assign_gradients(dy, m)
        if m.batch_statistics:
            # the batch's mean and variance depend on x, too
            np.multiply(m.standardized, m.dscale / len(dy), out=m.product)
            dy -= m.product
            dy -= m.dshift / len(dy)
        return np.multiply(dy, m.scale * m.inverse, out=dy)
