"""What the theory expects of layers, against wide networks and against the lecture's rows."""

from pathlib import Path

import numpy as np
import pytest
from cases import parts, title
from test_reference_rows import EVERY_ROW, ROUNDING

from actlab.architecture import build
from actlab.config import members
from actlab.data.dataset import Dataset, Split
from actlab.experiment import load
from actlab.nn.activations import Elementwise
from actlab.nn.expectations import mean_square, mean_square_slope, mean_value, saturated_share
from actlab.running import run
from actlab.theory import input_squares, layers, predict
from actlab.theory.layers import STATISTICS, _weight_variance

LECTURE = Path(__file__).parents[2] / "configs" / "lecture"
FEATURES, ROWS, WIDTHS = 300, 80, [1100, 1000]
ALONE = [f for f in parts("activation") if isinstance(f, Elementwise) or not f.name.endswith("max")]
ALONE = [f for f in ALONE if f.name != "softmin"]
NOT_SO = ("zeros", "constant", "sparse")
DRAWN = [part() for name, part in members("initializer").items() if name not in NOT_SO]
GRADIENTS = ("activation_gradient.std", "preactivation_gradient.std")
NEAR = 0.06
"""What 1000 units leave to chance, as a share of the layer's root mean square."""


def rows(scale=1.0):
    """Rows of different lengths, as those of images are."""
    rng = np.random.default_rng(0)
    lengths = rng.uniform(0.5, 1.5, size=(ROWS, 1))
    return (scale * lengths * rng.normal(size=(ROWS, FEATURES))).astype(np.float32)


def wide(**model):
    """A network that nothing but its first state is asked of."""
    config = {
        "data": {"source": {"name": "gaussian", "n": ROWS, "features": FEATURES}},
        "model": {"widths": WIDTHS, **model},
        "train": {"epochs": 0},
        "record": {"probes": ["moments", "fractions"], "probe_examples": ROWS},
    }
    regularization = config["model"].pop("regularization", {})
    return load({**config, "regularization": regularization})


def both(experiment, x):
    """The statistics before training as measured and as expected, gradients over the top one's."""
    labels = np.random.default_rng(1).integers(10, size=len(x))
    split, empty = Split(x, labels), Split(x[:0], labels[:0])
    data = Dataset(split, empty, empty, tuple("abcdefghij"), (x.shape[1],))
    found = {k: v[0] for k, v in run(experiment, data=data).statistics.items() if v.ndim > 1}
    top = found["activation_gradient.std"][-1] or 1.0
    found |= {name: found[name] / top for name in GRADIENTS}
    return found, predict(experiment, found["input.squares"], x.shape[1])


def relative(found, expected):
    """found / expected - 1; found itself where nothing is expected."""
    return np.divide(found - expected, expected, out=found - expected, where=expected != 0)


def deviations(experiment, x):
    """By how much each statistic is off, at the worst layer, as a share of its natural scale."""
    found, prediction = both(experiment, x)
    expected = prediction.statistics
    assert not prediction.reason
    rms = np.sqrt(expected["activation.mean_square"])
    spread = expected["preactivation.std"]
    off = {
        "activation.mean": (found["activation.mean"] - expected["activation.mean"]) / rms,
        "activation.std": (found["activation.std"] - expected["activation.std"]) / rms,
        "preactivation.std": found["preactivation.std"] / spread - 1,
        "preactivation.mean": (found["preactivation.mean"] - expected["preactivation.mean"])
        / spread,
        "saturated_fraction": found["saturated_fraction"] - expected["saturated_fraction"],
        **{name: relative(found[name], expected[name]) for name in GRADIENTS},
    }
    return {name: float(np.abs(values).max()) for name, values in off.items()}


def assert_near(experiment, x=None, near=NEAR):
    off = deviations(experiment, rows() if x is None else x)
    assert all(value < near for value in off.values()), off


