"""Means over a normal distribution, against closed forms and against SciPy's adaptive rule."""

from itertools import pairwise
from math import erf, exp, pi, sqrt
from typing import ClassVar

import numpy as np
import pytest
from cases import parts, title, unregistered
from scipy import integrate, special

from actlab import activation
from actlab.nn.activations import Activation, Elementwise
from actlab.nn.expectations import computed_gain, mean_square, mean_square_slope, mean_value

NORMALS = [(0.0, 1.0), (0.7, 0.25), (-3.0, 4.0), (0.0, 1e-4), (1.0, 400.0)]
ELEMENTWISE = [f for f in parts("activation") if isinstance(f, Elementwise)]


@unregistered
class SELU(Elementwise):
    """Klambauer et al. (2017): scale x right of 0, scale alpha (exp(x) - 1) left of it."""

    name = "selu_of_this_test"
    SCALE: ClassVar[float] = 1.0507009873554805
    ALPHA: ClassVar[float] = 1.6732632423543772

    @property
    def kinks(self):
        return {0.0: self.SCALE * self.ALPHA}

    def value_into(self, x, out):
        out[...] = self.SCALE * np.where(x > 0, x, self.ALPHA * np.expm1(np.minimum(x, 0)))

    def slope_into(self, x, y, out):
        out[...] = self.SCALE * np.where(x > 0, 1, self.ALPHA * np.exp(np.minimum(x, 0)))


@unregistered
class Gate(Elementwise):
    """x where x > 0.7731, otherwise 0: a jump at no round number."""

    name = "gate_of_this_test"
    AT: ClassVar[float] = 0.7731

    @property
    def kinks(self):
        return {self.AT: 0.0}

    def value_into(self, x, out):
        out[...] = np.where(x > self.AT, x, 0)

    def slope_into(self, x, y, out):
        out[...] = x > self.AT


def by_scipy(g, mean, variance, kinks):
    """E[g(z)] by adaptive quadrature between the kinks."""
    std = sqrt(variance)
    ends = [mean - 12 * std, *(k for k in (*kinks, 0.0, mean) if abs(k - mean) < 12 * std)]
    ends = sorted({*ends, mean + 12 * std})

    def weighted(z):
        return g(z) * exp(-((z - mean) ** 2) / 2 / variance) / sqrt(2 * pi * variance)

    return sum(
        integrate.quad(weighted, a, b, epsabs=1e-13, epsrel=1e-12, limit=400)[0]
        for a, b in pairwise(ends)
    )


@pytest.mark.parametrize(("mean", "variance"), NORMALS)
@pytest.mark.parametrize("f", ELEMENTWISE, ids=title)
def test_every_elementwise_activation(f, mean, variance):
    def value(z):
        return f.value(np.array([z]))[0]

    def slope(z):
        return f.derivative(np.array([z]))[0]

    found = (
        mean_value(f, mean, variance),
        mean_square(f, mean, variance),
        mean_square_slope(f, mean, variance),
    )
    expected = [
        by_scipy(g, mean, variance, f.kinks)
        for g in (value, lambda z: value(z) ** 2, lambda z: slope(z) ** 2)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("mean", "variance"), NORMALS)
def test_relu_in_closed_form(mean, variance):
    std = sqrt(variance)
    Phi = special.ndtr(mean / std)
    phi = exp(-((mean / std) ** 2) / 2) / sqrt(2 * pi)
    f = activation("relu")
    assert mean_value(f, mean, variance) == pytest.approx(mean * Phi + std * phi, rel=1e-10)
    square = (mean**2 + variance) * Phi + mean * std * phi
    # far left of zero both terms of the closed form nearly cancel
    assert mean_square(f, mean, variance) == pytest.approx(square, rel=1e-9)
    assert mean_square_slope(f, mean, variance) == pytest.approx(Phi, rel=1e-10)


