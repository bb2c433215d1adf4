"""The laws of the layer protocol, for every layer that a config can name."""

import numpy as np
import pytest
from cases import BATCH, Bench, layers, title

from actlab.nn.gradcheck import numerical_gradient, relative_error
from actlab.nn.norms import Norm

EVERY_LAYER = pytest.mark.parametrize("layer", layers(), ids=title)
BOTH_MODES = pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
RIGHT = 1e-7


def gradients(bench, x):
    """dx and the gradient of every parameter, as copies."""
    bench.forward(x)
    dx = bench.layer.backward(bench.dy(len(x)), bench.memory).copy()
    return dx, {name: g.copy() for name, g in bench.workspace.gradients.items()}


@EVERY_LAYER
@BOTH_MODES
def test_gradient_in_x_matches_centred_differences(layer, training):
    bench = Bench(layer, training=training)
    x = bench.input()
    dx, _ = gradients(bench, x)
    assert relative_error(dx, numerical_gradient(lambda: bench.loss(x), x)) < RIGHT


@EVERY_LAYER
@BOTH_MODES
def test_gradient_in_every_parameter_matches_centred_differences(layer, training):
    bench = Bench(layer, training=training)
    x = bench.input()
    _, found = gradients(bench, x)
    for name, parameter in bench.workspace.parameters.items():
        numerical = numerical_gradient(lambda: bench.loss(x), parameter)
        assert relative_error(found[name], numerical) < RIGHT, name


@EVERY_LAYER
@BOTH_MODES
def test_input_is_never_written(layer, training):
    bench = Bench(layer, training=training)
    x = bench.input()
    x.flags.writeable = False
    gradients(bench, x)


@EVERY_LAYER
@BOTH_MODES
def test_output_stays_intact_until_backward(layer, training):
    bench = Bench(layer, training=training)
    x = bench.input()
    y = bench.forward(x)
    kept = y.copy()
    y.flags.writeable = False
    bench.layer.backward(bench.dy(), bench.memory)
    np.testing.assert_array_equal(y, kept)


@EVERY_LAYER
@BOTH_MODES
def test_stale_work_arrays_change_nothing(layer, training):
    clean, stale = Bench(layer, training=training), Bench(layer, training=training)
    x = clean.input()
    stale.fill_with_nan()
    np.testing.assert_array_equal(clean.forward(x), stale.forward(x))
    for one, other in zip(gradients(clean, x), gradients(stale, x), strict=True):
        np.testing.assert_equal(one, other)


@EVERY_LAYER
@BOTH_MODES
def test_gradients_are_assigned_not_added(layer, training):
    bench = Bench(layer, training=training)
    x = bench.input()
    np.testing.assert_equal(gradients(bench, x), gradients(bench, x))


@EVERY_LAYER
@BOTH_MODES
def test_float32_stays_float32(layer, training):
    bench = Bench(layer, np.float32, training=training)
    x = bench.input()
    dx, found = gradients(bench, x)
    assert {bench.forward(x).dtype, dx.dtype, *(g.dtype for g in found.values())} == {
        np.dtype(np.float32)
    }


@EVERY_LAYER
def test_short_last_batch(layer):
    full, short = Bench(layer), Bench(layer)
    x = full.input()
    np.testing.assert_allclose(full.forward(x)[:2], short.forward(x[:2]), rtol=1e-12)
    assert gradients(short, x[:2])[0].shape == (2, short.n_in)


@EVERY_LAYER
def test_batch_may_grow(layer):
    grown, large = Bench(layer), Bench(layer, capacity=2 * BATCH)
    x = large.input(2 * BATCH)
    grown.forward(x[:BATCH])
    np.testing.assert_allclose(grown.forward(x), large.forward(x), rtol=1e-12)


@EVERY_LAYER
def test_evaluation_is_deterministic(layer):
    bench = Bench(layer)
    x = bench.input()
    first = bench.forward(x).copy()
    bench.memory.rng = np.random.default_rng(99)
    np.testing.assert_array_equal(bench.layer.forward(x, bench.memory), first)


@EVERY_LAYER
def test_the_mean_over_the_noise_is_the_output_without(layer):
    """What a unit passes on in training is on average what it passes on in evaluation."""
    if isinstance(layer, Norm):
        pytest.skip("does something else in training")
    bench = Bench(layer, training=True)
    x = bench.input(1)
    expected = Bench(layer).forward(x).copy()
    bench.forward(x)
    y = np.concatenate([layer.forward(x, bench.memory).copy() for _ in range(4000)])
    noise = y.std(axis=0) / np.sqrt(len(y))
    assert (np.abs(y.mean(axis=0) - expected) <= 4.5 * noise + 1e-12).all()


@EVERY_LAYER
@BOTH_MODES
def test_huge_inputs_give_finite_outputs(layer, training):
    bench = Bench(layer, np.float32, training=training)
    x = np.sign(bench.input()) * np.float32(1e4)
    assert np.isfinite(bench.forward(x)).all()
    assert np.isfinite(bench.layer.backward(bench.dy(), bench.memory)).all()


@EVERY_LAYER
def test_nan_comes_through(layer):
    bench = Bench(layer)
    x = np.full_like(bench.input(), np.nan)
    assert np.isnan(bench.forward(x)).all()
