"""Values against 60 digits of mpmath, where formulas lose theirs: in the tails and near zero."""

import numpy as np
import pytest

from actlab import activation

mpmath = pytest.importorskip("mpmath", reason="needs the extra 'conformance': pip install mpmath")
mp = mpmath.mp.clone()
mp.dps = 60


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 100 else x + mp.exp(-x)


TRUTH = {
    "sigmoid": sigmoid,
    "tanh": mp.tanh,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "celu": lambda x: x if x > 0 else mp.expm1(x),
    "selu": lambda x: (
        mp.mpf(1.0507009873554805) * (x if x > 0 else mp.mpf(1.6732632423543772) * mp.expm1(x))
    ),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * mp.tanh(softplus(x)),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "tanhshrink": lambda x: x - mp.tanh(x) if abs(x) > 1e-8 else x**3 / 3,
    "logsigmoid": lambda x: -softplus(-x),
}


def tanh_gelu(x):
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))


def grid(dtype):
    """Both signs: every power of two, the middle densely, and the tails up to where they end."""
    end = np.log(np.finfo(dtype).tiny)
    size = np.concatenate(
        [
            np.ldexp(1.0, np.arange(np.finfo(dtype).minexp // 3 + 1, 9)),
            np.random.default_rng(0).uniform(0, 8, 400),
            np.random.default_rng(1).uniform(8, -end, 200),
        ]
    )
    return np.concatenate([-size, size]).astype(dtype)


def errors(f, truth, x):
    """The errors in units in the last place, and where; of results that are normal numbers."""
    smallest = np.finfo(x.dtype).tiny
    pairs = [(y, truth(mp.mpf(float(v))), v) for v, y in zip(x, f.value(x), strict=True)]
    normal = [(y, t, v) for y, t, v in pairs if abs(t) > smallest]
    units = [np.spacing(x.dtype.type(abs(float(t)))) for _, t, _ in normal]
    found = [
        float(abs(mp.mpf(float(y)) - t) / mp.mpf(float(unit)))
        for (y, t, _), unit in zip(normal, units, strict=True)
    ]
    return np.array(found), np.array([float(v) for _, _, v in normal])


@pytest.mark.parametrize("name", sorted(TRUTH.keys() - {"gelu"}))
def test_double_precision_within_4_ulp(name):
    found, _ = errors(activation(name), TRUTH[name], grid(np.float64))
    assert found.max() <= 4


@pytest.mark.parametrize("name", sorted(TRUTH.keys() - {"gelu"}))
def test_single_precision_within_4_ulp(name):
    found, _ = errors(activation(name), TRUTH[name], grid(np.float32))
    assert found.max() <= 4


def test_gelu_in_double_precision():
    """Within 4 ulp as far as Phi(x) is a normal number."""
    x = np.concatenate([grid(np.float64), np.random.default_rng(2).uniform(-37.5, 1, 5000)])
    found, _ = errors(activation("gelu"), TRUTH["gelu"], x[x > -37.5])
    assert found.max() <= 4


def test_gelu_in_single_precision():
    """Within 4 ulp, and far left half an ulp of the exponent x^2 / 2 more, which exp passes on."""
    found, x = errors(activation("gelu"), TRUTH["gelu"], grid(np.float32))
    assert (found <= 4 + np.minimum(x, 0) ** 2 / 2).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu_by_tanh(dtype):
    """Within 5 ulp, and far left as many more as the exponent is large."""
    found, x = errors(activation("gelu", approximate="tanh"), tanh_gelu, grid(dtype))
    exponent = np.sqrt(8 / np.pi) * np.abs(np.minimum(x, 0) + 0.044715 * np.minimum(x, 0) ** 3)
    assert (found <= 5 + 2 * exponent).all()
