"""Values, and the derivatives at kinks, against PyTorch 2.13.0, which the kinks follow."""

import numpy as np
import pytest
from cases import parts, title

torch = pytest.importorskip("torch", minversion="2.13", reason="compares with PyTorch 2.13")
F = torch.nn.functional

PYTORCH = {
    "identity": lambda f: lambda x: x * 1,
    "sigmoid": lambda f: torch.sigmoid,
    "tanh": lambda f: torch.tanh,
    "relu": lambda f: F.relu,
    "leaky_relu": lambda f: lambda x: F.leaky_relu(x, f.slope),
    "prelu": lambda f: lambda x: F.prelu(x, torch.tensor(f.start, dtype=x.dtype)),
    "rrelu": lambda f: lambda x: F.rrelu(x, f.lower, f.upper, training=False),
    "elu": lambda f: lambda x: F.elu(x, f.alpha),
    "celu": lambda f: lambda x: F.celu(x, f.alpha),
    "selu": lambda f: F.selu,
    "gelu": lambda f: lambda x: F.gelu(x, approximate=f.approximate),
    "silu": lambda f: F.silu,
    "mish": lambda f: F.mish,
    "softplus": lambda f: lambda x: F.softplus(x, f.beta),
    "softsign": lambda f: F.softsign,
    "relu6": lambda f: F.relu6,
    "hardtanh": lambda f: lambda x: F.hardtanh(x, f.min, f.max),
    "hardsigmoid": lambda f: F.hardsigmoid,
    "hardswish": lambda f: F.hardswish,
    "threshold": lambda f: lambda x: F.threshold(x, f.threshold, f.value_below),
    "step": lambda f: lambda x: torch.heaviside(x, torch.zeros_like(x)),
    "tanhshrink": lambda f: F.tanhshrink,
    "softshrink": lambda f: lambda x: F.softshrink(x, f.lambda_),
    "hardshrink": lambda f: lambda x: F.hardshrink(x, f.lambda_),
    "logsigmoid": lambda f: F.logsigmoid,
    "maxout": lambda f: lambda x: x.unflatten(-1, (f.pieces, -1)).amax(dim=-2),
    "softmax": lambda f: lambda x: F.softmax(x / f.temperature, dim=-1),
    "softmin": lambda f: lambda x: F.softmin(x, dim=-1),
    "log_softmax": lambda f: lambda x: F.log_softmax(x, dim=-1),
}
EVERY = pytest.mark.parametrize("f", parts("activation"), ids=title)


@EVERY
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 2e-6), (np.float64, 1e-8)])
def test_values(f, dtype, rtol):
    x = np.linspace(-8, 8, 2400).reshape(40, 60).astype(dtype)
    expected = PYTORCH[f.name](f)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(f.value(x), expected, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("f", [f for f in parts("activation") if f.kinks], ids=title)
def test_derivatives_at_kinks(f):
    kinks = np.array(list(f.kinks))
    x = torch.tensor(kinks, requires_grad=True)
    PYTORCH[f.name](f)(x).sum().backward()
    np.testing.assert_allclose(f.gradient(kinks, np.ones_like(kinks)), x.grad.numpy(), rtol=1e-15)
    np.testing.assert_allclose(list(f.kinks.values()), x.grad.numpy(), rtol=1e-15)


def test_other_settings_keep_their_kinks():
    from actlab import activation

    changed = [
        activation("elu", alpha=0.3),
        activation("hardtanh", min=-2.0, max=0.5),
        activation("threshold", threshold=-0.4, value=7.0),
        activation("softshrink", **{"lambda": 0.0}),
        activation("hardshrink", **{"lambda": 0.2}),
        activation("prelu", start=-1.0),
    ]
    for f in changed:
        test_derivatives_at_kinks(f)
        test_values(f, np.float64, 1e-12)
