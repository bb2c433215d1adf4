"""From an experiment to its network."""

from __future__ import annotations

from collections.abc import Iterator

from numpy.typing import DTypeLike

from actlab.experiment import Experiment
from actlab.nn.dense import Dense
from actlab.nn.layer import Layer
from actlab.nn.network import Network


def build(
    experiment: Experiment, n_in: int | None = None, dtype: DTypeLike | None = None
) -> Network:
    """The network of an experiment for rows of `n_in` features, its parameters drawn by the seed.

    n_in defaults to what the experiment's data have, dtype to the model's.
    """
    network = Network(
        list(_layers(experiment)),
        n_in or experiment.data.features,
        loss=experiment.train.loss,
        penalties=experiment.regularization,
        dtype=dtype or experiment.model.dtype,
    )
    network.initialize(experiment.seed)
    return network


def _layers(experiment: Experiment) -> Iterator[tuple[str, Layer]]:
    model = experiment.model
    for depth, width in enumerate(model.hidden_widths, start=1):
        name = f"hidden{depth}"
        yield name, Dense(width, model.init, model.bias_init, model.activation)
        yield name, model.activation
        for regularizer in experiment.regularization:
            if layer := regularizer.hidden_layer():
                yield name, layer
    init = model.output_init or model.init
    yield "output", Dense(experiment.data.source.n_classes, init, model.bias_init)
