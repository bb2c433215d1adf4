"""Losses over the scores of the last layer, averaged over the batch."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.activations.rows import softmax_into


@dataclass(frozen=True)
class MixedLabels:
    """Two labels for each example: weight for `labels (n,)`, 1 - weight for `partners (n,)`."""

    labels: NDArray[np.int64]
    partners: NDArray[np.int64]
    weight: float

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> MixedLabels:
        return MixedLabels(self.labels[rows], self.partners[rows], self.weight)


Labels = NDArray[np.int64] | MixedLabels


def n_right(scores: Array, labels: Labels) -> float:
    """How many rows score highest at their label; a mixed label counts by its weight."""
    found = scores.argmax(axis=1)
    if not isinstance(labels, MixedLabels):
        return int(np.count_nonzero(found == labels))
    right, other = (np.count_nonzero(found == each) for each in (labels.labels, labels.partners))
    return labels.weight * right + (1 - labels.weight) * other


class Loss(Part):
    """A function of scores and labels."""

    family: ClassVar[str] = "loss"

    def value_and_gradient(
        self, scores: Array, labels: Labels, *, rows: int | None = None
    ) -> tuple[float, Array]:
        """The loss over scores (batch, classes), and its gradient, which overwrites them.

        The mean is over `rows` examples, the batch unless the batch is a share of a larger one.
        With mixed labels it is the sum of the losses to both, each by its weight.
        """
        rows = rows or len(scores)
        if not isinstance(labels, MixedLabels):
            return self.of_labels(scores, labels, rows)
        other, other_gradient = self.of_labels(scores.copy(), labels.partners, rows)
        value, gradient = self.of_labels(scores, labels.labels, rows)
        gradient *= labels.weight
        gradient += np.multiply(other_gradient, 1 - labels.weight, out=other_gradient)
        return labels.weight * value + (1 - labels.weight) * other, gradient

    @abstractmethod
    def of_labels(self, scores: Array, labels: NDArray[np.int64], rows: int) -> tuple[float, Array]:
        """The loss and its gradient for one label an example, as in `value_and_gradient`."""

    def votes(self, scores: Array) -> Array:
        """What several predictions for the same rows are averaged in: the scores themselves."""
        return scores

    def elected(self, votes: Array) -> Array:
        """The scores that stand for averaged votes."""
        return votes


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

    def of_labels(self, scores: Array, labels: NDArray[np.int64], rows: int) -> tuple[float, Array]:
        each, e = np.arange(len(scores)), self.label_smoothing
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

    def votes(self, scores: Array) -> Array:
        """Probabilities, softmax(s)."""
        y = np.empty_like(scores)
        softmax_into(scores, y)
        return y

    def elected(self, votes: Array) -> Array:
        """log p: softmax gives p back, so the loss is that of the averaged probabilities."""
        return np.log(np.maximum(votes, np.finfo(votes.dtype).tiny))


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

    def of_labels(self, scores: Array, labels: NDArray[np.int64], rows: int) -> tuple[float, Array]:
        each = np.arange(len(scores))
        scores -= scores[each, labels][:, None]
        scores += self.margin
        scores[each, labels] = 0
        loss = np.maximum(scores, 0, out=scores).sum(dtype=np.float64) / rows
        np.sign(scores, out=scores)
        scores[each, labels] = -scores.sum(axis=1)
        scores /= rows
        return float(loss), scores
