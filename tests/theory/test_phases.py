"""Fixed points, slopes and depth scales, against closed forms and against iterated layers."""

from math import asin, inf, log, nan, pi, sqrt
from typing import ClassVar

import numpy as np
import pytest
from cases import parts, title, unregistered
from scipy import special

from actlab import activation, load
from actlab.nn.activations import Elementwise
from actlab.nn.expectations import (
    mean_square,
    mean_square_growth,
    mean_square_slope,
    saturated_share,
    spectrum,
)
from actlab.theory import edge_of_chaos, phase, phase_diagram, phase_of
from actlab.theory.phases import correlation_map, fixed_point

TANH, RELU = activation("tanh"), activation("relu")
ELEMENTWISE = [f for f in parts("activation") if isinstance(f, Elementwise)]


@unregistered
class Erf(Elementwise):
    """f(x) = erf(x), for which Williams (1997) has every mean in closed form."""

    name: ClassVar[str] = "erf_of_this_test"

    def value_into(self, x, out):
        special.erf(x, out=out)

    def slope_into(self, x, y, out):
        out[...] = 2 / sqrt(pi) * np.exp(-x * x)


@pytest.mark.parametrize("q", [0.1, 1.0, 7.0])
def test_erf_in_closed_form(q):
    f = Erf()
    assert mean_square(f, 0.0, q) == pytest.approx(2 / pi * asin(2 * q / (1 + 2 * q)), rel=1e-10)
    assert mean_square_slope(f, 0.0, q) == pytest.approx(4 / pi / sqrt(1 + 4 * q), rel=1e-10)
    growth = 4 / pi / sqrt(1 - (2 * q / (1 + 2 * q)) ** 2) / (1 + 2 * q) ** 2
    assert mean_square_growth(f, 0.0, q) == pytest.approx(growth, rel=1e-9)
    up = correlation_map(f, 1.3, 0.4, q)
    for c in (0.0, 0.3, -0.8, 0.95):
        product = 2 / pi * asin(2 * c * q / (1 + 2 * q))
        assert up(c) == pytest.approx((1.69 * product + 0.16) / q, abs=1e-10)


@pytest.mark.parametrize("c", [0.0, 0.4, -0.7, 0.9, 0.97])
def test_arc_cosine_kernel_of_relu(c):
    """Cho and Saul (2009): E[f f] = q (sin t + (pi - t) cos t) / 2 pi, t = arccos c."""
    q, t = 2.7, np.arccos(c)
    kernel = q * (np.sin(t) + (pi - t) * np.cos(t)) / (2 * pi)
    assert correlation_map(RELU, 1.0, 0.0, q)(c) * q == pytest.approx(kernel, abs=2e-5 * q)
    assert correlation_map(RELU, 1.0, 0.0, q)(1.0) == pytest.approx(0.5, rel=1e-10)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=title)
def test_growth_is_the_derivative_in_the_variance(f):
    step = 1e-5
    difference = mean_square(f, 0.2, 0.8 + step) - mean_square(f, 0.2, 0.8 - step)
    assert mean_square_growth(f, 0.2, 0.8) == pytest.approx(difference / (2 * step), abs=1e-6)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=title)
def test_a_spectrum_sums_to_the_mean_square(f):
    total = sum(spectrum(f, 0.0, 1.3))
    jump = 0.05 if f.name in ("threshold", "hardshrink", "step") else 1e-3
    assert total == pytest.approx(mean_square(f, 0.0, 1.3), rel=jump)


def test_saturated_shares():
    assert saturated_share(RELU) == pytest.approx(0.5, abs=1e-3)
    end = np.arccosh(10.0)  # where 1 / cosh^2 is 0.01
    assert saturated_share(TANH, 0.5, 4.0) == pytest.approx(
        special.ndtr((-end - 0.5) / 2) + special.ndtr(-(end - 0.5) / 2), abs=1e-3
    )
    assert saturated_share(activation("maxout")) == 0


@pytest.mark.parametrize(("sigma_w", "sigma_b"), [(1.2, 0.0), (2.0, 0.3), (0.8, 0.5), (4.0, 0.0)])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "hardtanh", "softsign"])
def test_the_fixed_point_is_where_iteration_goes(name, sigma_w, sigma_b):
    f, q = activation(name), 1.0
    for _ in range(300):
        q = sigma_w**2 * mean_square(f, 0.0, q) + sigma_b**2
    assert fixed_point(f, sigma_w, sigma_b) == pytest.approx(q, rel=1e-6)


def test_fixed_points_of_homogeneous_functions():
    assert fixed_point(RELU, 1.2, 0.1) == pytest.approx(0.01 / (1 - 0.72), rel=1e-9)
    assert fixed_point(RELU, sqrt(2)) == 1.0
    assert fixed_point(RELU, 1.4) == 0.0
    assert fixed_point(RELU, 1.5) == inf
    assert fixed_point(activation("maxout"), 1.0) == pytest.approx(1.0)
    assert fixed_point(activation("sigmoid"), 1e-4) == pytest.approx(0.25e-8, rel=1e-3)


