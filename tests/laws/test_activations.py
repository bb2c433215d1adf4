"""The laws of activations as functions of any array."""

import numpy as np
import pytest
from cases import Bench, activations, title

from actlab.nn.activations import Elementwise

ACTIVATIONS = activations()
EVERY_ACTIVATION = pytest.mark.parametrize("f", ACTIVATIONS, ids=title)
ELEMENTWISE = pytest.mark.parametrize(
    "f", [f for f in ACTIVATIONS if isinstance(f, Elementwise)], ids=title
)
GRID = np.linspace(-20, 20, 4001)


@EVERY_ACTIVATION
def test_function_and_layer_agree(f):
    bench = Bench(f)
    x, f = bench.input(), f.now(bench.memory)
    np.testing.assert_allclose(f.value(x), bench.forward(x), rtol=1e-14)
    dx = bench.layer.backward(bench.dy(), bench.memory)
    np.testing.assert_allclose(f.gradient(x, bench.dy()), dx, rtol=1e-12)


@EVERY_ACTIVATION
def test_function_and_layer_agree_at_kinks_and_ties(f):
    bench = Bench(f)
    x, f = np.round(2 * bench.input()) / 2, f.now(bench.memory)
    np.testing.assert_allclose(f.value(x), bench.forward(x), rtol=1e-14)
    dx = bench.layer.backward(bench.dy(), bench.memory)
    np.testing.assert_allclose(f.gradient(x, bench.dy()), dx, rtol=1e-12)


@EVERY_ACTIVATION
@pytest.mark.parametrize("shape", [(12,), (3, 12), (2, 3, 12)], ids=str)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_shape_and_type_of_float(f, shape, dtype):
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    y = f.value(x)
    assert y.dtype == dtype and y.size == x.size // f.widening
    assert f.gradient(x, np.ones_like(y)).shape == shape
    assert f.gradient(x, np.ones_like(y)).dtype == dtype


@EVERY_ACTIVATION
def test_whole_numbers_become_floats(f):
    whole = [-2, 3] * f.widening
    np.testing.assert_array_equal(f.value(whole), f.value(np.array(whole, float)))


@EVERY_ACTIVATION
def test_homogeneous_as_declared(f):
    x = np.random.default_rng(1).normal(size=(50, 2 * f.widening))
    scaled = [np.allclose(f.value(k * x), k * f.value(x), rtol=1e-12) for k in (0.1, 3.0, 40.0)]
    assert all(scaled) == f.homogeneous


@ELEMENTWISE
def test_slope_is_the_derivative(f):
    x = GRID + 0.0037
    numerical = (f.value(x + 1e-6) - f.value(x - 1e-6)) / 2e-6
    np.testing.assert_allclose(f.derivative(x), numerical, rtol=1e-6, atol=1e-8)


@EVERY_ACTIVATION
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_slopes_are_the_diagonal_of_the_jacobian(f, training):
    if f.widening > 1:
        pytest.skip("has several inputs per unit")
    bench = Bench(f, training=training)
    x, h = bench.input(), 1e-6
    bench.forward(x)
    slopes = f.slopes(bench.memory).copy()
    for unit, step in enumerate(h * np.eye(bench.n_in)):
        above, below = (bench.forward(x + side)[:, unit].copy() for side in (step, -step))
        np.testing.assert_allclose(slopes[:, unit], (above - below) / (2 * h), atol=1e-8)


@ELEMENTWISE
def test_steepest_as_declared(f):
    beside_kinks = [x + side for x in f.kinks for side in (-1e-6, 1e-6)]
    steepest = np.abs(f.derivative(np.array([*GRID, *beside_kinks]))).max()
    assert steepest == pytest.approx(f.steepest, rel=1e-4)
    assert steepest <= f.steepest * (1 + 1e-12)


@ELEMENTWISE
def test_values_lie_within_the_declared_bounds(f):
    low, high = f.bounds
    y = f.value(np.linspace(-1e3, 1e3, 20001))
    assert low <= y.min() and y.max() <= high
    if np.isfinite(low):
        assert y.min() == pytest.approx(low, abs=1e-3)
    if np.isfinite(high):
        assert y.max() == pytest.approx(high, abs=1e-3)


@ELEMENTWISE
def test_kinks_are_where_declared_and_only_there(f):
    h = 1e-7
    for x, slope in f.kinks.items():
        assert f.derivative(np.array([x]))[0] == slope
    for x in {*np.arange(-4, 4.01, 0.5), *f.kinks}:
        sides = f.derivative(np.array([x - h, x + h]))
        assert (abs(sides[1] - sides[0]) > 1e-3) == (x in f.kinks), x


@EVERY_ACTIVATION
def test_gain_keeps_the_second_moment_of_homogeneous_functions(f):
    if not f.homogeneous:
        pytest.skip("has no scale-free gain")
    z = np.random.default_rng(2).normal(size=(200_000, f.widening))
    assert f.gain**2 * np.mean(f.value(z) ** 2) == pytest.approx(1, rel=0.02)
