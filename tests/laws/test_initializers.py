"""The laws of initializers: the distribution of their formula, not only the shape."""

import numpy as np
import pytest
from cases import parts, title
from scipy import stats

from actlab.nn.initializers.fixed import Constant, Gaussian, Uniform
from actlab.nn.initializers.scaled import HeNormal, HeUniform, Scaled, XavierNormal, XavierUniform

EVERY = pytest.mark.parametrize("init", parts("initializer"), ids=title)
N_IN, N_OUT = 300, 170
FANS = {"in": N_IN, "out": N_OUT, "avg": (N_IN + N_OUT) / 2}


def law(init):
    """The distribution that the formula of the method asks for, with a gain of 1.3."""
    if isinstance(init, Gaussian):
        return stats.norm(0, init.std)
    if isinstance(init, Uniform):
        return stats.uniform(-init.bound, 2 * init.bound)
    if isinstance(init, XavierNormal):
        return stats.norm(0, np.sqrt(1 / FANS[init.fan]))
    if isinstance(init, HeNormal):
        return stats.norm(0, 1.3 / np.sqrt(FANS[init.fan]))
    if isinstance(init, XavierUniform):
        bound = np.sqrt(3 / FANS[init.fan])
        return stats.uniform(-bound, 2 * bound)
    if isinstance(init, HeUniform):
        bound = 1.3 * np.sqrt(3 / FANS[init.fan])
        return stats.uniform(-bound, 2 * bound)
    return None


@EVERY
def test_distribution_is_that_of_the_formula(init):
    drawn = init.sample(N_IN, N_OUT, np.random.default_rng(7), gain=1.3)
    expected = law(init)
    if expected is None:
        assert np.ptp(drawn) == 0 and drawn[0, 0] == getattr(init, "value", 0.0)
        return
    assert stats.kstest(drawn.ravel(), expected.cdf).pvalue > 0.001
    low, high = stats.chi2(drawn.size - 1).ppf([1e-4, 1 - 1e-4]) / (drawn.size - 1)
    # the chi-square interval is exact for a normal law and wide enough for a uniform one
    assert low < drawn.var(ddof=1) / expected.var() < high


@EVERY
def test_shape_type_and_repeatability(init):
    drawn = init.sample(3, 4, np.random.default_rng(1))
    assert drawn.shape == (3, 4) and drawn.dtype == np.float64
    np.testing.assert_array_equal(drawn, init.sample(3, 4, np.random.default_rng(1)))


@EVERY
def test_explicit_gain_multiplies(init):
    if not isinstance(init, Scaled):
        pytest.skip("does not scale by fans")
    doubled = init.model_copy(update={"gain": 2.0})
    once = init.model_copy(update={"gain": 1.0})
    one, two = (i.sample(5, 6, np.random.default_rng(1), gain=9.0) for i in (once, doubled))
    np.testing.assert_allclose(two, 2 * one)


def test_textbook_variances():
    rng = np.random.default_rng(0)
    assert HeNormal().sample(500, 400, rng).var() == pytest.approx(2 / 500, rel=0.02)
    assert XavierUniform().sample(500, 400, rng).var() == pytest.approx(2 / 900, rel=0.02)
    assert np.abs(XavierUniform().sample(500, 400, rng)).max() <= np.sqrt(6 / 900)
    assert Constant(value=0.3).sample(2, 2, rng).tolist() == [[0.3, 0.3], [0.3, 0.3]]