def test_gains():
    assert computed_gain(activation("relu")) == pytest.approx(sqrt(2), abs=1e-12)
    assert computed_gain(activation("tanh")) == pytest.approx(1.5925374197, abs=5e-11)
    assert computed_gain(activation("tanh")) != pytest.approx(5 / 3, abs=0.05)
    assert computed_gain(activation("identity")) == pytest.approx(1, abs=1e-12)
    for slope in (0.01, 0.3):
        gain = computed_gain(activation("leaky_relu", slope=slope))
        assert gain == pytest.approx(sqrt(2 / (1 + slope**2)), abs=1e-12)
    assert computed_gain(activation("prelu", start=-1.0)) == pytest.approx(1, abs=1e-12)


def test_selu_is_at_its_fixed_point():
    f = SELU()
    assert mean_value(f) == pytest.approx(0, abs=1e-12)
    assert computed_gain(f) == pytest.approx(1, abs=1e-12)


def test_a_jump_at_no_round_number():
    f, a = Gate(), Gate.AT
    phi, above = exp(-a * a / 2) / sqrt(2 * pi), special.ndtr(-a)
    assert mean_value(f) == pytest.approx(phi, rel=1e-10)
    assert mean_square(f) == pytest.approx(a * phi + above, rel=1e-10)
    assert mean_square_slope(f) == pytest.approx(above, rel=1e-10)
    assert mean_value(f, a, 1e-6) == pytest.approx(a / 2 + 1e-3 / sqrt(2 * pi), rel=1e-10)


@pytest.mark.parametrize("pieces", [2, 3, 7, 64])
def test_maxout_of_independent_pieces(pieces):
    f = activation("maxout", pieces=pieces)
    assert computed_gain(f) == pytest.approx(f.gain, rel=1e-9)
    assert mean_square_slope(f) == pytest.approx(1, rel=1e-10)
    z = np.random.default_rng(0).normal(2.0, 3.0, size=(200_000, pieces)).max(axis=1)
    assert mean_value(f, 2.0, 9.0) == pytest.approx(z.mean(), rel=0.01)
    assert mean_square(f, 2.0, 9.0) == pytest.approx((z**2).mean(), rel=0.01)


def test_two_and_three_pieces_in_closed_form():
    two, three = (activation("maxout", pieces=pieces) for pieces in (2, 3))
    assert mean_value(two) == pytest.approx(1 / sqrt(pi), rel=1e-10)
    assert mean_value(three) == pytest.approx(1.5 / sqrt(pi), rel=1e-10)
    assert mean_square(three) == pytest.approx(1 + sqrt(3) / (2 * pi), rel=1e-10)


def test_sigmoid_of_a_huge_spread_is_a_step():
    assert mean_square(activation("sigmoid"), 0.0, 1e12) == pytest.approx(0.5, abs=1e-5)
    assert mean_square(activation("relu"), 0.0, 1e12) == pytest.approx(5e11, rel=1e-10)
    assert mean_value(activation("tanh"), 1.0, 1e6) == pytest.approx(erf(1e-3 / sqrt(2)), rel=1e-4)


def test_no_spread_is_the_function_itself():
    f = activation("tanh")
    assert mean_value(f, 0.3, 0.0) == pytest.approx(np.tanh(0.3))
    assert mean_square_slope(f, 0.3, 0.0) == pytest.approx((1 - np.tanh(0.3) ** 2) ** 2)


@pytest.mark.parametrize(("mean", "variance"), [(0.0, -1.0), (0.0, np.nan), (np.inf, 1.0)])
def test_no_normal_distribution(mean, variance):
    with pytest.raises(ValueError, match="is no normal distribution"):
        mean_square(activation("tanh"), mean, variance)


def test_every_activation_has_its_means_or_says_why_not():
    for f in parts("activation"):
        try:
            assert mean_square(f) >= 0
        except ValueError as error:
            assert "acts across the units" in str(error), f
            assert isinstance(f, Activation) and not isinstance(f, Elementwise)
