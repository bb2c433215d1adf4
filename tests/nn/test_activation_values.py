"""Exact values of activations: the lecture's numbers, the limits, the tails."""

import subprocess
import sys

import numpy as np
import pytest
from cases import parts, title

from actlab import activation
from actlab.config import ConfigError
from actlab.experiment import load
from actlab.nn.activations import Elementwise
from actlab.nn.layer import Workspace

INF, NAN = np.inf, np.nan
EXTREMES = {
    "identity": (-INF, INF),
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, INF),
    "leaky_relu": (-INF, INF),
    "prelu": (-INF, INF),
    "rrelu": (-INF, INF),
    "elu": (-1, INF),
    "celu": (-1, INF),
    "selu": (-1.0507009873554805 * 1.6732632423543772, INF),
    "gelu": (0, INF),
    "silu": (0, INF),
    "mish": (0, INF),
    "softplus": (0, INF),
    "softsign": (-1, 1),
    "relu6": (0, 6),
    "hardtanh": (-1, 1),
    "hardsigmoid": (0, 1),
    "hardswish": (0, INF),
    "threshold": (0, INF),
    "tanhshrink": (-INF, INF),
    "softshrink": (-INF, INF),
    "hardshrink": (-INF, INF),
    "logsigmoid": (-INF, 0),
    "step": (0, 1),
}
ONE_BY_ONE = [f for f in parts("activation") if f.name in EXTREMES]


@pytest.mark.parametrize("f", ONE_BY_ONE, ids=title)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_infinite_inputs_give_the_limits(f, dtype):
    y = f.value(np.array([-INF, INF, NAN], dtype))
    np.testing.assert_allclose(y[:2], EXTREMES[f.name], rtol=1e-3)
    assert np.isnan(y[2])


@pytest.mark.parametrize("f", ONE_BY_ONE, ids=title)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_slopes_at_infinity_are_those_far_out(f, dtype):
    far = f.gradient(np.array([-1e4, 1e4], dtype), np.ones(2, dtype))
    at_infinity = f.gradient(np.array([-INF, INF], dtype), np.ones(2, dtype))
    np.testing.assert_allclose(at_infinity, far, atol=1e-4)


def test_every_elementwise_activation_has_its_extremes_here():
    known = {f.name for f in parts("activation") if isinstance(f, Elementwise)}
    assert known <= EXTREMES.keys()


@pytest.mark.parametrize("f", ONE_BY_ONE, ids=title)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_enormous_neighbour_changes_nothing(f, dtype):
    rng = np.random.default_rng(0)
    size = 10.0 ** np.linspace(-3, np.log10(np.finfo(dtype).max) - 1, 300)
    size = np.concatenate([size, 10.0 ** rng.uniform(0, 13, 700)])  # where powers lose their digits
    x = np.concatenate([-size, size, [-INF, INF, NAN]]).astype(dtype)
    for of in (f.value, lambda x: f.gradient(x, np.ones_like(x))):
        alone = np.concatenate([of(x[n : n + 1]) for n in range(len(x))])
        assert np.isfinite(alone[:-3]).all()
        np.testing.assert_allclose(of(x), alone, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("f", parts("activation"), ids=title)
def test_the_largest_numbers_give_no_warning(f):
    largest = np.finfo(np.float64).max / 4
    x = np.array([-largest, largest] * f.widening)
    assert np.isfinite(f.value(x)).all()
    assert np.isfinite(f.gradient(x, np.ones_like(f.value(x)))).all()


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("sigmoid", -740.0, np.exp(-740.0)),
        ("softplus", 1000.0, 1000.0),
        ("softplus", -740.0, np.exp(-740.0)),
        ("logsigmoid", -1000.0, -1000.0),
        ("logsigmoid", 740.0, -np.exp(-740.0)),
        ("elu", -1e-12, np.expm1(-1e-12)),
        ("gelu", -10.0, -7.61985302416052606e-23),
        ("gelu", -37.0, -2.11846135233409342e-298),
        ("silu", -700.0, -700 * np.exp(-700.0)),
        ("mish", -700.0, -700 * np.exp(-700.0)),
        ("tanhshrink", 1e-5, 1e-15 / 3 * (1 - 0.4e-10)),
        ("softsign", 1e300, 1.0),
    ],
)
def test_tails(name, x, y):
    assert activation(name).value(x) == pytest.approx(y, rel=1e-13, abs=5e-324)


