"""What the probes record, against NumPy's own histogram and moments."""

import numpy as np
import pytest

from actlab import activation
from actlab.config import members
from actlab.probes import Snapshot
from actlab.probes.base import BLOCK, TENSORS
from actlab.probes.fractions import Fractions
from actlab.probes.histograms import Histograms
from actlab.probes.moments import Moments

INF, NAN = np.inf, np.nan
SHAPE = (3, BLOCK // 2)


def snapshot(layers, slopes=None, bins=10, f=None):
    """All four tensors alike."""
    slopes = [np.ones_like(x) for x in layers] if slopes is None else slopes
    tensors = {tensor: layers for tensor in TENSORS}
    functions, weights = (
        [f or activation("relu")] * len(layers),
        [np.ones((2, x.shape[1])) for x in layers],
    )
    return Snapshot(
        functions, tensors, slopes, weights, lambda: weights, None, bins,
        x=layers[0], labels=np.zeros(len(layers[0]), int), twin=twin, seed=0,
    )  # fmt: skip


def twin():
    """Whoever asks for it must measure alone."""
    raise AssertionError("asks for the twin, so it must be `alone`")


def numbers(seed=0, dtype=np.float32):
    return np.random.default_rng(seed).normal(size=SHAPE).astype(dtype)


def exact(x, edges):
    """Bins of the values that are finite and not 0, by whole parts in double precision."""
    x, bins = x[np.isfinite(x) & (x != 0)].astype(float), len(edges) - 1
    place = ((x - edges[0]) * (bins / (edges[-1] - edges[0]))).astype(int)
    return np.bincount(np.clip(place, 0, bins - 1), minlength=bins)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bins", [2, 10, 100, 4001])
def test_counts_are_those_of_the_exact_rule(dtype, bins):
    layers = [numbers(0, dtype), 0.1 * numbers(1, dtype), np.maximum(numbers(2, dtype), 0)]
    found = Histograms().measure(snapshot(layers, bins=bins))
    edges = found["preactivation.edges"]
    for x, counts, zeros in zip(
        layers, found["preactivation.counts"], found["preactivation.zeros"], strict=True
    ):
        np.testing.assert_array_equal(counts, exact(x, edges))
        np.testing.assert_allclose(counts, np.histogram(x[x != 0], edges)[0], atol=2)
        assert zeros == np.sum(x == 0)


def test_values_on_edges_lie_where_numpy_puts_them():
    x = np.repeat(np.arange(-8, 9, dtype=np.float32), 4).reshape(4, -1)
    found = Histograms().measure(snapshot([x], bins=16))
    np.testing.assert_array_equal(found["preactivation.edges"], np.arange(-8, 9))
    expected = np.histogram(x, np.arange(-8, 9))[0]
    expected[8] -= 4
    np.testing.assert_array_equal(found["preactivation.counts"][0], expected)
    assert found["preactivation.counts"][0][-1] == 8 and found["preactivation.zeros"][0] == 4


def test_values_beyond_the_bounds_are_counted_in_the_outer_bins():
    x = np.array([[-7, -1, 0.5, 1, 7e30]], np.float32)
    found = Histograms().measure(snapshot([x], bins=4, f=activation("tanh")))
    np.testing.assert_array_equal(found["activation.edges"], [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_array_equal(found["activation.counts"], [[2, 0, 0, 3]])


def test_saturated_values_are_counted_apart():
    x, slopes = np.maximum(numbers(), -0.5), np.abs(numbers(1))
    x[:, ::7], slopes[:, ::5] = 0, 0
    found = Histograms().measure(snapshot([x], [slopes]))
    edges = found["activation.edges"]
    np.testing.assert_array_equal(found["activation.counts"][0], exact(x, edges))
    apart = exact(x[slopes < 0.01], edges)
    np.testing.assert_array_equal(found["activation.saturated_counts"][0], apart)
    assert "preactivation_gradient.saturated_counts" not in found


@pytest.mark.parametrize("odd", [[NAN], [INF], [-INF], [NAN, INF, -INF]], ids=str)
def test_values_that_are_not_finite_are_counted_nowhere(odd):
    x, slopes = numbers(), np.zeros(SHAPE, np.float32)
    x[1, : len(odd)] = odd
    found = Histograms().measure(snapshot([x, numbers(1)], [slopes, slopes]))
    edges, finite = found["preactivation.edges"], x[np.isfinite(x)]
    assert edges[0] == min(finite.min(), numbers(1).min())
    np.testing.assert_array_equal(found["preactivation.counts"][0], exact(x, edges))
    np.testing.assert_array_equal(found["preactivation.saturated_counts"][0], exact(x, edges))
    shares = Fractions().measure(snapshot([x, numbers(1)]))
    assert np.isnan(shares["zero_fraction"][0]) and shares["zero_fraction"][1] == 0


@pytest.mark.parametrize(
    ("mean", "std"), [(0, 1), (1e3, 1e-2), (-3e-6, 1e-12), (1e30, 1e25), (0.7, 0)]
)
def test_moments_where_the_mean_is_far_larger_than_the_spread(mean, std):
    x = (mean + std * numbers(dtype=float)).astype(np.float32)
    found = Moments().measure(snapshot([x]))
    exactly = x.astype(np.longdouble)
    assert found["activation.mean"][0] == pytest.approx(float(exactly.mean()), rel=1e-10, abs=0)
    assert found["activation.std"][0] == pytest.approx(float(exactly.std()), rel=1e-10, abs=0)
    assert found["activation.min"][0] == x.min() and found["activation.max"][0] == x.max()


def test_moments_with_an_outlier_and_of_infinities():
    x = numbers()
    x[0, 0] = 1e9
    assert Moments().measure(snapshot([x]))["activation.std"][0] == pytest.approx(
        x.std(dtype=np.longdouble), rel=1e-9
    )
    x[0, 0] = INF
    with np.errstate(invalid="ignore"):
        found = Moments().measure(snapshot([x]))
    assert found["activation.mean"][0] == INF and np.isnan(found["activation.std"][0])


@pytest.mark.parametrize("probe", members("probe").values(), ids=lambda probe: probe.name)
def test_probes_that_ask_for_the_twin_measure_alone(probe):
    """It is one network for all of them, and its weights may be moved for a while."""
    layers = [np.random.default_rng(n).normal(size=(6, 4)) for n in range(2)]
    if not probe.alone:
        probe().measure(snapshot(layers))
        return
    with pytest.raises(AssertionError, match="alone"):
        probe().measure(snapshot(layers))
