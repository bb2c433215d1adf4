"""Analytic gradients against centred differences, by the recipe of the lecture.

Source: CS231n course notes (Karpathy, 2015), "Gradient checks".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from actlab.arrays import Array
from actlab.nn.network import Network
from actlab.randomness import generator

STEP = 1e-5
BANDS = {1e-7: "right", 1e-4: "fair", 1e-2: "doubtful", float("inf"): "wrong"}
"""Verdicts, each up to a relative error: fair is for objectives with kinks, doubtful for none."""
PASSING = 1e-4


@dataclass(frozen=True)
class Finding:
    """What the check of one array found: max |a - n| / max(|a|, |n|) over so many elements.

    Elements whose step crosses a kink of an activation are left out: there the centred difference
    is a mean of two slopes, and nothing is wrong.
    """

    what: str
    error: float
    checked: int
    at_kinks: int

    @property
    def verdict(self) -> str:
        """The word for the error: right, fair, doubtful or wrong."""
        if not self.checked:
            return "all at kinks"
        return next(word for limit, word in BANDS.items() if self.error <= limit)

    @property
    def passed(self) -> bool:
        """Whether what was checked came out right or fair."""
        return self.error <= PASSING


def check(network: Network, x: Array, labels: Array, *, most: int = 40) -> list[Finding]:
    """Compare the gradient of the training loss in every parameter with centred differences.

    The network must be float64. At most `most` elements of each parameter are moved. The noise of
    stochastic layers is replayed at every evaluation.
    """
    _loss(network, x, labels, backward=True)
    analytic = {name: gradient.copy() for name, gradient in network.gradients.items()}
    return [
        _check_array(name, parameter, analytic[name], lambda: _loss(network, x, labels), most)
        for name, parameter in network.parameters.items()
    ]


def _check_array(
    name: str, array: Array, analytic: Array, loss: Callable[[], tuple[float, Array]], most: int
) -> Finding:
    pairs, at_kinks = [], 0
    for index in generator(0, "probes").permutation(array.size)[:most]:
        at = np.unravel_index(index, array.shape)
        (above, branches), (below, others) = _moved(array, at, loss)
        if (branches != others).any():
            at_kinks += 1
        else:
            pairs.append((analytic[at], (above - below) / (2 * STEP)))
    found, numerical = np.array(pairs).reshape(-1, 2).T
    # a gradient of zero meets a difference that rounding alone makes of two equal losses
    nothing = np.abs([found, numerical]).max(initial=0) < 64 * np.finfo(float).eps / (2 * STEP)
    error = 0.0 if nothing else relative_error(found, numerical)
    return Finding(name, error, len(pairs), at_kinks)


def _moved(
    array: Array, at: tuple[np.intp, ...], loss: Callable[[], tuple[float, Array]]
) -> tuple[tuple[float, Array], tuple[float, Array]]:
    """Loss and branches with one element a step above, and a step below."""
    kept = array[at]
    array[at] = kept + STEP
    above = loss()
    array[at] = kept - STEP
    below = loss()
    array[at] = kept
    return above, below


def _loss(
    network: Network, x: Array, labels: Array, *, backward: bool = False
) -> tuple[float, Array]:
    """The loss in training, with penalties, and on which branch of f every unit is."""
    for depth, placed in enumerate(network.placed):
        placed.memory.rng = generator(0, "dropout", depth)
    scores = network.forward(x, training=True)
    branches = [hidden.activation.branches(hidden.memory).ravel() for hidden in network.hidden]
    loss, dy = network.loss.value_and_gradient(scores, labels)
    if backward:
        network.backward(dy)
        network.add_penalty_gradients()
    return loss + network.penalty(), np.concatenate([np.empty(0, int), *branches])


def numerical_gradient(loss: Callable[[], float], array: Array, h: float = STEP) -> Array:
    """(f(x + h) - f(x - h)) / 2h in every element of `array`, which `loss` reads; float64.

    The array is moved in place and put back.
    """
    found = np.empty(array.shape)
    for at in np.ndindex(array.shape):
        kept = array[at]
        array[at] = kept + h
        above = loss()
        array[at] = kept - h
        below = loss()
        array[at] = kept
        found[at] = (above - below) / (2 * h)
    return found


def relative_error(analytic: Array, numerical: Array) -> float:
    """max |a - n| / max(|a|, |n|), the scale taken over the whole array; 0 for two zero arrays."""
    scale = max(np.abs(analytic).max(initial=0), np.abs(numerical).max(initial=0))
    return float(np.abs(analytic - numerical).max(initial=0) / scale) if scale > 0 else 0.0