def test_a1_sigmoid_is_flat_at_both_ends():
    slopes = activation("sigmoid").derivative([-10, 0, 10])
    np.testing.assert_allclose(slopes, [4.5396e-5, 0.25, 4.5396e-5], rtol=1e-5)


def test_a2_tanh_is_a_stretched_sigmoid():
    x = np.linspace(-9, 9, 181)
    sigmoid, tanh = activation("sigmoid"), activation("tanh")
    np.testing.assert_allclose(tanh.value(x), 2 * sigmoid.value(2 * x) - 1, atol=3e-16)


def test_a3_relu_passes_half():
    assert activation("relu").derivative([-10, 0, 10]).tolist() == [0, 0, 1]


@pytest.mark.parametrize("beta", [0.1, 1.0, 30.0])
def test_a5_softplus_is_at_most_ln2_over_beta_above_relu(beta):
    x = np.linspace(-50, 50, 1001)
    gap = activation("softplus", beta=beta).value(x) - activation("relu").value(x)
    assert gap.max() == gap[500] == pytest.approx(np.log(2) / beta, rel=1e-15)


def test_a6_softmax_of_the_lecture_and_its_limits():
    x = np.array([1.0, 3.0, 0.0, 2.0])
    np.testing.assert_allclose(
        activation("softmax").value(x), [0.0871, 0.6439, 0.0321, 0.2369], atol=5e-5
    )
    np.testing.assert_allclose(activation("softmax", temperature=1e-3).value(x), [0, 1, 0, 0])
    np.testing.assert_allclose(
        activation("softmax", temperature=1e9).value(x), np.full(4, 0.25), rtol=1e-8
    )
    warm = activation("softmax", temperature=2.5)
    np.testing.assert_allclose(warm.value(x), activation("softmax").value(x / 2.5), rtol=1e-15)


def test_rows_of_huge_and_infinite_numbers():
    softmax, log_softmax = activation("softmax"), activation("log_softmax")
    rows = np.array([[1e300, 0, -1e300], [INF, 1, -INF], [-INF, 2, 2]])
    expected = [[1, 0, 0], [1, 0, 0], [0, 0.5, 0.5]]
    assert softmax.value(rows).tolist() == expected
    assert log_softmax.value([1e300, 1e300 - 1e290]).tolist() == [0, -(1e300 - (1e300 - 1e290))]
    assert log_softmax.value([-INF, 2, 2]).tolist() == [-INF, -np.log(2), -np.log(2)]
    assert np.isnan(softmax.value([NAN, 1, 2])).all()


def test_softmin_favours_the_least():
    x = np.array([1.0, 3.0, 0.0, 2.0])
    np.testing.assert_array_equal(activation("softmin").value(x), activation("softmax").value(-x))


def test_a7_threshold_passes_no_gradient_at_its_constant():
    f = activation("threshold", threshold=0.5, value=-2.0)
    assert f.value([-1.0, 0.5, 0.6]).tolist() == [-2.0, -2.0, 0.6]
    assert f.derivative([-1.0, 0.5, 0.6]).tolist() == [0, 0, 1]


def test_the_shrinks_are_zero_between():
    x = [-2.0, -0.5, -0.2, 0.0, 0.4, 0.5, 2.0]
    soft, hard = (activation(name, **{"lambda": 0.5}) for name in ("softshrink", "hardshrink"))
    assert soft.value(x).tolist() == [-1.5, 0, 0, 0, 0, 0, 1.5]
    assert hard.value(x).tolist() == [-2, 0, 0, 0, 0, 0, 2]


