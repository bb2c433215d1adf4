"""Measures of small problems and untrained networks: closed forms, and planted mistakes."""

from math import sqrt

import numpy as np
import pytest
from test_measures_of_functions import measure, value

from actlab.architecture import build
from actlab.claims.measures import gradient_check
from actlab.claims.measures.base import Unmeasured
from actlab.claims.measures.sparse_coding import SparseCoding, coordinate_descent
from actlab.experiment import load
from actlab.nn.activations.softshrink import SoftShrink
from actlab.nn.activations.tanh import Tanh
from actlab.nn.regularizers.dropout import DropoutLayer

SOURCE = {"source": {"name": "gaussian", "n": 60, "features": 20}}


def experiment(**config):
    model = {"depth": 2, "width": 16, **config.pop("model", {})}
    return load({"data": SOURCE, "model": model, **config})


def of(name, it, **settings):
    return measure(name, **settings).of_experiment(it)


# one linear map


def test_identity_networks_are_the_product_of_their_matrices():
    bias = {"name": "gaussian", "std": 0.5}
    linear = experiment(model={"activation": "identity", "bias_init": bias})
    assert of("composed_map_error", linear) < 1e-12
    assert of("composed_map_error", experiment(model={"depth": 0})) < 1e-12
    assert of("composed_map_error", experiment(model={"activation": "tanh"})) > 0.01


@pytest.mark.parametrize(
    "model",
    [{"residual": True, "depth": 3}, {"norm": "layer_norm"}, {"activation": "maxout"}],
)
def test_networks_without_a_product_of_matrices_say_so(model):
    with pytest.raises(Unmeasured, match="product of matrices"):
        of("composed_map_error", experiment(model={"activation": "identity", **model}))


# parameters


def test_maxout_doubles_the_parameters_of_hidden_layers_alone():
    relu, maxout = (experiment(model={"activation": f}) for f in ("relu", "maxout"))
    assert of("parameters", relu, layers="hidden") == 20 * 16 + 16 + 16 * 16 + 16
    assert of("parameters", maxout, layers="hidden") == 2 * of("parameters", relu, layers="hidden")
    assert of("parameters", maxout, layers="output") == of("parameters", relu, layers="output")
    total = sum(of("parameters", relu, layers=layers) for layers in ("hidden", "output"))
    assert of("parameters", relu) == total


# dropout


def dropped(**settings):
    model = {"depth": settings.pop("depth", 2)}
    return experiment(model=model, regularization={"dropout": {"rate": 0.3, **settings}})


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("phase", ["test", "training"])
@pytest.mark.parametrize("rate", [0.0, 0.2])
def test_the_two_forms_of_dropout_are_one_predictor(depth, phase, rate):
    it = dropped(depth=depth, input=rate)
    assert of("dropout_forms_gap", it, phase=phase) < 1e-12


def test_with_equal_weights_the_forms_differ_by_the_shares_kept():
    gap = of("dropout_forms_gap", dropped(), matched=False)
    assert gap == pytest.approx(1 - 0.7**2, rel=1e-3)


def test_a_scale_forgotten_at_test_is_seen(monkeypatch):
    plain = DropoutLayer.forward

    def forgets(self, x, m):
        return plain(self, x, m) if m.draws else x

    monkeypatch.setattr(DropoutLayer, "forward", forgets)
    assert of("dropout_forms_gap", dropped()) > 0.5


@pytest.mark.parametrize("scale", ["training", "test"])
def test_masks_average_to_the_pass_at_test(scale):
    few, many = (of("mask_average_gap", dropped(depth=1, scale=scale), masks=n) for n in (20, 2000))
    expected = sqrt(0.3 / 0.7 / 2000)
    assert many < few and expected / 3 < many < 3 * expected


def test_the_curve_over_masks_ends_at_the_value():
    it = dropped(depth=1)
    found = measure("mask_average_gap", masks=50)
    series = found.series(it)
    assert len(series.x) == 50 and series.y[-1] == found.of_experiment(it)


def test_dropout_measures_need_dropout_and_no_skips():
    with pytest.raises(Unmeasured, match="no dropout"):
        of("dropout_forms_gap", experiment())
    with pytest.raises(Unmeasured, match="no dropout"):
        of("mask_average_gap", experiment())
    residual = load(
        {
            "data": SOURCE,
            "model": {"depth": 3, "width": 16, "residual": True},
            "regularization": {"dropout": 0.5},
        }
    )
    with pytest.raises(Unmeasured, match="skips"):
        of("dropout_forms_gap", residual)


# sparse coding


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_soft_shrinkage_solves_sparse_coding_and_hard_does_not(seed):
    assert abs(value("sparse_coding", seed, iterations=500)) < 1e-9
    assert value("sparse_coding", seed, iterations=3) > 1e-3
    assert value("sparse_coding", seed, activation="hardshrink", iterations=500) > 0.1


