"""Measures of the shapes of functions: closed forms, and wrong versions told apart."""

from math import log, pi, sqrt

import numpy as np
import pytest
from cases import activations, title, unregistered

import actlab.registry  # noqa: F401 (registers all parts)
from actlab import activation
from actlab.claims.claim import Claims
from actlab.claims.measures.base import Unmeasured
from actlab.config import ConfigError, Document, validate
from actlab.nn.activations.elu import ELU
from actlab.nn.activations.rows import Rows
from actlab.nn.activations.sigmoid import Sigmoid

ROW = (1.0, 3.0, 0.0, 2.0)


def measure(name, **settings):
    """A measure as YAML has it."""
    check = {"measure": {"name": name, **settings}, "holds": {"above": 0}, "because": "a test"}
    claim = {"id": "T", "says": "A test.", "checks": [check]}
    return validate(Claims, Document("<test>", {"claims": [claim]})).claims[0].checks[0].measure


def value(name, seed=0, **settings):
    return measure(name, **settings).value(seed)


def fault(name, **settings):
    with pytest.raises(ConfigError) as error:
        measure(name, **settings)
    return str(error.value)


@pytest.mark.parametrize("f", [f for f in activations() if not isinstance(f, Rows)], ids=title)
def test_slopes_are_those_of_centred_differences(f):
    x, h = 0.37, 1e-6
    above, below = (f.value(np.full(f.widening, x + side))[0] for side in (h, -h))
    assert value("slope", activation=f, at=x) == pytest.approx((above - below) / (2 * h), abs=1e-7)


def test_slopes_at_the_kink_are_those_of_backward():
    for f, slope in [("relu", 0.0), ("leaky_relu", 0.01), ("prelu", 0.25)]:
        assert value("slope", activation=f, at=0) == slope


def test_the_jump_of_a_slope():
    assert value("slope_jump", activation="relu") == 1
    assert value("slope_jump", activation="relu6", at=6) == -1
    assert value("slope_jump", activation={"name": "elu", "alpha": 0.3}) == pytest.approx(0.7)
    assert value("slope_jump", activation="elu") == pytest.approx(0, abs=1e-8)


def test_mean_outputs_in_closed_form():
    assert value("mean_output", activation="relu") == pytest.approx(1 / sqrt(2 * pi))
    assert value("mean_output", activation="relu", std=3) == pytest.approx(3 / sqrt(2 * pi))
    assert value("mean_output", activation="identity", mean=0.7) == pytest.approx(0.7)
    assert value("mean_output", activation="sigmoid") == pytest.approx(0.5)


def test_the_share_of_flat_inputs_in_closed_form():
    assert value("flat_share", activation="relu") == pytest.approx(0.5)
    assert value("flat_share", activation="relu", mean=1) == pytest.approx(0.158655, abs=1e-4)
    assert value("flat_share", activation="hardtanh") == pytest.approx(0.317311, abs=1e-4)
    assert value("flat_share", activation="tanh") == 0
    # tanh' = 1 - tanh^2 is below 1% where |x| > atanh(sqrt(0.99)) = 2.993
    assert value("flat_share", activation="tanh", below=0.01) == pytest.approx(0.00276, abs=1e-4)


@pytest.mark.parametrize("f", activations(), ids=title)
def test_every_activation_is_as_homogeneous_as_it_declares(f):
    error = value("homogeneity_error", activation=f)
    assert error < 1e-12 if f.homogeneous else error > 0.1


def test_of_several_functions_the_largest_or_the_least_error_counts():
    both = ["relu", "tanh"]
    assert value("homogeneity_error", activation=both) > 0.9
    assert value("homogeneity_error", activation=both, count="least") == 0


def test_a_leaky_slope_that_depends_on_scale_is_not_homogeneous():
    @unregistered
    class Bent(Sigmoid):
        name = "bent"

        def value_into(self, x, out):
            np.copyto(out, np.where(x > 0, x, 0.01 * x + 1e-3 * x * x))

    assert value("homogeneity_error", activation=Bent()) > 1e-2


@pytest.mark.parametrize("beta", [0.5, 1.0, 20.0])
def test_softplus_is_ln2_over_beta_above_relu(beta):
    gap = value("function_gap", of={"activation": {"name": "softplus", "beta": beta}}, to="relu")
    assert gap == pytest.approx(log(2) / beta)


def test_curves_are_scaled_moved_and_added():
    stretched = {"activation": "sigmoid", "input_scale": 2, "output_scale": 2, "offset": -1}
    assert value("function_gap", of="tanh", to=stretched) < 1e-12
    assert value("function_gap", of="tanh", to={**stretched, "offset": -0.9}) == pytest.approx(0.1)
    modulus = ["relu", {"activation": "relu", "input_scale": -1}]
    rectifier = {"activation": {"name": "prelu", "start": -1}}
    assert value("function_gap", of=rectifier, to=modulus) == 0
    assert value("function_gap", of=rectifier, to="relu") == 10


def test_gaps_see_kinks_between_the_points():
    narrow = {"activation": {"name": "hardshrink", "lambda": 0.00101}}
    assert value("function_gap", of=narrow, to="identity") == pytest.approx(0.00101, rel=1e-9)


def test_gaps_at_chosen_points_take_rows():
    sharp = {"activation": {"name": "softmax", "temperature": 0.25}}
    scaled = {"activation": "softmax", "input_scale": 4}
    assert value("function_gap", of=sharp, to=scaled, at=ROW) < 1e-12
    assert value("function_gap", of=sharp, to="softmax", at=ROW) > 0.1