@pytest.mark.parametrize("sigma_b", [0.0, 0.2, 3.0])
def test_the_edge_of_relu_is_that_of_he_whatever_the_biases(sigma_b):
    assert edge_of_chaos(RELU, sigma_b) == pytest.approx(sqrt(2), rel=1e-9)
    assert phase(RELU, sqrt(2)).chi == pytest.approx(1, rel=1e-9)


def test_the_edge_of_tanh_passes_through_one_and_rises_with_the_biases():
    assert edge_of_chaos(TANH) == pytest.approx(1, abs=1e-6)
    edges = [edge_of_chaos(TANH, b) for b in (0.05, 0.1, 0.2, 0.4)]
    assert edges == sorted(edges) and edges[0] > 1
    for sigma_b, edge in zip((0.05, 0.1, 0.2, 0.4), edges, strict=True):
        assert phase(TANH, edge, sigma_b).chi == pytest.approx(1, abs=1e-7)
    assert edge_of_chaos(TANH, 0.0, least=1.5) is nan or np.isnan(edge_of_chaos(TANH, 0.0, 1.5))


def test_both_sides_of_the_edge():
    ordered, chaotic = phase(TANH, 0.8, 0.1), phase(TANH, 2.5, 0.1)
    assert ordered.chi < 1 and ordered.correlation == 1
    assert chaotic.chi > 1 and 0 < chaotic.correlation < 0.5
    assert ordered.xi_c == pytest.approx(-1 / log(ordered.chi))
    assert ordered.xi_gradient == ordered.xi_c
    assert phase(TANH, 1.0).xi_c == inf and phase(RELU, sqrt(2)).xi_q == inf


@pytest.mark.parametrize(("sigma_w", "sigma_b"), [(0.8, 0.3), (1.6, 0.2), (3.0, 0.1)])
def test_depth_scales_are_how_fast_layers_come_to_their_fixed_points(sigma_w, sigma_b):
    """Differences shrink by exp(-1 / xi) a layer."""
    found = phase(TANH, sigma_w, sigma_b)
    q = found.q * 1.001
    above = sigma_w**2 * mean_square(TANH, 0.0, q) + sigma_b**2
    assert (above - found.q) / (q - found.q) == pytest.approx(np.exp(-1 / found.xi_q), rel=5e-3)
    up = correlation_map(TANH, sigma_w, sigma_b, found.q)
    c = found.correlation - 1e-4
    left = (found.correlation - up(c)) / 1e-4
    assert left == pytest.approx(np.exp(-1 / found.xi_c), rel=5e-3)


def test_without_biases_chaos_forgets_all_correlation():
    chaotic = phase(TANH, 2.0)
    assert chaotic.correlation == 0
    # at c = 0 the slope is that of the linear part of f
    slope = 4 * spectrum(TANH, 0.0, chaotic.q)[1] / chaotic.q
    assert chaotic.xi_c == pytest.approx(1 / abs(log(slope)))


def test_a_diagram_is_made_of_phases_and_its_edge():
    diagram = phase_diagram(TANH, [0.5, 1.0, 2.0], [0.0, 0.3])
    assert diagram.chi.shape == (2, 3)
    assert diagram.chi[1, 2] == phase(TANH, 2.0, 0.3).chi
    assert diagram.edge[0] == pytest.approx(1, abs=1e-6) and diagram.edge[1] > 1.2
    assert (np.diff(diagram.chi, axis=1) > 0).all()


@pytest.mark.parametrize("f", [f for f in ELEMENTWISE if f.name != "hardsigmoid"], ids=title)
def test_every_elementwise_activation_has_a_phase(f):
    for sigma_w in (0.7, 1.3, 3.0):
        found = phase(f, sigma_w, 0.1)
        assert found.q > 0 and found.chi >= 0 and not found.xi_c < 0 and not found.xi_q < 0


def test_the_phase_of_an_experiment():
    he = load({"model": {"depth": 5, "width": 300}})
    assert phase_of(he).chi == pytest.approx(1, rel=1e-9)
    small = {"activation": "tanh", "init": {"name": "gaussian", "std": 0.01}, "width": 400}
    assert phase_of(load({"model": small})).chi == pytest.approx(0.04, rel=1e-6)
    biased = {**small, "bias_init": {"name": "gaussian", "std": 0.5}}
    assert phase_of(load({"model": biased})).q == pytest.approx(fixed_point(TANH, 0.2, 0.5))
    for model in (
        {"norm": "batch_norm"},
        {"init": "lsuv"},
        {"init": 0.1},
        {"activation": "softmax"},
    ):
        with pytest.raises(ValueError, match=r"norm|lsuv|constant|across"):
            phase_of(load({"model": {"depth": 2, "width": 9, **model}}))