@pytest.mark.parametrize(
    "init",
    [
        {"name": "he_normal", "gain": "auto"},
        {"name": "xavier_uniform", "gain": "auto"},
        {"name": "gaussian", "std": 0.05},
    ],
    ids=lambda init: init["name"],
)
@pytest.mark.parametrize("f", ALONE, ids=title)
def test_every_activation_of_one_number(f, init):
    assert_near(wide(activation=f.written(), init=init))


@pytest.mark.parametrize("init", DRAWN, ids=title)
def test_every_initializer_that_draws(init):
    assert_near(wide(activation="tanh", init=init.written()))


@pytest.mark.parametrize(
    "model",
    [
        {"init": {"name": "sparse", "inputs": 250, "std": 0.1}},
        {"activation": "maxout", "init": "he_normal"},
        {"activation": {"name": "maxout", "pieces": 4}, "init": "lsuv"},
        {"bias_init": {"name": "gaussian", "std": 0.7}},
        {"bias_init": 0.5},
        {"bias_init": 0.5, "norm": "layer_norm"},
        {"init": {"name": "gaussian", "std": 0.1}, "norm": "layer_norm"},
        {"norm": {"name": "layer_norm", "position": "after"}},
        {"norm": {"name": "layer_norm", "epsilon": 0.7}},
        {"activation": "relu", "regularization": {"dropout": {"rate": 0.3, "scale": "test"}}},
        {"regularization": {"dropout": {"rate": 0.0, "input": 0.3, "scale": "test"}}},
        {"activation": "relu", "regularization": {"dropout": {"rate": 0.3, "input": 0.1}}},
    ],
    ids=str,
)
def test_what_else_a_hidden_layer_may_have(model):
    assert_near(wide(**{"activation": "tanh", "init": "xavier_normal", **model}))


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_batch_norm_before_the_activation(activation):
    """Batch norm takes 80 examples off their mean, which adds a fluctuation of one in 80."""
    assert_near(wide(activation=activation, norm="batch_norm", bias_init=0.3), near=0.08)


def test_batch_norm_behind_the_activation_says_nothing_of_gradients():
    x = rows()
    found, prediction = both(wide(norm={"name": "batch_norm", "position": "after"}), x)
    for name in ("activation.mean", "activation.std"):
        np.testing.assert_allclose(found[name], prediction.statistics[name], rtol=NEAR)
    assert np.isnan(prediction.statistics["activation_gradient.std"]).all()
    assert "batch norm behind an activation" in prediction.reason


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"activation": "softmax"}, "across the units"),
        ({"residual": True}, "residual blocks"),
        ({"init": 0.01}, "'constant' are not drawn around zero"),
    ],
)
def test_what_is_not_predicted_says_why(model, reason):
    prediction = predict(wide(**{"widths": [20, 20, 20], **model}), 1.0, 30)
    assert reason in prediction.reason
    assert all(np.isnan(prediction.statistics[name]).all() for name in STATISTICS)


def test_a_layer_that_overflows_ends_the_prediction():
    model = {"widths": [9] * 8, "activation": "relu", "init": {"name": "gaussian", "std": 1e50}}
    stds = predict(wide(**model), 1.0, 9).statistics["activation.std"]
    assert np.isfinite(stds[0]) and np.isnan(stds[-1])


def test_weights_of_zero_leave_f_of_zero():
    found, prediction = both(wide(activation="softplus", init="zeros"), rows())
    np.testing.assert_allclose(prediction.statistics["activation.mean"], np.log(2))
    np.testing.assert_array_equal(prediction.statistics["activation.std"], 0)
    np.testing.assert_allclose(found["activation.std"], 0, atol=1e-6)


def test_no_hidden_layer_is_no_prediction():
    assert predict(wide(widths=[]), 1.0, 30).statistics["activation.std"].size == 0