def test_the_reference_meets_the_conditions_of_the_minimum():
    problem = SparseCoding().problem(7)
    z = coordinate_descent(problem)
    pull = problem.D.T @ (problem.x - problem.D @ z)
    np.testing.assert_allclose(pull[z != 0], problem.lambda_ * np.sign(z[z != 0]), rtol=1e-4)
    assert np.abs(pull).max() <= problem.lambda_ * (1 + 1e-4)
    assert 0 < (z != 0).sum() < z.size


def test_the_reference_is_that_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is absent")
    problem = SparseCoding().problem(3)
    lasso = linear_model.Lasso(problem.lambda_ / 20, fit_intercept=False, tol=1e-12, max_iter=10**6)
    z = lasso.fit(problem.D, problem.x).coef_
    assert problem.objective(coordinate_descent(problem)) == pytest.approx(
        problem.objective(z), rel=1e-8
    )


def test_a_shrink_without_its_zero_branch_does_not_solve_it(monkeypatch):
    def notes_without_zero(self, x, out):
        np.copyto(out, x - self.lambda_ * np.sign(x))

    monkeypatch.setattr(SoftShrink, "value_into", notes_without_zero)
    assert value("sparse_coding", iterations=500) > 1e-3


# gradients


@pytest.fixture
def fresh():
    """Gradient checks taken anew, and not kept for other tests."""
    gradient_check._errors_of_parts.cache_clear()
    yield
    gradient_check._errors_of_parts.cache_clear()


def test_gradient_checks_see_a_wrong_activation(monkeypatch, fresh):
    monkeypatch.setattr(gradient_check, "check_parts", lambda: _only("activation tanh"))
    assert value("gradient_check", of="activation") < 1e-7
    gradient_check._errors_of_parts.cache_clear()
    right = Tanh.slope_into

    def wrong(self, x, y, out):
        right(self, x, y, out)
        out *= 1.05

    monkeypatch.setattr(Tanh, "slope_into", wrong)
    assert value("gradient_check", of="all") > 0.01


def _only(wanted):
    from actlab.checking import check_experiment

    config = {"model": {"depth": 3, "width": 5, "activation": wanted.split()[1]}}
    yield wanted, check_experiment(load(config))


@pytest.mark.parametrize("f", ["tanh", "gelu", "relu", "softsign", "maxout", "hardswish"])
def test_derivatives_right_and_wrong(f):
    assert value("derivative_error", activation=f) < 1e-7
    wrong = value("derivative_error", activation=f, wrong_by=0.05)
    assert wrong == pytest.approx(0.05 / 1.05, rel=1e-3)


def test_points_at_kinks_lie_between_and_by_their_share():
    for points in (100, 1000, 10_000):
        error = value("derivative_error", activation="relu", points=points, at_kinks=1)
        assert error == pytest.approx(1 / points, rel=0.3)
    assert value("derivative_error", activation="tanh", dtype="float32") > 1e-7


def test_functions_without_kinks_have_no_point_there():
    with pytest.raises(Unmeasured, match="tanh has no kink"):
        value("derivative_error", activation="tanh", at_kinks=1)
    with pytest.raises(Unmeasured, match="only 5 points to lie"):
        value("derivative_error", activation="relu", points=5, at_kinks=6)


# costs


def test_cost_ratios_come_of_pairs_in_turn(monkeypatch):
    from actlab.claims.measures import cost_ratio

    clock = iter(np.cumsum([0.0, *[3.0, 0.0, 1.0, 0.0] * 100]).tolist())
    monkeypatch.setattr(cost_ratio.time, "perf_counter", lambda: next(clock))
    assert value("cost_ratio", activation="tanh", batch=4, units=8, rounds=9) == 3


# two weights


@pytest.mark.parametrize("seed", range(5))
def test_inputs_of_one_sign_make_the_path_longer_and_batches_soften_it(seed):
    one, whole = (value("zigzag", seed, batch=batch) for batch in (1, 50))
    assert one > 1.3 and whole < 1.2 and whole < one


def test_paths_lead_from_zero_to_the_optimum():
    for _, series in measure("zigzag").series(0):
        assert (series.x[0], series.y[0]) == (0, 0)
        assert np.hypot(series.x[-1] - 1, series.y[-1] + 1) < 0.05 * sqrt(2)


def test_no_measure_changes_the_network_it_is_of():
    it = dropped()
    before = build(it).parameters["hidden1.W"].copy()
    of("dropout_forms_gap", it)
    np.testing.assert_array_equal(build(it).parameters["hidden1.W"], before)
