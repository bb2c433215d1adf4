"""Whether all weights of a unit are pushed the same way."""

from __future__ import annotations

from math import nan
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.probes.base import Probe, Snapshot, mean_of_known


class SignAgreement(Probe):
    """Share of a layer's units whose weight gradients, over all inputs, are of one sign.

    `sign_agreement (layers, sizes)`: a column for each batch size, the mean over `draws` batches of
    probe examples, each by itself put through the network, whose norms use its statistics. A
    gradient of exactly zero has no sign; units with no other are left out of a minibatch's share,
    and minibatches with no unit left out of the mean; NaN if that leaves none. Each piece of maxout
    counts as a unit. For one example dW = x dz: inputs of one sign make all agree.

    Source: LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.3.
    """

    name: ClassVar[str] = "sign_agreement"
    alone: ClassVar[bool] = True

    batch_sizes: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (1, 10, 100), min_length=1, description="examples whose gradients are averaged"
    )
    draws: int = Field(20, ge=1, le=10_000, description="minibatches of each size")

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        columns = [self._of_size(size, snapshot) for size in self.batch_sizes]
        return {"sign_agreement": np.stack(columns, axis=1)}

    def _of_size(self, size: int, snapshot: Snapshot) -> Array:
        """(layers,), over minibatches without repetition; one of all examples if there are less."""
        network, rng = snapshot.twin(), snapshot.generator(self.name, size)
        n, found = len(snapshot.labels), []
        for _ in range(self.draws if size < n else 1):
            rows = rng.choice(n, min(size, n), replace=False)
            scores = network.forward(snapshot.x[rows], batch_statistics=True)
            network.backward(network.loss.value_and_gradient(scores, snapshot.labels[rows])[1])
            found.append([_agreeing(hidden.weights.dW) for hidden in network.hidden])
        return mean_of_known(np.array(found, float))


def _agreeing(gradient: Array) -> float:
    """Share of the columns, those of zeros aside, whose numbers have one sign."""
    up, down = (gradient > 0).any(axis=0), (gradient < 0).any(axis=0)
    known = np.count_nonzero(up | down)
    return np.count_nonzero(up ^ down) / known if known else nan
