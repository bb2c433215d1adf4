"""The statistics of every hidden layer at initialization, as mean-field theory predicts them.

Forward, a layer with weights of std s and n_in inputs y has pre-activations
z ~ N(b, n_in s^2 E[y^2] + s_b^2), and E[f(z)], E[f(z)^2] are integrals. Backward,
E[dz^2] = E[dy^2] E[f'(z)^2], and the layer below gets units s^2 E[dz^2]. That holds example by
example: rows of different length have different variances, and the statistics of a layer are means
over them. Source: Poole et al. (2016); Schoenholz et al. (2017); for batch normalization Yang et
al. (2019), "A mean field theory of batch normalization", arXiv 1902.08129.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from actlab.arrays import Array
from actlab.experiment import Experiment
from actlab.nn.activations import Activation
from actlab.nn.expectations import mean_square, mean_square_slope, mean_value, saturated_share
from actlab.nn.layer import Layer
from actlab.nn.masks import share_kept
from actlab.nn.norms.batch_norm import BatchNorm
from actlab.nn.regularizers.dropout import DropoutLayer

GROUPS = 16
"""Of rows sorted by length, for each of which the theory is evaluated."""

STATISTICS = (
    "preactivation.mean",
    "preactivation.std",
    "activation.mean",
    "activation.std",
    "activation.mean_square",
    "saturated_fraction",
    "preactivation_gradient.std",
    "activation_gradient.std",
)


@dataclass(frozen=True)
class Prediction:
    """What theory expects of every hidden layer before training."""

    statistics: Mapping[str, Array]
    """By the names of the record, and `activation.mean_square`: a number per hidden layer, NaN
    where nothing is predicted. Gradients are relative to that reaching the top activations."""
    chi: Array
    """By what each layer multiplies the mean square of the gradient on its way down, from its
    activations to those below, norms left out: units s^2 E[f'(z)^2]."""
    reason: str = ""
    """Why nothing is predicted, or nothing of the gradients; empty if all is."""


@dataclass(frozen=True)
class _Layer:
    """One hidden layer; the arrays have a number per group of rows."""

    width: int
    weight_variance: float
    mean: float
    variance: Array
    value: Array
    square: Array
    slope: Array
    saturated: Array
    before: Array
    """What a norm before the activation divides variances by; 1 without."""
    after: Array
    """The same of a norm after it, and of dropout that scales at test."""


class _NotPredicted(ValueError):
    """The theory says nothing of such a layer; the message says why."""


def input_squares(x: Array) -> Array:
    """Mean squares of rows x (n, features) in at most GROUPS groups, from the shortest rows up."""
    with np.errstate(over="ignore"):
        squares = np.sort(np.square(x, dtype=np.float64).mean(axis=1))
    return np.array([group.mean() for group in np.array_split(squares, min(GROUPS, len(squares)))])


def predict(experiment: Experiment, squares: ArrayLike, features: int) -> Prediction:
    """What theory expects of the hidden layers of an experiment before training.

    `squares` are the mean squares of the preprocessed rows in groups of equal size
    (`input_squares`), or one for all rows; `features` is how many numbers a row has. Not predicted,
    with the reason: activations across units, whose inputs do not act alone; residual blocks, whose
    pre-activations are not normal, since activations are added to them; weights that are all one
    constant; and whatever lies above a layer that is not finite.
    """
    layers, reason, depth = [], "", len(experiment.model.hidden_widths)
    try:
        with np.errstate(over="ignore"):
            for layer in _climbed(experiment, np.atleast_1d(np.asarray(squares, float)), features):
                layers.append(layer)
    except ValueError as error:
        reason = str(error)
    down, fault = _backward(experiment, layers, depth)
    return Prediction({**_forward(layers, depth), **down}, _chi(layers, depth), reason or fault)


def _climbed(experiment: Experiment, squares: Array, features: int) -> Iterator[_Layer]:
    """Each hidden layer, given what the ones below make of the rows."""
    model, f, n_in = experiment.model, experiment.model.activation, features
    if model.residual:
        raise _NotPredicted("pre-activations of residual blocks are not normal")
    squares = squares * _kept(r.input_layer() for r in experiment.regularization) ** 2
    centred = squares
    for width in model.hidden_widths:
        weights = _weight_variance(experiment, n_in, width, squares)
        bias = model.bias_init.weight_std(1, width * f.widening) ** 2
        mean, variance = model.bias_init.weight_mean, n_in * weights * squares + bias
        before = np.ones_like(squares)
        if model.norm and model.norm.position == "before":
            across = n_in * weights * centred
            before = across.mean() if isinstance(model.norm, BatchNorm) else variance
            before = np.broadcast_to(before + model.norm.epsilon, squares.shape)
            mean = 0.0
            variance = (across if isinstance(model.norm, BatchNorm) else variance) / before
        layer = _activated(f, width, weights, mean, variance, before)
        layer = _followed(experiment, layer)
        yield layer
        n_in = width
        squares, centred = _handed_on(experiment, layer)


def _weight_variance(experiment: Experiment, n_in: int, units: int, squares: Array) -> float:
    init, f = experiment.model.init, experiment.model.activation
    if init.weight_mean != 0:
        raise _NotPredicted(f"weights of '{init.name}' are not drawn around zero")
    if init.unit_outputs:
        return 1 / (n_in * squares.mean()) if squares.mean() > 0 else nan
    std = init.weight_std(n_in, units, f)
    if not isfinite(std):
        raise _NotPredicted(f"'{init.name}' does not say what std its weights have")
    return std**2


def _activated(
    f: Activation, width: int, weights: float, mean: float, variance: Array, before: Array
) -> _Layer:
    """The layer whose pre-activations have this mean and these variances."""

    def over(expectation: Callable[[Activation, float, float], float]) -> Array:
        return np.array([expectation(f, mean, float(v)) for v in variance])

    slope = over(mean_square_slope)
    value, square, saturated = over(mean_value), over(mean_square), over(saturated_share)
    ones = np.ones_like(variance)
    return _Layer(
        width, weights, mean, variance, value, square, slope, saturated, before, after=ones
    )


def _followed(experiment: Experiment, layer: _Layer) -> _Layer:
    """The layer with what stands behind its activation."""
    norm, after = experiment.model.norm, layer.after
    if norm and norm.position == "after":
        # of each unit over examples, batch norm needs more than a distribution over both
        spread = np.full_like(after, nan)
        if not isinstance(norm, BatchNorm):
            spread = layer.square - layer.value**2 + norm.epsilon
        after = after * spread
    kept = _kept(r.hidden_layer() for r in experiment.regularization)
    return replace(layer, after=after / kept**2)


def _handed_on(experiment: Experiment, layer: _Layer) -> tuple[Array, Array]:
    """Mean squares of what reaches the next layer, and around the mean of each unit."""
    kept = _kept(r.hidden_layer() for r in experiment.regularization)
    norm = experiment.model.norm
    if norm and norm.position == "after":
        return np.full_like(layer.square, kept**2), np.full_like(layer.square, kept**2)
    common = layer.value.mean()
    around = layer.square - 2 * layer.value * common + common**2
    return kept**2 * layer.square, kept**2 * around


def _kept(layers: Iterator[Layer | None]) -> float:
    """By what dropout multiplies at test, where it does."""
    return float(
        np.prod(
            [
                share_kept(layer.rate)
                for layer in layers
                if isinstance(layer, DropoutLayer) and layer.scale == "test"
            ]
        )
    )


def _forward(layers: list[_Layer], depth: int) -> dict[str, Array]:
    """Means over all groups, NaN above the last layer that is predicted."""
    found = {name: np.full(depth, nan) for name in STATISTICS}
    for at, layer in enumerate(layers):
        value, square = layer.value.mean(), layer.square.mean()
        found["preactivation.mean"][at] = layer.mean
        found["preactivation.std"][at] = sqrt(layer.variance.mean())
        found["activation.mean"][at] = value
        found["activation.std"][at] = sqrt(max(square - value**2, 0.0))
        found["activation.mean_square"][at] = square
        found["saturated_fraction"][at] = layer.saturated.mean()
    return found


def _backward(
    experiment: Experiment, layers: list[_Layer], depth: int
) -> tuple[dict[str, Array], str]:
    """Std of the gradients from the top down, 1 at the top activations, and why not if NaN."""
    reaching, passed = np.full(depth, nan), np.full(depth, nan)
    if len(layers) == depth and depth:
        pieces = experiment.model.activation.widening
        square = 1 / layers[-1].after
        square = square / square.mean()
        for at in range(depth - 1, -1, -1):
            layer = layers[at]
            reaching[at] = sqrt(square.mean())
            square = square * layer.slope
            passed[at] = sqrt(square.mean() / pieces)
            square = square * layer.width * layer.weight_variance / layer.before
            square = square / layers[at - 1].after
    names = ("activation_gradient.std", "preactivation_gradient.std")
    missing = len(layers) == depth and not np.isfinite(reaching).all()
    reason = "gradients through batch norm behind an activation are not predicted"
    return dict(zip(names, (reaching, passed), strict=True)), reason if missing else ""


def _chi(layers: list[_Layer], depth: int) -> Array:
    chi = np.full(depth, nan)
    for at, layer in enumerate(layers):
        chi[at] = layer.width * layer.weight_variance * layer.slope.mean()
    return chi