def test_softmax_of_the_lecture_and_its_limits():
    expected = (0.0871, 0.6439, 0.0321, 0.2369)
    assert value("row_gap", activation="softmax", x=ROW, expected=expected) < 5e-5
    assert value("row_gap", activation="softmin", x=ROW, expected=expected) > 0.1
    near, far = ({"activation": "softmax", "x": ROW, "scale": scale} for scale in (1e-9, 1e3))
    assert value("row_entropy", **near) == pytest.approx(log(4))
    assert value("weighted_mean", **near) == pytest.approx(1.5)
    assert value("row_entropy", **far) == pytest.approx(0, abs=1e-9)
    assert value("weighted_mean", **far) == pytest.approx(3)


def test_the_scale_of_a_row_is_the_inverse_temperature():
    warm = value("row_entropy", activation={"name": "softmax", "temperature": 5.0}, x=ROW)
    assert warm == pytest.approx(value("row_entropy", activation="softmax", x=ROW, scale=0.2))


@pytest.mark.parametrize(
    ("slopes", "f"),
    [
        ((1, 0), "relu"),
        ((0.3, 1), {"name": "leaky_relu", "slope": 0.3}),
        ((1, -1), {"name": "prelu", "start": -1}),
        ((1, 0.5, 0), "relu"),
    ],
)
def test_maxout_contains_what_its_pieces_make(slopes, f):
    assert value("maxout_gap", slopes=slopes, to=f) < 1e-12


def test_maxout_of_other_pieces_is_something_else():
    assert value("maxout_gap", slopes=(1, 0.1), to="relu") > 0.1
    assert value("maxout_gap", slopes=(1, 0), to="tanh") > 0.1


def test_gates_average_to_their_own_function_alone():
    assert value("gate_gap", activation="gelu") < 0.01
    assert value("gate_gap", activation="silu", gate="logistic") < 0.01
    assert value("gate_gap", activation="silu") > 0.05
    assert value("gate_gap", activation="relu") > 0.05
    assert value("gate_gap", activation="gelu", seed=1) != value("gate_gap", activation="gelu")


def test_functions_across_units_are_refused_with_the_reason():
    for name in ("slope", "slope_jump", "mean_output", "flat_share", "gate_gap"):
        assert "acts across the units of a layer" in fault(name, activation="softmax")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"name": "row_gap", "activation": "softmax", "x": ROW, "expected": (1,)},
            "1 numbers for 4",
        ),
        ({"name": "row_gap", "activation": "softmax", "x": (), "expected": ()}, "at least one"),
        ({"name": "function_gap", "of": "tahn", "to": "relu"}, "tanh"),
        ({"name": "function_gap", "of": "tanh", "to": "relu", "low": 2, "high": 1}, "below high"),
        ({"name": "homogeneity_error", "activation": "relu", "factors": (-1,)}, "above 0"),
        ({"name": "homogeneity_error", "activation": []}, "at least one"),
        ({"name": "maxout_gap", "slopes": (1,), "to": "relu"}, "2 to 64"),
        ({"name": "gate_gap", "activation": "gelu", "x": []}, "at least one"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(settings, message):
    assert message in fault(**settings)


def test_rows_that_have_no_answer_say_so():
    with pytest.raises(Unmeasured, match="zero on the whole row"):
        value("row_entropy", activation="relu", x=(-1.0, -2.0))
    with pytest.raises(Unmeasured, match="fewer outputs"):
        value("weighted_mean", activation="maxout", x=ROW)
    with pytest.raises(Unmeasured, match="multiple of 2"):
        value("weighted_mean", activation="maxout", x=(1.0,))


ALL = [
    measure("slope", activation="tanh"),
    measure("slope_jump", activation="relu"),
    measure("mean_output", activation="elu"),
    measure("flat_share", activation="relu"),
    measure("homogeneity_error", activation=["relu", "softmax", "maxout"]),
    measure("function_gap", of="relu", to=["elu", "tanh"]),
    measure("row_gap", activation="softmax", x=ROW, expected=ROW),
    measure("row_entropy", activation="softmax", x=ROW),
    measure("weighted_mean", activation="softmax", x=ROW),
    measure("maxout_gap", to="relu"),
    measure("gate_gap", activation="gelu", samples=100),
    measure("sparse_coding", iterations=5),
    measure("cost_ratio", activation="maxout", batch=4, units=8, rounds=3),
    measure("derivative_error", activation="tanh", points=10),
    measure("zigzag"),
]


@pytest.mark.parametrize("it", ALL, ids=lambda it: it.name)
def test_every_measure_has_curves_a_label_and_a_written_form(it):
    assert it.label and isinstance(it.value(0), float)
    for label, series in it.series(0):
        assert label and series.along and len(series.x) == len(series.y) > 1
        assert np.isfinite(series.y).all()
        assert not series.logarithmic or min(series.y) > 0
    assert measure(**it.written()) == it


def test_elu_with_a_jump_is_told_from_one_without(monkeypatch):
    """The slope a step to the left of zero taken from the right."""
    monkeypatch.setattr(ELU, "slope_into", lambda self, x, y, out: np.copyto(out, (x > 0) + 0.0))
    assert abs(value("slope_jump", activation="elu")) == 1


def test_described_names_what_differs_from_the_default():
    label = measure("slope", activation={"name": "softshrink", "lambda": 0.2}).label
    assert label == "slope of softshrink (lambda 0.2) at 0"
    assert measure("slope", activation=activation("tanh"), at=2).label == "slope of tanh at 2"
