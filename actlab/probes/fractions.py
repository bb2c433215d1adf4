"""How much of a layer is zero, saturated or dead."""

from typing import ClassVar

import numpy as np

from actlab.probes.base import Probe, Snapshot


class Fractions(Probe):
    """Shares of activations exactly 0, of |f'| under 1% of its maximum, and of units with f' = 0
    on every probe example.

    Source: Glorot and Bengio (2010) for saturation; Maas, Hannun and Ng (2013) for dead units.
    """

    name: ClassVar[str] = "fractions"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        activations, slopes = snapshot.tensors["activation"], snapshot.slopes
        saturated = [
            f.saturated(slope).mean() for f, slope in zip(snapshot.activation, slopes, strict=True)
        ]
        return {
            "zero_fraction": np.array([np.equal(y, 0).mean() for y in activations], float),
            "saturated_fraction": np.array(saturated, float),
            "dead_fraction": np.array([(slope == 0).all(axis=0).mean() for slope in slopes], float),
        }
