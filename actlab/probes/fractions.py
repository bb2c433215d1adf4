"""How much of a layer is zero, saturated or dead."""

from math import isfinite
from typing import ClassVar

import numpy as np

from actlab.probes.base import Probe, Snapshot


class Fractions(Probe):
    """Shares of activations exactly 0, of |f'| under 1% of its maximum, and of units with f' = 0
    on every probe example. NaN for a layer that holds numbers that are not finite.

    Source: Glorot and Bengio (2010) for saturation; Maas, Hannun and Ng (2013) for dead units.
    """

    name: ClassVar[str] = "fractions"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        activations, zeros = snapshot.tensors["activation"], snapshot.zeros["activation"]
        ends = snapshot.ranges["activation"]
        finite = np.array([isfinite(low) and isfinite(high) for low, high in ends], bool)
        shares = {
            "zero_fraction": [n / y.size for n, y in zip(zeros, activations, strict=True)],
            "saturated_fraction": [mask.mean() for mask in snapshot.saturated],
            "dead_fraction": [units.mean() for units in snapshot.dead],
        }
        return {name: np.where(finite, share, np.nan) for name, share in shares.items()}
