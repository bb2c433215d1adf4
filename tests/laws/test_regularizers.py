"""The laws of regularizers: what noise expects, what penalties add, where weights may be."""

import itertools

import numpy as np
import pytest
from cases import Bench, brought_by, parts, title
from scipy import stats

from actlab.architecture import build
from actlab.experiment import load
from actlab.nn.gradcheck import check, numerical_gradient, relative_error
from actlab.nn.losses import CrossEntropy
from actlab.nn.optimizers.driver import Driver
from actlab.nn.regularizers.base import Penalty
from actlab.nn.regularizers.dropout import Dropout, DropoutLayer
from actlab.nn.regularizers.max_norm import MaxNorm
from actlab.nn.regularizers.stochastic_depth import StochasticDepth

NOISE = [layer for part in parts("regularizer") for layer in brought_by(part)]
NOISE += list(brought_by(Dropout(rate=0.3, input=0.2, scale="test")))
PENALTIES = [part for part in parts("regularizer") if isinstance(part, Penalty)]
EVERY_NOISE = pytest.mark.parametrize("layer", NOISE, ids=title)
EVERY_PENALTY = pytest.mark.parametrize("penalty", PENALTIES, ids=title)
DRAWS = 4000


def drawn(layer, draws=DRAWS):
    """Outputs of one batch under many draws of the noise, and the output at test."""
    bench = Bench(layer)
    x = bench.input()
    at_test = bench.forward(x).copy()
    bench.memory.sampled = True
    bench.memory.rng = np.random.default_rng(8)
    return np.array([layer.forward(x, bench.memory).copy() for _ in range(draws)]), at_test


@EVERY_NOISE
def test_expectation_in_training_is_the_output_at_test(layer):
    """Every number lies in its interval at one chance in a million, by the spread of the draws."""
    y, at_test = drawn(layer)
    width = stats.norm.isf(1e-6 / 2) * y.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    assert (np.abs(y.mean(axis=0) - at_test) <= width + 1e-12).all()
    assert y.std(axis=0).max() > 0.05


@EVERY_NOISE
def test_noise_is_of_the_generator_alone(layer):
    bench = Bench(layer, training=True)
    x = bench.input()
    np.testing.assert_array_equal(bench.forward(x).copy(), bench.forward(x))
    first = bench.forward(x).copy()
    bench.memory.rng = np.random.default_rng(77)
    others = [layer.forward(x, bench.memory).copy() for _ in range(20)]
    assert any((other != first).any() for other in others)


@EVERY_NOISE
def test_monte_carlo_draws_as_training_does(layer):
    bench = Bench(layer, training=True)
    x = bench.input()
    trained = bench.forward(x).copy()
    bench.training, bench.memory.sampled = False, True
    np.testing.assert_array_equal(bench.forward(x), trained)


def every_mask(n):
    return np.array(list(itertools.product([0.0, 1.0], repeat=n)))


@pytest.mark.parametrize("rate", [0.5, 0.3])
def test_weight_scaling_is_the_exact_average_for_one_linear_layer(rate):
    """Over all 2^n masks by their probabilities: the mean of a linear layer's outputs, and, for
    softmax, the geometric mean of the classes' probabilities, put back to sum to 1."""
    n, classes, rng = 6, 3, np.random.default_rng(0)
    x, W, b = rng.normal(size=n), rng.normal(size=(n, classes)), rng.normal(size=classes)
    masks = every_mask(n)
    weights = np.prod(np.where(masks, 1 - rate, rate), axis=1)
    scores = (masks * x) @ W + b
    scaled = ((1 - rate) * x) @ W + b
    np.testing.assert_allclose(weights @ scores, scaled, rtol=1e-12)
    loss = CrossEntropy()
    geometric = np.exp(weights @ np.log(loss.votes(scores)))
    np.testing.assert_allclose(geometric / geometric.sum(), loss.votes(scaled[None])[0], rtol=1e-12)
    bench = Bench(DropoutLayer(rate, "test"), n_in=n)
    np.testing.assert_allclose(bench.forward(x[None])[0] @ W + b, scaled, rtol=1e-4)


def test_both_forms_of_dropout_are_the_same_predictor():
    """Inverted and scaled at test differ by what the weights above mean: (1 - rate) W."""
    x = np.random.default_rng(1).normal(size=(5, 6))
    for training in (True, False):
        inverted = Bench(DropoutLayer(0.3), training=training).forward(x)
        original = Bench(DropoutLayer(0.3, "test"), training=training).forward(x)
        np.testing.assert_allclose(0.7 * inverted, original, rtol=1e-4)


def test_survival_decays_linearly():
    shares = [StochasticDepth(last=0.4).block_layer(block, 3).probability for block in (1, 2, 3)]
    assert shares == pytest.approx([0.8, 0.6, 0.4])


