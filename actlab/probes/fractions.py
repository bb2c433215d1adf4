"""How much of a layer is zero, saturated or dead."""

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
        activations, slopes = snapshot.tensors["activation"], snapshot.slopes
        saturated = [
            f.saturated(slope).mean() for f, slope in zip(snapshot.activation, slopes, strict=True)
        ]
        finite = np.array([np.isfinite(y).all() for y in activations], bool)
        shares = {
            "zero_fraction": [np.equal(y, 0).mean() for y in activations],
            "saturated_fraction": saturated,
            "dead_fraction": [(slope == 0).all(axis=0).mean() for slope in slopes],
        }
        return {name: np.where(finite, share, np.nan) for name, share in shares.items()}