def test_relu_in_closed_form():
    """He: E[f^2] = q / 2, so q stays; the mean is sqrt(q / 2 pi), chi is 1."""
    prediction = predict(wide(activation="relu", widths=[50] * 30), 2.3, 70)
    q = 2 * 2.3
    expected = prediction.statistics
    np.testing.assert_allclose(expected["preactivation.std"], np.sqrt(q), rtol=1e-9)
    np.testing.assert_allclose(expected["activation.mean_square"], q / 2, rtol=1e-9)
    np.testing.assert_allclose(expected["activation.mean"], np.sqrt(q / 2 / np.pi), rtol=1e-9)
    np.testing.assert_allclose(prediction.chi, [50 / 70, *[1] * 29], rtol=1e-9)
    np.testing.assert_allclose(expected["saturated_fraction"], 0.5, atol=1e-3)


def test_rows_of_two_lengths_are_a_mixture_and_not_their_mean():
    apart = predict(wide(activation="tanh", init={"name": "gaussian", "std": 1.0}), [0.0, 2.0], 50)
    mean = predict(wide(activation="tanh", init={"name": "gaussian", "std": 1.0}), 1.0, 50)
    stds = (p.statistics["activation.std"][0] for p in (apart, mean))
    assert next(stds) < 0.8 * next(stds)


def test_rows_are_grouped_by_length():
    x = np.repeat([[3.0], [1.0], [2.0], [0.0]], 8, axis=0) * np.ones((1, 5))
    np.testing.assert_allclose(input_squares(x), np.repeat([0, 1, 4, 9], 4))
    np.testing.assert_allclose(input_squares(x[:3]), [9, 9, 9])


@EVERY_ROW
def test_rows_of_the_lecture(config, statistic, row, spread):
    """Within three standard deviations between networks of 500 units, as the measurement is."""
    experiment = load(LECTURE / f"{config}.yaml")
    expected = predict(experiment, 1.0, 500).statistics[f"activation.{statistic}"]
    deviations = np.abs(expected - row) / (3 * spread * np.array(row) + ROUNDING)
    assert (deviations < 1).all(), deviations.round(2)


def test_a_gain_that_is_wrong_by_six_percent_is_noticed():
    found, _ = both(wide(activation="relu", init="he_normal"), rows())
    wrong = wide(activation="relu", init={"name": "he_normal", "gain": 1.5})
    expected = predict(wrong, found["input.squares"], FEATURES).statistics["activation.std"]
    assert np.abs(expected / found["activation.std"] - 1).max() > NEAR


WRONG = {
    "mean_square": lambda f, m, v: mean_square(f, m, v) - mean_value(f, m, v) ** 2,
    "mean_square_slope": lambda f, m, v: mean_square_slope(f, m, v) ** 0.5,
    "mean_value": lambda f, m, v: mean_value(f, 0.0, v),
    "saturated_share": lambda f, m, v: saturated_share(f, m, v) / 2,
    "_weight_variance": lambda e, n_in, units, squares: _weight_variance(e, units, n_in, squares),
}
"""Slips that are easily made: a variance for a second moment, a slope for its square, a bias
forgotten, one side of two, the fans exchanged."""


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_theory_is_noticed(name, monkeypatch):
    monkeypatch.setattr(layers, name, WRONG[name])
    init = {"name": "gaussian", "std": 0.2} if name == "saturated_share" else "lecun_normal"
    f = "tanh" if name == "saturated_share" else "relu"
    model = {"activation": f, "init": init, "bias_init": 0.0 if f == "tanh" else 0.4}
    assert max(deviations(wide(**model), rows()).values()) > NEAR


def test_build_agrees_on_what_is_drawn():
    """The std that the theory goes by is that of the network's first weights."""
    experiment = wide(activation="maxout", init={"name": "xavier_normal", "fan": "out"})
    W = build(experiment, FEATURES).parameters["hidden2.W"]
    std = experiment.model.init.weight_std(WIDTHS[0], WIDTHS[1], experiment.model.activation)
    assert W.shape == (WIDTHS[0], 2 * WIDTHS[1]) and W.std() == pytest.approx(std, rel=0.01)
