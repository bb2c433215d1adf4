"""The normal distribution, accurate in its tails."""

from math import pi, sqrt

import numpy as np

from actlab.arrays import Array

P = (1.0000116056, 9.8713961111, 44.514980712, 106.47901725, 121.46964312)
Q = (1.0, 9.8720209593, 45.500473387, 116.5450497, 162.28798076, 96.918752279)
"""Phi(-t) = phi(t) P(t) / Q(t), highest powers first, to a relative 6e-9 for 0 <= t <= 14.5, where
float32 ends. All coefficients are positive, so nothing cancels."""


def normal_into(x: Array, cdf: Array, density: Array) -> None:
    """Write Phi(x) and phi(x) of the unit normal distribution; x lies within +-40.

    Within 8 units in the last place in float64, by SciPy's erf and erfcx. float32 has a rational
    approximation instead; there exp passes on the rounding of t^2 / 2 in the far left tail.

    Source: W. J. Cody (1969), "Rational Chebyshev approximations for the error function", for exp
    times a rational function, its coefficients fitted anew to the least relative error on one
    interval; S. G. Johnson (2012), the Faddeeva package, for erfcx.
    """
    t = np.abs(x)
    tail = _tail_in_single if x.dtype == np.float32 else _tail_in_double
    below = tail(t, density)
    np.abs(np.subtract(np.greater(x, 0, out=cdf), below, out=cdf), out=cdf)


def _tail_in_single(t: Array, density: Array) -> Array:
    """Phi(-t) for t >= 0, writing phi(t)."""
    np.exp(np.multiply(np.square(t, out=density), -0.5, out=density), out=density)
    np.multiply(density, 1 / sqrt(2 * pi), out=density)
    ratio = _polynomial(P, t)
    np.divide(ratio, _polynomial(Q, t), out=ratio)
    return np.multiply(ratio, density, out=ratio)


def _tail_in_double(t: Array, density: Array) -> Array:
    """Phi(-t) for t >= 0, writing phi(t)."""
    from scipy.special import erf, erfcx

    # exp would amplify the rounding of t^2 by as much: the square of the head is exact, and what
    # is left is small
    head = np.rint(t * 64) / 64
    np.exp(head * head * -0.5, out=density)
    np.multiply(density, np.exp((head - t) * (head + t) * 0.5), out=density)
    far = erfcx(t / sqrt(2)) * density / 2
    np.multiply(density, 1 / sqrt(2 * pi), out=density)
    return np.where(t < 1, 0.5 - erf(t / sqrt(2)) / 2, far)


def _polynomial(coefficients: tuple[float, ...], t: Array) -> Array:
    """Horner's rule from the highest power; a leading 1 costs no product."""
    first, second, *others = coefficients
    p = t + second if first == 1 else np.add(first * t, second)
    for c in others:
        np.add(np.multiply(p, t, out=p), c, out=p)
    return p
