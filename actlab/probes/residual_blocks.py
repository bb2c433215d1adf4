"""What residual blocks add up to."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from actlab.nn.residual import Join
from actlab.probes.base import Probe, Snapshot


class ResidualBlocks(Probe):
    """Population std of the residual stream, of x before the first block and x + F(x) after each.

    `block.std (blocks + 1,)`: over examples and units. What leaves a block is taken before the
    activation that follows the sum, so that blocks that end in zeros leave it as it was. Empty
    without residual blocks.

    Source: Zhang, Dauphin and Ma (2019), "Fixup initialization: residual learning without
    normalization", arXiv 1901.09321, section 2; Goyal et al. (2017), "Accurate, large minibatch
    SGD", arXiv 1706.02677, section 5.1, start the last scale of each block at zero.
    """

    name: ClassVar[str] = "residual_blocks"
    alone: ClassVar[bool] = True

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        network = snapshot.twin()
        names = [hidden.name for hidden in network.hidden]
        ends = [names.index(name) for name, layer in network.layers if isinstance(layer, Join)]
        # a block has two layers: the one before its end saw what entered it
        network.forward(snapshot.x, batch_statistics=True)
        stream = [network.hidden[end - 1].weights.x for end in ends[:1]]
        stream += [network.hidden[end].preactivations for end in ends]
        return {"block.std": np.array([x.std(dtype=float) for x in stream])}
