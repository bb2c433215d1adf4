"""Means of f(z), f(z)^2 and f'(z)^2 over a normal z, by quadrature that knows the kinks.

Composite Gauss-Legendre on panels that end where f has a kink, weighted by the normal density, and
refined until two refinements agree. Gauss-Hermite quadrature would see kinks only through its
nodes: 100 of them have the second moment of ReLU right, by symmetry, but its mean only to 2e-3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import erfc, inf, isfinite, pi, sqrt

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations import Activation

REACH = 12.0
"""Standard deviations integrated over; beyond them lies less than 1e-30 of z^2."""
NODES = 20
"""Gauss-Legendre nodes per panel."""
REFINEMENTS = 8
STEPS = 24_000
"""Steps of the rule for shares."""
ORDERS = 200
"""Hermite polynomials of a spectrum."""
AGREED = 1e-12
"""Difference of two refinements, as a share of E|g|, at which the finer one is taken."""
SCALES = (0.0, *(sign * 2.0**k for sign in (-1, 1) for k in range(-5, 7)))
"""Where panels end as well, so that they shrink towards 0, where activations bend."""


@lru_cache(maxsize=4096)
def mean_value(f: Activation, mean: float = 0.0, variance: float = 1.0) -> float:
    """E[f(z)] for z ~ N(mean, variance); raises ValueError as `mean_square` does."""
    return _expected(f, lambda z: _value(f, z), mean, variance)


@lru_cache(maxsize=4096)
def mean_square(f: Activation, mean: float = 0.0, variance: float = 1.0) -> float:
    """E[f(z)^2] for z ~ N(mean, variance), to a relative 1e-9 and better.

    An activation of several pieces (maxout) is taken at their largest, the pieces independent and
    each distributed as z; a learned one (prelu) at its start; a random one as in evaluation. Raises
    ValueError for activations across the units of a layer (softmax), which are no function of one
    number, and where the mean is not finite.
    """
    return _expected(f, lambda z: _value(f, z) ** 2, mean, variance)


@lru_cache(maxsize=4096)
def mean_square_slope(f: Activation, mean: float = 0.0, variance: float = 1.0) -> float:
    """E[f'(z)^2] for z ~ N(mean, variance); raises ValueError as `mean_square` does.

    For several pieces the slope is that along the largest.
    """
    return _expected(f, lambda z: _slope(f, z) ** 2, mean, variance)


@lru_cache(maxsize=4096)
def mean_square_growth(f: Activation, mean: float = 0.0, variance: float = 1.0) -> float:
    """d E[f(z)^2] / d variance for z ~ N(mean, variance > 0); ValueError as for `mean_square`.

    By Stein's lemma E[f(z)^2 (t^2 - 1)] / (2 variance), t the standardized z: no slope is needed,
    and jumps do no harm. Not for several pieces (maxout), whose largest is not normal.
    """
    if f.widening > 1:
        raise ValueError(f"'{f.name}' takes several pieces: its largest is not normal")
    std = sqrt(variance)

    def g(z: Array) -> Array:
        t = (z - mean) / std
        return _value(f, z) ** 2 * (t * t - 1) / (2 * variance)

    return _expected(f, g, mean, variance)


@lru_cache(maxsize=4096)
def saturated_share(f: Activation, mean: float = 0.0, variance: float = 1.0) -> float:
    """P(|f'(z)| < 1% of max |f'|) for z ~ N(mean, variance), to about 1e-3.

    Where saturation begins is no kink of f, so the rule is one of many equal steps.
    """
    if not _acts_on_each_number(f):
        raise ValueError(f"'{f.name}' acts across the units of a layer")
    t, weights = _steps(f.widening)
    return float(weights @ f.saturated(_slope(f, mean + sqrt(variance) * t)))


@lru_cache(maxsize=512)
def spectrum(f: Activation, mean: float = 0.0, variance: float = 1.0) -> tuple[float, ...]:
    """a_k^2, where a_k = E[f(z) h_k(t)] with the normalised Hermite polynomials h_k, k < 200.

    E[f(z1) f(z2)] = sum_k a_k^2 c^k for z1, z2 ~ N(mean, variance) of correlation c (Mehler): what
    the coefficients left out hold counts by c^200. For functions of one piece.
    """
    std = sqrt(variance)
    t, weights = _nodes(_panels(f, mean, std))
    y = _value(f, mean + std * t) * weights * _density(t, 1)
    before, now, found = np.zeros_like(t), np.ones_like(t), []
    for k in range(ORDERS):
        found.append(float(y @ now) ** 2)
        before, now = now, (t * now - sqrt(k) * before) / sqrt(k + 1)
    return tuple(found)


def computed_gain(f: Activation) -> float:
    """1 / sqrt(E[f(z)^2]), z ~ N(0, 1): weights scaled by it keep the second moment of the layers.

    sqrt(2) for ReLU, 1.5925374197 for tanh. PyTorch's `calculate_gain` has 5/3 for tanh, which is
    a figure of experience and not this one. Raises ValueError where `mean_square` does, and where f
    is zero on all of N(0, 1).
    """
    square = mean_square(f)
    if square == 0:
        raise ValueError(f"'{f.name}' is zero on all of N(0, 1), so no gain follows: name a number")
    return 1 / sqrt(square)


def _expected(f: Activation, g: Callable[[Array], Array], mean: float, variance: float) -> float:
    """E[g(z)], for a g that is smooth between the kinks of f."""
    if not (variance >= 0 and isfinite(mean) and variance < inf):
        raise ValueError(f"N({mean}, {variance}) is no normal distribution: needs variance >= 0")
    if not _acts_on_each_number(f):
        raise ValueError(
            f"'{f.name}' acts across the units of a layer, so it has no mean over one normal "
            "number: name a gain instead of 'auto', or choose an elementwise activation"
        )
    std = sqrt(variance)
    if std == 0:
        return float(g(np.array([mean]))[0])
    coarse, ends = inf, _panels(f, mean, std)
    for _ in range(REFINEMENTS):
        t, weights = _nodes(ends)
        parts = g(mean + std * t) * weights * _density(t, f.widening)
        fine = float(parts.sum())
        if abs(fine - coarse) <= AGREED * np.abs(parts).sum():
            break
        coarse, ends = fine, np.sort(np.concatenate([ends, (ends[1:] + ends[:-1]) / 2]))
    if not isfinite(fine):
        raise ValueError(f"'{f.name}' has no finite mean over N({mean:g}, {variance:g})")
    return fine


def _panels(f: Activation, mean: float, std: float) -> Array:
    """Ends of the panels in standard deviations from the mean: whole ones, kinks, and scales."""
    breaks = (np.array([*f.kinks, *SCALES]) - mean) / std
    inside = breaks[np.abs(breaks) < REACH]
    return np.unique(np.concatenate([np.arange(-REACH, REACH + 1), inside]))


def _nodes(ends: Array) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights on all panels."""
    t, w = _legendre()
    half = np.diff(ends)[:, None] / 2
    return (ends[:-1, None] + half * (1 + t)).ravel(), (half * w).ravel()


@cache
def _legendre() -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(NODES)


@cache
def _steps(pieces: int) -> tuple[Array, Array]:
    """Middles of equal steps and the probabilities of the steps."""
    t = (np.arange(STEPS) + 0.5) * (2 * REACH / STEPS) - REACH
    weights = _density(t, pieces)
    return t, weights / weights.sum()


def _density(t: Array, pieces: int) -> Array:
    """Of the largest of some independent unit normal numbers: k Phi^(k-1) phi."""
    density = np.exp(-t * t / 2) / sqrt(2 * pi)
    if pieces > 1:
        below = np.array([erfc(-v / sqrt(2)) / 2 for v in t])
        density *= pieces * below ** (pieces - 1)
    return density


def _value(f: Activation, z: Array) -> Array:
    return f.value(np.tile(z, f.widening))


def _slope(f: Activation, z: Array) -> Array:
    return f.gradient(np.tile(z, f.widening), np.ones_like(z)).reshape(f.widening, -1).sum(axis=0)


@lru_cache(maxsize=4096)
def _acts_on_each_number(f: Activation) -> bool:
    """Whether the units of a layer leave one another alone."""
    z = np.array([-1.0, 0.5, 2.0])
    apart = [f.value(np.full(f.widening, number))[0] for number in z]
    return np.allclose(_value(f, z), apart)
