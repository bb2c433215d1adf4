"""Ordered or chaotic: the fixed points of the theory, and how many layers a signal lives.

With V(q) = sigma_w^2 E[f(sqrt(q) z)^2] + sigma_b^2 the variance of a layer given that of the one
below, sigma_w^2 = n_in s^2: the fixed point q* = V(q*), the slope chi_1 = sigma_w^2 E[f'^2] of the
correlation map at 1, below which two inputs grow alike (ordered) and above which they part
(chaotic), and xi_q = -1/log|V'(q*)|, xi_c = -1/log|chi| at the stable correlation: the layers over
which the variance, and the correlation of two inputs, come e times closer to their fixed points.

Source: Poole et al. (2016), arXiv 1606.05340; Schoenholz et al. (2017), arXiv 1611.01232.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, log, nan

import numpy as np
from numpy.typing import ArrayLike

from actlab.arrays import Array
from actlab.experiment import Experiment
from actlab.nn.activations import Activation
from actlab.nn.expectations import mean_square, mean_square_growth, mean_square_slope, spectrum

LEAST, MOST = 1e-9, 1e9
"""Variances beyond which a layer has vanished or exploded."""
EQUAL = 1e-10
"""Share of q by which V(q) may differ from it at a fixed point: the precision of quadrature."""
CRITICAL = 1e-8
"""|log chi| below which a network counts as at the edge: slopes are evaluated at q of LEAST on."""


@dataclass(frozen=True)
class Phase:
    """What deep layers come to: at fixed point `q`, 0 if they vanish and inf if they explode."""

    q: float
    chi: float
    """The slope of the correlation map at 1, and what gradients grow by in mean square: ordered
    below 1, chaotic above. Jumps of f (threshold, hardshrink), which no gradient sees, are left
    out."""
    correlation: float
    """The stable correlation of two inputs: 1 in the ordered phase."""
    xi_q: float
    xi_c: float

    @property
    def xi_gradient(self) -> float:
        """Layers over which gradients grow or shrink by e in mean square: 1 / |log chi_1|."""
        return _depth(self.chi)


@dataclass(frozen=True)
class PhaseDiagram:
    """Phases over a grid: arrays (sigma_b, sigma_w), and the edge of chaos where chi = 1."""

    sigma_w: Array
    sigma_b: Array
    q: Array
    chi: Array
    xi_q: Array
    xi_c: Array
    edge: Array
    """sigma_w at which chi is 1 for each sigma_b, NaN where there is none in the grid's range."""


def phase(f: Activation, sigma_w: float, sigma_b: float = 0.0) -> Phase:
    """The phase of deep networks of weights of std sigma_w / sqrt(n_in), biases of std sigma_b.

    The fixed point is the one that layers come to from q = 1. Raises ValueError as `mean_square`.
    """
    q = fixed_point(f, sigma_w, sigma_b)
    at = float(np.clip(q, LEAST, MOST))
    chi = sigma_w**2 * mean_square_slope(f, 0.0, at)
    growth = sigma_w**2 * mean_square_growth(f, 0.0, at) if f.widening == 1 else nan
    correlation = _stable_correlation(f, sigma_w, sigma_b, q, chi)
    slope = chi
    if correlation < 1:
        slope = sigma_w**2 * _correlation_slope(f, q, correlation)
    xi_c = _depth(slope) if isfinite(correlation) else nan
    return Phase(q, chi, correlation, _depth(growth), xi_c)


def phase_of(experiment: Experiment, width: int | None = None) -> Phase:
    """The phase of an experiment's hidden layers among themselves, of `width` or its last width.

    Raises ValueError where the theory has none: activations across units, norms, residual blocks,
    and weights that are constant or follow the data.
    """
    model = experiment.model
    if model.norm or model.residual:
        raise ValueError("norms and residual blocks have other fixed points")
    width = width or model.hidden_widths[-1]
    std = model.init.weight_std(width, width, model.activation)
    if model.init.unit_outputs or model.init.weight_mean != 0 or not isfinite(std):
        raise ValueError(f"'{model.init.name}' has no std that theory could go by")
    return phase(model.activation, std * width**0.5, model.bias_init.weight_std(1, width))


