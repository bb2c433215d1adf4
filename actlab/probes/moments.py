"""Mean, spread and range."""

from typing import ClassVar

import numpy as np

from actlab.probes.base import Probe, Snapshot


class Moments(Probe):
    """Mean, population std, min and max of every tensor, over examples and units of a layer.

    Source: Glorot and Bengio (2010), figures 2 and 6.
    """

    name: ClassVar[str] = "moments"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        found = {}
        for tensor, layers in snapshot.tensors.items():
            rows = [(x.mean(dtype=float), x.std(dtype=float), x.min(), x.max()) for x in layers]
            table = np.array(rows, float).reshape(-1, 4)
            for column, statistic in enumerate(("mean", "std", "min", "max")):
                found[f"{tensor}.{statistic}"] = table[:, column]
        return found
