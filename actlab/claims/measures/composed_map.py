"""A network against the product of its matrices."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from actlab.architecture import build
from actlab.arrays import Array
from actlab.claims.measures.base import OfExperiment, Unmeasured
from actlab.experiment import Experiment
from actlab.nn.network import Network
from actlab.randomness import generator

ROWS = 64


class ComposedMapError(OfExperiment):
    """max |net(x) - (x M + c)| / max |net(x)| over 64 rows x ~ N(0, 1), in float64.

    M = W_1 W_2 ... is the product of all weight matrices and c that of the biases carried along:
    0 for a network without a nonlinearity.

    Source: DS-GA 1008 (Canziani and LeCun, 2020), lecture 11-1; Minsky and Papert (1969),
    "Perceptrons".
    """

    name: ClassVar[str] = "composed_map_error"

    @property
    def label(self) -> str:
        return "relative difference of the network and one matrix"

    def of_experiment(self, experiment: Experiment) -> float:
        model = experiment.model
        if model.residual or model.norm or model.activation.widening > 1:
            raise Unmeasured("only networks of dense layers in a row have a product of matrices")
        network = build(experiment, dtype="float64")
        x = generator(experiment.seed, "probes").normal(size=(ROWS, network.n_in))
        scores, M, c = network.forward(x), *composed(network)
        largest = float(np.abs(scores).max())
        if largest == 0:
            raise Unmeasured("the network's output is zero")
        return float(np.abs(scores - (x @ M + c)).max()) / largest


def composed(network: Network) -> tuple[Array, Array]:
    """M (n_in, n_out) and c (n_out,) of the affine map that the dense layers make."""
    M, c = np.eye(network.n_in), np.zeros(network.n_in)
    for name, W in network.parameters.items():
        if name.endswith(".W"):
            M, c = M @ W, c @ W + network.parameters[name.removesuffix("W") + "b"]
    return M, c
