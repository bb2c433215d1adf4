"""The laws of initializers: the distribution of their formula, not only the shape."""

import numpy as np
import pytest
from cases import parts, title, unregistered
from scipy import stats

from actlab.nn.activations.leaky_relu import LeakyReLU
from actlab.nn.activations.maxout import Maxout
from actlab.nn.dense import Dense
from actlab.nn.initializers.base import Gained, Initializer
from actlab.nn.initializers.fixed import Constant
from actlab.nn.initializers.scaled import HeNormal, XavierUniform
from actlab.nn.layer import Workspace

INITIALIZERS = parts("initializer")
EVERY = pytest.mark.parametrize("init", INITIALIZERS, ids=title)
N_IN, N_OUT = 300, 170
FANS = {"in": N_IN, "out": N_OUT, "avg": (N_IN + N_OUT) / 2}
FOLLOWS = LeakyReLU(slope=0.5)
HE_GAIN = np.sqrt(2 / (1 + 0.5**2))
"""Of the activation that follows, both by its own word and by E[f(z)^2]."""


def spread(init, own_gain=1.0):
    """gain / sqrt(fan), the gain computed or the method's own."""
    return (HE_GAIN if init.gain == "auto" else own_gain) / np.sqrt(FANS[init.fan])


def uniform(bound):
    return stats.uniform(-bound, 2 * bound)


def truncated(init):
    """Cut at two standard deviations of the whole normal law."""
    whole = stats.truncnorm(-2, 2)
    return stats.truncnorm(-2, 2, scale=init.std / (whole.std() if init.corrected else 1))


def entry_of_orthonormal(gain=1.0):
    """The square of one entry of a Haar matrix is Beta(1/2, (n - 1)/2), n the longer side."""

    class Entry:
        def cdf(self, w):
            half = stats.beta(0.5, (N_IN - 1) / 2).cdf((w / gain) ** 2) / 2
            return 0.5 + np.sign(w) * half

        def var(self):
            return gain**2 / N_IN

    return Entry()


LAWS = {
    "zeros": lambda init: 0.0,
    "constant": lambda init: init.value,
    "gaussian": lambda init: stats.norm(0, init.std),
    "uniform": lambda init: uniform(init.bound),
    "truncated_normal": truncated,
    "sparse": lambda init: stats.norm(0, init.std),
    "xavier_normal": lambda init: stats.norm(0, spread(init)),
    "xavier_uniform": lambda init: uniform(np.sqrt(3) * spread(init)),
    "lecun_normal": lambda init: stats.norm(0, spread(init)),
    "lecun_uniform": lambda init: uniform(np.sqrt(3) * spread(init)),
    "he_normal": lambda init: stats.norm(0, spread(init, HE_GAIN)),
    "he_uniform": lambda init: uniform(np.sqrt(3) * spread(init, HE_GAIN)),
    "residual_zero": lambda init: stats.norm(0, spread(init, HE_GAIN)),
    "orthogonal": lambda init: entry_of_orthonormal(HE_GAIN if init.gain == "auto" else 1.0),
    "lsuv": lambda init: entry_of_orthonormal(),
}
"""What each formula asks for, written anew: a distribution of the weights, or one number.

The cases come from the registry; an initializer without a law here fails.
"""

FILLED = {"sparse": 15 / N_IN}
"""The share of weights that are not zero, where it is not 1."""


@EVERY
def test_distribution_is_that_of_the_formula(init):
    assert init.name in LAWS, f"say in LAWS what distribution '{init.name}' has"
    drawn = init.sample(N_IN, N_OUT, np.random.default_rng(7), activation=FOLLOWS)
    law = LAWS[init.name](init)
    if isinstance(law, float):
        assert (drawn == law).all()
        return
    assert np.count_nonzero(drawn) == drawn.size * FILLED.get(init.name, 1)
    drawn = drawn[drawn != 0]
    assert stats.kstest(drawn, law.cdf).pvalue > 0.001
    low, high = stats.chi2(drawn.size - 1).ppf([1e-4, 1 - 1e-4]) / (drawn.size - 1)
    # the chi-square interval is exact for a normal law and wide enough for the lighter tails
    assert low < drawn.var(ddof=1) / law.var() < high


