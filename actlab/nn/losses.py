"""Losses over the scores of the last layer, averaged over the batch."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

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
    """L = -sum_k q_k log softmax(s)_k, averaged over the batch; ds = (softmax(s) - q) / batch.

    q is 1 at the label and 0 elsewhere; with label smoothing e it is mixed with the uniform
    distribution over the K classes, q = (1 - e) onehot + e / K, in every loss that is reported.

    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs"; label smoothing: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2015), "Rethinking the
    Inception architecture for computer vision", arXiv 1512.00567, section 7.
    """

    name: ClassVar[str] = "cross_entropy"
    aliases: ClassVar[tuple[str, ...]] = ("softmax_cross_entropy",)

    label_smoothing: float = Field(0.0, ge=0, lt=1, description="share e of the uniform target")

    def value_and_gradient(
        self, scores: Array, labels: NDArray[np.int64], *, rows: int | None = None
    ) -> tuple[float, Array]:
        rows, each, e = rows or len(scores), np.arange(len(scores)), self.label_smoothing
        scores -= scores.max(axis=1, keepdims=True)
        expected = scores[each, labels]
        if e:
            expected = (1 - e) * expected + e * scores.mean(axis=1)
        total = np.exp(scores, out=scores).sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - expected).sum(dtype=np.float64) / rows
        scores /= total * scores.dtype.type(rows)
        scores[each, labels] -= scores.dtype.type((1 - e) / rows)
        if e:
            scores -= scores.dtype.type(e / (scores.shape[1] * rows))
        return float(loss), scores


class Hinge(Loss):
    """L = sum over k != label of max(0, s_k - s_label + margin), averaged over the batch.

    ds_k = 1/batch for each class k inside the margin, and minus their number at the label; at the
    kink the slope is 0.

    Source: Weston and Watkins (1999), "Support vector machines for multi-class pattern
    recognition"; with margin 1 the multiclass SVM loss of CS231n.
    """

    name: ClassVar[str] = "hinge"
    aliases: ClassVar[tuple[str, ...]] = ("multiclass_hinge",)

    margin: float = Field(1.0, gt=0, description="by how much the label's score is to lead")

    def value_and_gradient(
        self, scores: Array, labels: NDArray[np.int64], *, rows: int | None = None
    ) -> tuple[float, Array]:
        rows, each = rows or len(scores), np.arange(len(scores))
        scores -= scores[each, labels][:, None]
        scores += self.margin
        scores[each, labels] = 0
        loss = np.maximum(scores, 0, out=scores).sum(dtype=np.float64) / rows
        np.sign(scores, out=scores)
        scores[each, labels] = -scores.sum(axis=1)
        scores /= rows
        return float(loss), scores
