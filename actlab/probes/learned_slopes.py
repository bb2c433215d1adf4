"""What PReLU has learned."""

from typing import ClassVar

import numpy as np

from actlab.nn.activations.prelu import PReLU
from actlab.probes.base import Probe, Snapshot


class LearnedSlopes(Probe):
    """Mean and population std over units of the slopes a that PReLU learns left of zero.

    `learned_slope.mean (layers,)` and `learned_slope.std (layers,)`; NaN for other activations.

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", arXiv 1502.01852,
    table 1.
    """

    name: ClassVar[str] = "learned_slopes"
    alone: ClassVar[bool] = True

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        rows = [
            (hidden.memory.a.mean(dtype=float), hidden.memory.a.std(dtype=float))
            if isinstance(hidden.activation, PReLU)
            else (np.nan, np.nan)
            for hidden in snapshot.twin().hidden
        ]
        table = np.array(rows, float).reshape(-1, 2)
        return {"learned_slope.mean": table[:, 0], "learned_slope.std": table[:, 1]}