@EVERY
@pytest.mark.parametrize("shape", [(N_IN, N_OUT), (N_OUT, N_IN)])
def test_the_std_it_declares_is_that_of_what_it_draws(init, shape):
    drawn = init.sample(*shape, np.random.default_rng(8), activation=FOLLOWS)
    assert drawn.std() == pytest.approx(init.weight_std(*shape, FOLLOWS), rel=0.02, abs=1e-12)
    spread = drawn.std() / np.sqrt(drawn.size)
    assert abs(drawn.mean() - init.weight_mean) <= 4.5 * spread + 1e-12


def test_every_law_is_of_a_registered_initializer():
    assert {init.name for init in INITIALIZERS} == set(LAWS)


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_the_law_notices_a_spread_that_is_wrong_by_two_percent(factor):
    """The laws are as sharp as that over 51,000 weights."""
    init = HeNormal(gain=float(HE_GAIN * factor))
    drawn = init.sample(N_IN, N_OUT, np.random.default_rng(7))
    expected = LAWS["he_normal"](HeNormal())
    low, high = stats.chi2(drawn.size - 1).ppf([1e-4, 1 - 1e-4]) / (drawn.size - 1)
    assert not low < drawn.var(ddof=1) / expected.var() < high


@EVERY
def test_no_place_prefers_a_sign(init):
    """Over many draws, each weight is as often above zero as below it."""
    if isinstance(LAWS[init.name](init), float):
        pytest.skip("is not drawn")
    rng, n = np.random.default_rng(9), 1000
    drawn = np.array([init.sample(4, 3, rng, activation=FOLLOWS) for _ in range(n)])
    assert np.abs(np.sign(drawn).sum(axis=0)).max() < 4.5 * np.sqrt(n)


@EVERY
def test_shape_type_and_repeatability(init):
    for shape in [(3, 4), (4, 3), (1, 5), (5, 1)]:
        drawn = init.sample(*shape, np.random.default_rng(1))
        assert drawn.shape == shape and drawn.dtype == np.float64
        np.testing.assert_array_equal(drawn, init.sample(*shape, np.random.default_rng(1)))


@EVERY
def test_explicit_gain_multiplies(init):
    if not isinstance(init, Gained):
        pytest.skip("takes no gain")
    doubled = init.model_copy(update={"gain": 2.0})
    once = init.model_copy(update={"gain": 1.0})
    one, two = (
        i.sample(5, 6, np.random.default_rng(1), activation=FOLLOWS) for i in (once, doubled)
    )
    np.testing.assert_allclose(two, 2 * one)


@EVERY
def test_each_piece_of_maxout_is_drawn_with_the_fans_of_one(init):
    """The matrix is wider by the pieces; fan out is still the number of units."""
    seen = []

    @unregistered
    class Spy(Initializer):
        name = "spy"

        def sample(self, fan_in, fan_out, rng, *, activation=None):
            seen.append((fan_in, fan_out, activation))
            return init.sample(fan_in, fan_out, rng, activation=activation)

    maxout = Maxout(pieces=3)
    layer, workspace = Dense(4, Spy(), activation=maxout), Workspace(np.float64)
    memory = workspace.memory("it")
    assert layer.claim(5, memory) == 12
    workspace.lay_out()
    layer.initialize(memory, np.random.default_rng(2))
    assert seen == [(5, 4, maxout)] * 3
    rng = np.random.default_rng(2)
    pieces = [init.sample(5, 4, rng, activation=maxout) for _ in range(3)]
    np.testing.assert_array_equal(memory.W, np.hstack(pieces))


@EVERY
def test_last_layer_of_a_residual_block(init):
    assert init.last_in_block().name == ("zeros" if init.name == "residual_zero" else init.name)


def test_textbook_variances():
    rng = np.random.default_rng(0)
    assert HeNormal().sample(500, 400, rng).var() == pytest.approx(2 / 500, rel=0.02)
    assert XavierUniform().sample(500, 400, rng).var() == pytest.approx(2 / 900, rel=0.02)
    assert np.abs(XavierUniform().sample(500, 400, rng)).max() <= np.sqrt(6 / 900)
    assert Constant(value=0.3).sample(2, 2, rng).tolist() == [[0.3, 0.3], [0.3, 0.3]]