def test_a_block_that_does_not_survive_is_its_skip(tiny):
    tiny |= {"regularization": {"stochastic_depth": 1e-9}}
    tiny["model"] = {"depth": 3, "width": 8, "residual": True}
    network = build(load(tiny), dtype="float64")
    network.forward(np.random.default_rng(0).normal(size=(5, 20)), training=True)
    np.testing.assert_array_equal(network.hidden[2].activations, network.hidden[0].activations)


@EVERY_PENALTY
def test_gradient_of_the_penalty_matches_centred_differences(penalty):
    weights = np.random.default_rng(0).normal(size=30)
    strong = penalty.model_copy(update={"strength": 0.7})
    grad = np.ones(30)
    strong.add_gradient(weights, grad)
    numerical = numerical_gradient(lambda: strong.penalty(weights), weights)
    assert relative_error(grad - 1, numerical) < 1e-7


@EVERY_PENALTY
def test_a_penalty_keeps_the_dtype_and_spares_zeros(penalty):
    grad = np.zeros(4, np.float32)
    penalty.add_gradient(np.zeros(4, np.float32), grad)
    assert grad.dtype == np.float32 and (grad == 0).all()


@EVERY_PENALTY
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_biases_and_norms_are_penalized_only_if_asked(penalty, optimizer, tiny):
    """With the gradient of the loss at zero, a step moves what is penalized and nothing else."""
    settings = {**penalty.written(), "strength": 0.5}
    settings.pop("name")
    tiny |= {"regularization": {penalty.name: settings}}
    tiny["train"]["optimizer"] = optimizer
    tiny["model"] |= {"norm": "batch_norm", "bias_init": 0.3}
    experiment = load(tiny)
    network = build(experiment)
    before = {name: value.copy() for name, value in network.parameters.items()}
    total = network.penalty()
    network.workspace.grad[...] = 0
    Driver(experiment.train.optimizer, network).step(0.01)
    for name, value in network.parameters.items():
        moves = name.endswith(".W") or (penalty.biases and (before[name] != 0).any())
        assert (value != before[name]).any() == moves, name
    counted = [v for name, v in before.items() if penalty.biases or name.endswith(".W")]
    strong = penalty.model_copy(update={"strength": 0.5})
    assert total == pytest.approx(sum(strong.penalty(v.ravel()) for v in counted), rel=1e-4)


def test_elastic_net_lies_between_l1_and_l2():
    named = {part.name: part for part in PENALTIES if not part.biases}
    weights = np.random.default_rng(0).normal(size=20)
    for share, name in ((1.0, "l1"), (0.0, "l2")):
        net = named["elastic_net"].model_copy(update={"l1_share": share, "strength": 0.3})
        same = named[name].model_copy(update={"strength": 0.3})
        assert net.penalty(weights) == pytest.approx(same.penalty(weights))


def test_max_norm_projects_long_columns_and_leaves_short_ones():
    W = np.array([[3.0, 0.3, 0], [4.0, 0.4, 0]])
    MaxNorm(radius=1.0).project(W)
    np.testing.assert_allclose(W, [[0.6, 0.3, 0], [0.8, 0.4, 0]])
    once = W.copy()
    MaxNorm(radius=1.0).project(W)
    np.testing.assert_allclose(W, once)


def test_no_unit_is_longer_than_the_radius_after_a_step(tiny):
    from actlab.training import Run

    tiny |= {"regularization": {"max_norm": 0.5}}
    experiment = load(tiny)
    run = Run(experiment, experiment.data.source.load(0), None)
    run.to_the_end()
    for name, W in run.network.parameters.items():
        if name.endswith(".W"):
            assert np.linalg.norm(W, axis=0).max() <= 0.5 * (1 + 1e-6)


def test_input_dropout_spares_the_gradient_to_the_data(tiny):
    """The lowest dense layer computes none, though noise lies before it; all others are right."""
    tiny |= {"regularization": {"dropout": {"rate": 0.5, "input": 0.5}}}
    network = build(load(tiny), dtype="float64")
    assert network.placed[0].name == "input"
    assert [p.memory.needs_dx for p in network.placed[:3]] == [False, False, True]
    x, labels = np.random.default_rng(1).normal(size=(3, 20)), np.array([0, 9, 4])
    for finding in check(network, x, labels):
        assert finding.passed, finding


@pytest.mark.parametrize(
    "regularization",
    [{}, {"dropout": 0.5}, {"dropout": {"rate": 0.2, "input": 0.1}}, {"dropconnect": 0.5}],
    ids=str,
)
def test_noise_leaves_the_first_weights_as_they_were(regularization, tiny):
    plain = build(load(tiny)).parameters
    noisy = build(load(tiny | {"regularization": regularization})).parameters
    np.testing.assert_equal(dict(noisy), dict(plain))
