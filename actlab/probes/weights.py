"""The size of weights, of their gradients, and of what a step does to them."""

from typing import ClassVar

import numpy as np

from actlab.probes.base import Probe, Snapshot


class Weights(Probe):
    """Euclidean norms of each weight matrix and its gradient, and the ratio |update| / |W|.

    A row per dense layer, the output last. Healthy ratios are about 1e-3; before the first step
    they are NaN.

    Source: CS231n course notes (Karpathy, 2015), "ratio of weights:updates".
    """

    name: ClassVar[str] = "weights"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        norms = _norms(snapshot.weights)
        updates = np.full_like(norms, np.nan)
        if snapshot.updates is not None:
            updates = _norms(snapshot.updates) / np.where(norms > 0, norms, np.nan)
        return {
            "weight.norm": norms,
            "weight_gradient.norm": _norms(snapshot.weight_gradients),
            "update_ratio": updates,
        }


def _norms(arrays: object) -> np.ndarray:
    return np.array([np.linalg.norm(array) for array in arrays], float)  # type: ignore[attr-defined]