def test_leaky_relu_of_slope_zero_is_relu():
    x = np.array([-INF, -1e308, -1.0, 0.0, 2.0, INF])
    leaky, relu = activation("leaky_relu", slope=0), activation("relu")
    np.testing.assert_array_equal(leaky.value(x), relu.value(x))
    np.testing.assert_array_equal(leaky.derivative(x), relu.derivative(x))
    assert np.isnan(leaky.value(NAN))
    with pytest.raises(ValueError, match="above 0"):
        activation("rrelu", lower=0, upper=0)


def test_a9_prelu_can_be_the_identity_and_the_absolute_value():
    x = np.linspace(-3, 3, 25)
    np.testing.assert_array_equal(activation("prelu", start=1.0).value(x), x)
    np.testing.assert_array_equal(activation("prelu", start=-1.0).value(x), np.abs(x))


def test_a11_maxout_contains_relu_and_leaky_relu():
    x = np.linspace(-3, 3, 24)
    maxout = activation("maxout")
    relu, leaky = activation("relu").value(x), activation("leaky_relu", slope=0.1).value(x)
    np.testing.assert_array_equal(maxout.value(np.concatenate([x, 0 * x])), relu)
    np.testing.assert_array_equal(maxout.value(np.concatenate([x, 0.1 * x])), leaky)


def test_a12_elu_has_a_continuous_slope():
    slopes = activation("elu").derivative([-1e-12, 0, 1e-12])
    np.testing.assert_allclose(slopes, 1, rtol=1e-11)


def test_a13_gelu_is_the_expectation_of_a_gate():
    draws = 400_000
    for x in (-1.3, 0.4, 2.0):
        open_gate = np.random.default_rng(0).normal(size=draws) < x
        sample = x * open_gate
        error = abs(sample.mean() - activation("gelu").value(x))
        assert error < 4 * sample.std() / np.sqrt(draws)


def test_selu_keeps_mean_and_variance():
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    y, weight = activation("selu").value(z), weight / weight.sum()
    assert weight @ y == pytest.approx(0, abs=2e-3)
    assert weight @ y**2 == pytest.approx(1, abs=2e-3)


def test_rrelu_draws_its_slopes_evenly_from_the_range():
    f, workspace = activation("rrelu"), Workspace(np.float64)
    memory = workspace.memory("it")
    f.claim(500, memory)
    workspace.lay_out()
    workspace.resize(400)
    memory.training, memory.rng = True, np.random.default_rng(0)
    slopes = -f.forward(np.full((400, 500), -1.0), memory)
    assert 1 / 8 < slopes.min() < 0.1251 and 0.3332 < slopes.max() < 1 / 3
    counts, _ = np.histogram(slopes, 10, (1 / 8, 1 / 3))
    assert np.abs(counts - 20_000).max() < 5 * np.sqrt(20_000)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("hardtanh", {"min": 1.0, "max": 0.0}), ("rrelu", {"lower": 0.5, "upper": 0.25})],
)
def test_ranges_in_disorder_are_refused(name, settings):
    with pytest.raises(ValueError, match=r"must"):
        activation(name, **settings)


def test_lambda_is_the_word_in_yaml():
    experiment = load({"model": {"activation": {"name": "softshrink", "lambda": 0.2}}})
    assert experiment.resolved()["model"]["activation"] == {"name": "softshrink", "lambda": 0.2}
    with pytest.raises(ConfigError, match="did you mean 'lambda'"):
        load({"model": {"activation": {"name": "softshrink", "lamda": 0.2}}})


def test_single_precision_does_not_import_scipy():
    code = (
        "import sys, numpy, actlab.nn.activations.gelu as g\n"
        "g.GELU().value(numpy.ones(3, numpy.float32))\nassert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