def phase_diagram(f: Activation, sigma_w: ArrayLike, sigma_b: ArrayLike) -> PhaseDiagram:
    """The phases over a grid of both spreads, with the edge of chaos."""
    w, b = np.asarray(sigma_w, float), np.asarray(sigma_b, float)
    grid = [[phase(f, float(x), float(y)) for x in w] for y in b]
    q, chi, xi_q, xi_c = (
        np.array([[getattr(cell, name) for cell in row] for row in grid], float)
        for name in ("q", "chi", "xi_q", "xi_c")
    )
    edge = np.array([edge_of_chaos(f, float(y), float(w.min()), float(w.max())) for y in b])
    return PhaseDiagram(w, b, q, chi, xi_q, xi_c, edge)


def edge_of_chaos(
    f: Activation, sigma_b: float = 0.0, least: float = 0.05, most: float = 10.0
) -> float:
    """The sigma_w in [least, most] at which chi_1 is 1; NaN if there is none.

    sqrt(2) for ReLU whatever q, 1 for tanh without biases.
    """
    from scipy.optimize import brentq

    def above(sigma_w: float) -> float:
        q = float(np.clip(fixed_point(f, sigma_w, sigma_b), LEAST, MOST))
        return sigma_w**2 * mean_square_slope(f, 0.0, q) - 1

    ends = [above(least), above(most)]
    if min(ends) > 0 or max(ends) < 0:
        return nan
    return float(brentq(above, least, most, xtol=1e-10))


def fixed_point(f: Activation, sigma_w: float, sigma_b: float = 0.0) -> float:
    """q* = V(q*), the one that layers come to from q = 1; 0 if they vanish, inf if they explode.

    Where every q is one (ReLU at sigma_w^2 = 2) it is 1. V is taken to be growing, as it is for
    all activations whose squares do.
    """
    from scipy.optimize import brentq

    def excess(q: float) -> float:
        return sigma_w**2 * mean_square(f, 0.0, q) + sigma_b**2 - q

    here, q = excess(1.0), 1.0
    step = 2.0 if here > 0 else 0.5
    while abs(here) > EQUAL * q and LEAST <= q <= MOST:
        there = excess(q * step)
        if (there > 0) != (here > 0):
            low, high = sorted((q, q * step))
            return float(brentq(excess, low, high, xtol=1e-300, rtol=1e-13))
        q, here = q * step, there
    if LEAST <= q <= MOST:
        return q
    if step > 1:
        return inf
    return float(brentq(excess, 0.0, q, xtol=1e-300, rtol=1e-13)) if excess(0.0) > 0 else 0.0


def correlation_map(
    f: Activation, sigma_w: float, sigma_b: float, q: float
) -> Callable[[float], float]:
    """c -> the correlation of two inputs one layer up, both of variance q."""
    squares = np.array(spectrum(f, 0.0, q))
    rest = max(mean_square(f, 0.0, q) - squares.sum(), 0.0)

    def up(c: float) -> float:
        powers = c ** np.arange(len(squares))
        return (sigma_w**2 * (powers @ squares + rest * powers[-1] * c) + sigma_b**2) / q

    return up


def _stable_correlation(
    f: Activation, sigma_w: float, sigma_b: float, q: float, chi: float
) -> float:
    """1 in the ordered phase; in the chaotic one the fixed point of the correlations below 1."""
    from scipy.optimize import brentq

    if not LEAST < q < MOST or f.widening > 1:
        return 1.0 if q < MOST and chi <= 1 else nan
    if chi <= 1 + EQUAL:
        return 1.0
    up = correlation_map(f, sigma_w, sigma_b, q)
    near = 1 - 1e-6
    if up(0.0) <= EQUAL:
        return 0.0
    return float(brentq(lambda c: up(c) - c, 0.0, near)) if up(near) < near else 1.0


def _correlation_slope(f: Activation, q: float, c: float) -> float:
    """E[f'(z1) f'(z2)] at correlation c < 1, from the spectrum of f."""
    squares = np.array(spectrum(f, 0.0, q))
    orders = np.arange(1, len(squares))
    return float((orders * c ** (orders - 1)) @ squares[1:]) / q


def _depth(factor: float) -> float:
    """Layers in which powers of this factor change by e."""
    if not isfinite(factor):
        return nan
    if factor <= 0:
        return 0.0
    return inf if abs(log(factor)) < CRITICAL else 1 / abs(log(factor))
