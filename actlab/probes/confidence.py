"""How sure a network is of its predictions."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations import Activation
from actlab.nn.activations.log_softmax import LogSoftmax
from actlab.nn.activations.rows import Rows
from actlab.probes.base import Probe, Snapshot, mean_of_known, probabilities


class Confidence(Probe):
    """Mean entropy -sum_k p_k ln p_k of the predictions on the probe examples, in nats.

    `confidence.entropy ()`: of the softmax of the scores, whatever the loss; ln(classes) if it
    knows nothing, 0 if it is certain. `hidden_entropy (layers,)`: the same of hidden layers whose
    units share 1 out (softmax, softmin, log_softmax), NaN for others. Norms use the statistics of
    the probe examples.

    Source: Shannon (1948), "A mathematical theory of communication".
    """

    name: ClassVar[str] = "confidence"
    alone: ClassVar[bool] = True

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        scores = snapshot.twin().forward(snapshot.x, batch_statistics=True)
        layers = zip(snapshot.activation, snapshot.tensors["activation"], strict=True)
        hidden = [_entropy(_shares(f, y)) for f, y in layers]
        return {
            "confidence.entropy": np.asarray(_entropy(probabilities(scores))),
            "hidden_entropy": np.array(hidden, float),
        }


def _shares(activation: Activation, y: Array) -> Array:
    """What each unit gets of 1, (examples, units); NaN where an activation shares nothing out."""
    if isinstance(activation, LogSoftmax):
        return np.exp(y, dtype=np.float64)
    if isinstance(activation, Rows) and activation.bounds == (0.0, 1.0):
        return y.astype(np.float64)
    return np.full(y.shape, np.nan)


def _entropy(p: Array) -> float:
    """The mean of -sum p ln p over rows, where 0 ln 0 = 0; rows with NaN are left out."""
    logarithms = np.log(p, out=np.zeros_like(p), where=p != 0)
    return float(mean_of_known(-(p * logarithms).sum(axis=-1)))
