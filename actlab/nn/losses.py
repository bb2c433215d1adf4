"""Losses over the scores of the last layer, averaged over the batch."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from actlab.arrays import Array
from actlab.config import Part


class Loss(Part):
    """A function of scores and labels."""

    family: ClassVar[str] = "loss"

    @abstractmethod
    def value_and_gradient(
        self, scores: Array, labels: NDArray[np.int64], *, rows: int | None = None
    ) -> tuple[float, Array]:
        """The loss over scores (batch, classes), and its gradient, which overwrites them.

        The mean is over `rows` examples, the batch unless the batch is a share of a larger one.
        """


class CrossEntropy(Loss):
    """L = -log softmax(s)_label, averaged over the batch; ds = (softmax(s) - onehot) / batch.

    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs".
    """

    name: ClassVar[str] = "cross_entropy"
    aliases: ClassVar[tuple[str, ...]] = ("softmax_cross_entropy",)

    def value_and_gradient(
        self, scores: Array, labels: NDArray[np.int64], *, rows: int | None = None
    ) -> tuple[float, Array]:
        rows = rows or len(scores)
        each = np.arange(len(scores))
        scores -= scores.max(axis=1, keepdims=True)
        right = scores[each, labels]
        total = np.exp(scores, out=scores).sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - right).sum(dtype=np.float64) / rows
        scores /= total * scores.dtype.type(rows)
        scores[each, labels] -= scores.dtype.type(1 / rows)
        return float(loss), scores
