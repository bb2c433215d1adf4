"""From an experiment to its network."""

from __future__ import annotations

from collections.abc import Iterator

from numpy.typing import DTypeLike

from actlab.experiment import Experiment
from actlab.nn.dense import Dense
from actlab.nn.layer import Layer
from actlab.nn.network import Network
from actlab.nn.residual import Fork, Join


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
    model, regularizers = experiment.model, experiment.regularization
    yield from (("input", layer) for layer in filter(None, (r.input_layer() for r in regularizers)))
    for depth in range(1, len(model.hidden_widths) + 1):
        name = f"hidden{depth}"
        yield from ((name, layer) for layer in _hidden_layer(experiment, depth))
    init = model.output_init or model.init
    yield "output", Dense(experiment.data.source.n_classes, init, model.bias_init)


def _hidden_layer(experiment: Experiment, depth: int) -> Iterator[Layer]:
    """Dense, norm, activation, norm, noise; a residual block is around two of these.

    The first hidden layer of a residual network only brings the input to the blocks' width.
    """
    model, activation = experiment.model, experiment.model.activation
    regularizers = experiment.regularization
    opens = model.residual and depth > 1 and depth % 2 == 0
    closes = model.residual and depth > 1 and depth % 2 == 1
    block = f"block{depth // 2}"
    if opens:
        yield Fork(block)
    init = model.init.last_in_block() if closes else model.init
    width = model.hidden_widths[depth - 1]
    dense = Dense(width, init, model.bias_init, activation)
    for regularizer in regularizers:
        dense = regularizer.connected(dense)
    yield dense
    if model.norm and model.norm.position == "before":
        yield model.norm
    if closes:
        blocks = len(model.hidden_widths) // 2
        yield from filter(None, (r.block_layer(depth // 2, blocks) for r in regularizers))
        yield Join(block)
    yield activation
    if model.norm and model.norm.position == "after":
        yield model.norm
    yield from filter(None, (r.hidden_layer() for r in regularizers))
