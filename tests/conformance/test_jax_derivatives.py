"""Our derivatives against those that JAX derives from formulas written down independently."""

import numpy as np
import pytest
from cases import parts, title

from actlab.nn.activations import Elementwise

jax = pytest.importorskip("jax", reason="needs the extra 'conformance': pip install jax")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)

RIGHT = 1e-10
ACTIVATIONS = parts("activation")
ROWS = [f for f in ACTIVATIONS if not isinstance(f, Elementwise)]


def sigmoid(x):
    """A form whose derivative keeps its digits at both ends."""
    return jnp.exp(-jnp.logaddexp(0.0, -x))


def piecewise(*branches):
    """The value of the first branch whose condition holds."""
    return lambda x: jnp.select(
        [when(x) for when, _ in branches], [then(x) for _, then in branches]
    )


def exponential_left(alpha, scale=1.0):
    """jax.nn.elu takes its slope from expm1, which loses the digits of exp far left."""
    return lambda x: scale * jnp.where(x > 0, x, alpha * (jnp.exp(jnp.minimum(x, 0)) - 1))


ALWAYS = jnp.ones_like
REFERENCES = {
    "identity": lambda f: lambda x: x,
    "sigmoid": lambda f: sigmoid,
    "tanh": lambda f: lambda x: 1 - 2 * sigmoid(-2 * x),
    "relu": lambda f: jax.nn.relu,
    "leaky_relu": lambda f: lambda x: jax.nn.leaky_relu(x, f.slope),
    "prelu": lambda f: lambda x: jnp.maximum(x, 0) + f.start * jnp.minimum(x, 0),
    "rrelu": lambda f: lambda x: jax.nn.leaky_relu(x, (1 / 8 + 1 / 3) / 2),
    "elu": lambda f: exponential_left(f.alpha),
    "celu": lambda f: exponential_left(f.alpha),
    "selu": lambda f: exponential_left(f.alpha, f.scale),
    "gelu": lambda f: (
        (lambda x: x * jax.scipy.special.erfc(-x / jnp.sqrt(2.0)) / 2)
        if f.approximate == "none"
        else lambda x: x * sigmoid(2 * jnp.sqrt(2 / jnp.pi) * (x + 0.044715 * x**3))
    ),
    "silu": lambda f: lambda x: x * sigmoid(x),
    "mish": lambda f: lambda x: x * jnp.tanh(jnp.logaddexp(0.0, x)),
    "softplus": lambda f: jax.nn.softplus,
    "softsign": lambda f: jax.nn.soft_sign,
    "relu6": lambda f: jax.nn.relu6,
    "hardtanh": lambda f: jax.nn.hard_tanh,
    "hardsigmoid": lambda f: jax.nn.hard_sigmoid,
    "hardswish": lambda f: jax.nn.hard_silu,
    "step": lambda f: lambda x: jnp.heaviside(x, 0.0),
    "threshold": lambda f: piecewise((lambda x: x > 1, lambda x: x), (ALWAYS, jnp.zeros_like)),
    "tanhshrink": lambda f: lambda x: x - jnp.tanh(x),
    "softshrink": lambda f: piecewise(
        (lambda x: x > 0.5, lambda x: x - 0.5),
        (lambda x: x < -0.5, lambda x: x + 0.5),
        (ALWAYS, jnp.zeros_like),
    ),
    "hardshrink": lambda f: piecewise(
        (lambda x: jnp.abs(x) > 0.5, lambda x: x), (ALWAYS, jnp.zeros_like)
    ),
    "logsigmoid": lambda f: jax.nn.log_sigmoid,
    "maxout": lambda f: lambda x: x.reshape(*x.shape[:-1], f.pieces, -1).max(axis=-2),
    "softmax": lambda f: lambda x: jax.nn.softmax(x / f.temperature, axis=-1),
    "softmin": lambda f: lambda x: jax.nn.softmax(-x, axis=-1),
    "log_softmax": lambda f: lambda x: jax.nn.log_softmax(x, axis=-1),
}


def points(f):
    """4,400 points on both sides: dense where things bend, and far out; none near a kink."""
    far = np.geomspace(20, 300, 200)
    x = np.concatenate([np.linspace(-20, 20, 4000) + 0.0037, far, -far])
    near = [np.abs(x - kink) < 1e-6 for kink in f.kinks]
    return x[~np.any(near, axis=0)] if near else x


@pytest.mark.parametrize("f", [f for f in ACTIVATIONS if isinstance(f, Elementwise)], ids=title)
def test_slope(f):
    x = points(f)
    expected = np.asarray(jax.vmap(jax.grad(REFERENCES[f.name](f)))(x))
    assert len(x) >= 1000
    # under 1e-290 JAX's intermediate results are subnormal numbers, which it may flush to zero
    np.testing.assert_allclose(f.derivative(x), expected, rtol=RIGHT, atol=1e-290)


@pytest.mark.parametrize("f", ROWS, ids=title)
@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_pullback(f, scale):
    rng = np.random.default_rng(0)
    x = rng.normal(scale=scale, size=(300, 6 * f.widening))
    y, pull = jax.vjp(REFERENCES[f.name](f), jnp.asarray(x))
    dy = rng.normal(size=y.shape)
    (expected,) = map(np.asarray, pull(jnp.asarray(dy)))
    error = np.abs(f.gradient(x, dy) - expected) / np.abs(expected).max(axis=-1, keepdims=True)
    assert error.max() < RIGHT
    np.testing.assert_allclose(f.value(x), y, rtol=1e-12, atol=1e-15)
