"""What the probes on demand find, against cases computed by hand and against planted faults."""

from math import log, pi, sqrt

import numpy as np
import pytest
from snapshots import EXAMPLES, FEATURES, measured, snapshot_of, some_rows, statistics_of

from actlab.claims.measures.statistic import Statistic
from actlab.experiment import load
from actlab.nn.network import Network
from actlab.probes.confidence import Confidence
from actlab.probes.distinct_units import DistinctUnits
from actlab.probes.input_noise import InputNoise
from actlab.probes.jacobian import Jacobian
from actlab.probes.learned_slopes import LearnedSlopes
from actlab.probes.linear_r2 import LinearR2
from actlab.probes.masks import Masks
from actlab.probes.perturbation import Perturbation
from actlab.probes.residual_blocks import ResidualBlocks
from actlab.probes.sign_agreement import SignAgreement
from actlab.running import run

SMALL = {"depth": 2, "width": 6}
ONE = {"depth": 1, "width": FEATURES}
LINEAR = {"depth": 0}


def identity(network):
    """Every pre-activation of the first layer is the input of the same place."""
    network.parameters["hidden1.W"][...] = np.eye(FEATURES)


def agreement(model, x=None, **settings):
    return measured(SignAgreement(**settings), model, x)["sign_agreement"]


def test_inputs_of_one_sign_make_all_gradients_of_a_unit_agree_for_one_example():
    x = np.random.default_rng(0).uniform(size=(EXAMPLES, FEATURES))
    x[:, 3] = 0
    found = agreement({**SMALL, "activation": "sigmoid"}, x, batch_sizes=(1, 10))
    np.testing.assert_array_equal(found[:, 0], [1, 1])
    assert (found[:, 1] < 1).all(), "a minibatch softens it"
    x[:, 0] *= -1
    assert agreement({**SMALL, "activation": "sigmoid"}, x)[0, 0] == 0, "one input of another sign"


def test_centred_inputs_seldom_agree():
    found = agreement({**SMALL, "activation": "tanh"})
    assert found.shape == (2, 3) and (found[0] < 0.1).all()


def test_agreement_over_all_examples_is_that_of_the_recorded_gradient():
    snapshot = snapshot_of(statistics_of(SMALL, np.abs(some_rows()) - 0.2))
    found = SignAgreement(batch_sizes=(10 * EXAMPLES,)).measure(snapshot)["sign_agreement"]
    for layer, gradient in enumerate(snapshot.weight_gradients[:2]):
        alike = [len(set(np.sign(unit)) - {0}) for unit in gradient.T]
        assert found[layer, 0] == alike.count(1) / (len(alike) - alike.count(0))


def test_units_without_any_gradient_are_left_out():
    def close_all_but_one(network):
        network.parameters["hidden1.b"][1:] = -100

    model, x = {"depth": 1, "width": 6}, np.random.default_rng(0).uniform(size=(EXAMPLES, FEATURES))
    probe = SignAgreement(batch_sizes=(1,))
    assert measured(probe, {**model, "bias_init": -100.0}, x)["sign_agreement"] != 0
    assert np.isnan(measured(probe, {**model, "bias_init": -100.0}, x)["sign_agreement"]).all()
    assert measured(probe, model, x, prepare=close_all_but_one)["sign_agreement"] == 1


@pytest.mark.parametrize("init", ["zeros", 0.3])
def test_constant_weights_make_one_unit_of_a_layer(init):
    found = measured(DistinctUnits(), {"widths": [6, 4], "init": init})["distinct_units"]
    np.testing.assert_array_equal(found, [1 / 6, 1 / 4])


def test_constant_weights_stay_one_unit_in_training(tiny):
    tiny["model"] |= {"init": 0.1, "activation": "tanh"}
    tiny["record"]["probes"] = ["distinct_units"]
    np.testing.assert_array_equal(run(load(tiny)).statistics["distinct_units"], 1 / 16)


@pytest.mark.parametrize(("change", "units"), [(0, 5), (1e-9, 5), (1e-4, 6)])
@pytest.mark.parametrize("what", ["W", "b"])
def test_copied_units_are_counted_once_unless_they_differ(change, units, what):
    def copy(network):
        W, b = network.parameters["hidden1.W"], network.parameters["hidden1.b"]
        W[:, 4], b[4] = W[:, 1], b[1]
        network.parameters[f"hidden1.{what}"][..., 4] += change

    assert measured(DistinctUnits(), SMALL)["distinct_units"].tolist() == [1, 1]
    found = measured(DistinctUnits(), SMALL, prepare=copy)["distinct_units"]
    assert found.tolist() == [units / 6, 1]


@pytest.mark.parametrize(("pieces", "share"), [(1, 1), (2, 2 / 3)])
def test_units_of_several_pieces_are_alike_if_all_pieces_are(pieces, share):
    def copy(network):
        W = network.parameters["hidden1.W"]
        for first in (0, 3)[:pieces]:
            W[:, first + 1] = W[:, first]

    model = {"depth": 1, "width": 3, "activation": "maxout"}
    assert measured(DistinctUnits(), model, prepare=copy)["distinct_units"] == share


def r2(activation, prepare=identity, scale=1.0):
    model = {**ONE, "activation": activation}
    return measured(LinearR2(), model, scale * some_rows(4000), prepare=prepare)["linear_r2"][0]


def test_share_explained_by_a_linear_function():
    assert r2("identity") == pytest.approx(1, abs=1e-12)
    assert r2("relu") == pytest.approx(0.25 / (0.5 - 1 / (2 * pi)), abs=0.01)
    assert r2({"name": "prelu", "start": -1.0}) < 0.01, "|z| has nothing linear"
    assert 1 - 1e-6 < r2("sigmoid", scale=0.01) < 1
    assert r2("sigmoid", scale=0.01) > r2("sigmoid") + 1e-3 > r2("sigmoid", scale=10) + 0.1


def test_share_explained_where_there_is_none():
    def close_all_but_one(network):
        identity(network)
        network.parameters["hidden1.b"][1:] = -100

    found = [measured(LinearR2(), {**SMALL, "activation": f}) for f in ("maxout", "softmax")]
    assert all(np.isnan(each["linear_r2"]).all() for each in found)
    assert np.isnan(measured(LinearR2(), {**SMALL, "bias_init": -100.0})["linear_r2"]).all()
    assert r2("relu", close_all_but_one) == pytest.approx(0.73, abs=0.03)


def test_orthogonal_weights_and_the_identity_stretch_nothing():
    model = {"depth": 2, "width": FEATURES, "activation": "identity", "init": "orthogonal"}
    found = measured(Jacobian(), model)
    np.testing.assert_allclose(found["jacobian.singular_value"], 1, rtol=1e-7)
    np.testing.assert_allclose(found["jacobian.mean_square"], 1, rtol=1e-12)


def test_open_relus_of_the_identity_have_singular_value_one_and_closed_ones_zero():
    x = some_rows()
    found = measured(Jacobian(examples=EXAMPLES), ONE, x, prepare=identity)
    np.testing.assert_allclose(found["jacobian.singular_value"], (x > 0).mean(), rtol=1e-12)
    np.testing.assert_allclose(found["jacobian.mean_square"], (x > 0).mean(), rtol=1e-12)


@pytest.mark.parametrize("widths", [[20, 5], [3, 9]])
def test_singular_values_are_those_of_differences(widths):
    snapshot = snapshot_of(statistics_of({"widths": widths, "activation": "tanh"}))
    found = Jacobian(examples=2).measure(snapshot)
    for layer, W in enumerate(snapshot.weights[:2]):
        values = []
        below = snapshot.tensors["activation"][layer - 1] if layer else snapshot.x
        for x in below[[0, EXAMPLES // 2]]:
            step = 1e-6 * np.eye(len(x))
            J = (np.tanh((x + step) @ W) - np.tanh((x - step) @ W)) / 2e-6
            values.append(np.linalg.svd(J, compute_uv=False))
        assert found["jacobian.singular_value"][layer] == pytest.approx(np.mean(values), rel=1e-6)
        squares = np.mean(np.square(values))
        assert found["jacobian.mean_square"][layer] == pytest.approx(squares, rel=1e-6)


def test_wide_layers_have_a_mean_square_only():
    model = {"depth": 1, "width": 513, "activation": "identity"}
    statistics = statistics_of(model, some_rows(3, 513))
    found = Jacobian().measure(snapshot_of(statistics))
    W = statistics.network.parameters["hidden1.W"]
    assert np.isnan(found["jacobian.singular_value"]).all()
    assert found["jacobian.mean_square"] == pytest.approx(np.square(W).sum() / 513)


def test_the_loss_rises_by_half_its_curvature():
    probe, x = Perturbation(scales=(0.01, 0.02, 0.0), draws=1000), some_rows()
    statistics = statistics_of(LINEAR, x)
    small, twice, none = probe.measure(snapshot_of(statistics))["perturbation.loss_change"]
    W = statistics.network.parameters["output.W"]
    p = np.exp(x @ W) / np.exp(x @ W).sum(axis=1, keepdims=True)
    trace = np.mean(np.square(x).sum(axis=1) * (p * (1 - p)).sum(axis=1))
    assert small == pytest.approx(0.5 * 0.01**2 * np.mean(W**2) * trace, rel=0.02)
    assert twice == pytest.approx(4 * small, rel=0.01) and none == 0


def test_an_interrupted_perturbation_leaves_the_weights(monkeypatch):
    statistics = statistics_of(SMALL)
    snapshot, calls = snapshot_of(statistics), []
    before = statistics.network.workspace.theta.copy()
    forward = Network.forward

    def stops(self, *args, **kwargs):
        calls.append(np.array_equal(before, self.workspace.theta))
        if len(calls) == 5:
            raise KeyboardInterrupt
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(Network, "forward", stops)
    with pytest.raises(KeyboardInterrupt):
        Perturbation().measure(snapshot)
    assert calls == [True, False, False, False, False]
    np.testing.assert_array_equal(statistics.network.workspace.theta, before)


def test_without_noise_the_inputs_are_the_inputs():
    def moved(network):
        network.workspace.state["hidden1.running_mean"][...] = 0.3

    statistics = statistics_of({**SMALL, "norm": "batch_norm"}, prepare=moved)
    found = InputNoise(levels=(0.0, 3.0)).measure(snapshot_of(statistics))
    scores = statistics.network.forward(statistics.x)
    right = (scores.argmax(axis=1) == statistics.labels).mean()
    loss, _ = statistics.network.loss.value_and_gradient(scores, statistics.labels)
    assert found["input_noise.accuracy"][0] == pytest.approx(right)
    assert found["input_noise.loss"][0] == pytest.approx(loss)
    assert found["input_noise.loss"][1] > loss + 0.05


def test_noise_is_in_units_of_the_spread_of_the_inputs():
    def tenth(network):
        network.parameters["hidden1.W"][...] /= 10

    one = measured(InputNoise(), SMALL)
    other = measured(InputNoise(), SMALL, 10 * some_rows(), prepare=tenth)
    np.testing.assert_allclose(one["input_noise.loss"], other["input_noise.loss"], rtol=1e-6)
    assert len(set(one["input_noise.loss"])) == 4


def test_noise_in_linear_scores_has_its_standard_deviation():
    """Two classes of which one scores w x + noise: the loss is an integral over the noise."""

    def first_only(network):
        network.parameters["output.W"][...] = 0
        network.parameters["output.W"][:, 0] = [3.0]

    x = np.array([[-1.0], [1.0]])
    probe = InputNoise(levels=(0.5,), draws=10_000)
    found = measured(probe, LINEAR, x, prepare=first_only)["input_noise.loss"][0]
    z = np.linspace(-8, 8, 4001)
    density = np.exp(-z * z / 2) / sqrt(2 * pi) * (z[1] - z[0])
    scores = [3 * (each + 0.5 * z) for each in (-1, 1)]
    losses = np.log(np.exp(scores) + 9) - np.array([scores[0], 0 * z])
    assert found == pytest.approx((losses @ density).mean(), rel=0.01)


def test_without_dropout_there_is_nothing_to_average():
    found = measured(Masks(), SMALL, regularization={"l2": 0.1})
    assert found["masks.distance"].tolist() == [0] * 5 and found["masks.single"] == 0


def test_one_dropped_input_by_hand():
    """Dropped or doubled with probability 1/2: the mean is of two predictions."""
    x, weights = np.array([[1.0], [2.0]]), np.linspace(-1, 1, 10)

    def set_weights(network):
        network.parameters["output.W"][...] = weights

    probe, dropout = Masks(numbers=(1, 4000)), {"dropout": {"rate": 0.0, "input": 0.5}}
    found = measured(probe, LINEAR, x, regularization=dropout, prepare=set_weights)
    softmax = lambda s: np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)  # noqa: E731
    plain, two = (
        softmax(x * weights),
        np.array([softmax(0 * x * weights), softmax(2 * x * weights)]),
    )
    rms = lambda d: sqrt(np.square(d).sum(axis=-1).mean())  # noqa: E731
    expected = [rms(two - plain), rms(two.mean(axis=0) - plain)]
    np.testing.assert_allclose(found["masks.distance"], expected, rtol=0.03)
    assert found["masks.single"] == pytest.approx(rms(two - two.mean(axis=0)), rel=0.01)


@pytest.mark.parametrize("noise", [{"dropout": 0.5}, {"dropconnect": 0.5}])
def test_spread_and_bias_add_up_to_the_distance_of_one_mask(noise):
    found = measured(Masks(numbers=(1, 7, 50)), SMALL, regularization=noise)
    one, some, all_masks = found["masks.distance"]
    assert one**2 == pytest.approx(all_masks**2 + found["masks.single"] ** 2)
    assert one > some > all_masks > 0


def test_learned_slopes_are_those_of_the_parameters():
    def set_slopes(network):
        network.parameters["hidden2.a"][...] = [0, 0, 0, 1, 1, 1]

    model = {**SMALL, "activation": "prelu"}
    found = measured(LearnedSlopes(), model, prepare=set_slopes)
    assert found["learned_slope.mean"].tolist() == [0.25, 0.5]
    assert found["learned_slope.std"].tolist() == [0, 0.5]
    found = measured(LearnedSlopes(), {**SMALL, "activation": "leaky_relu"})
    assert (
        np.isnan(found["learned_slope.mean"]).all() and np.isnan(found["learned_slope.std"]).all()
    )


def test_entropy_from_knowing_nothing_to_certainty():
    nothing = measured(Confidence(), {**SMALL, "output_init": "zeros"})
    assert nothing["confidence.entropy"] == pytest.approx(log(10))
    sure = {**SMALL, "activation": "tanh", "output_init": {"name": "gaussian", "std": 1e4}}
    assert 0 <= measured(Confidence(), sure)["confidence.entropy"] < 0.05


def test_entropy_of_two_equal_classes():
    def two_of_ten(network):
        network.parameters["output.b"][2:] = -1000

    model = {**SMALL, "output_init": "zeros"}
    found = measured(Confidence(), model, prepare=two_of_ten)["confidence.entropy"]
    assert found == pytest.approx(log(2))


@pytest.mark.parametrize("activation", ["softmax", "softmin", "log_softmax"])
def test_entropy_of_hidden_layers_that_share_one_out(activation):
    found = measured(Confidence(), {**SMALL, "activation": activation, "init": "zeros"})
    np.testing.assert_allclose(found["hidden_entropy"], log(6))
    assert np.isnan(measured(Confidence(), SMALL)["hidden_entropy"]).all()


def test_residual_stream_by_hand():
    model = {"depth": 5, "width": 6, "residual": True, "activation": "tanh"}
    statistics = statistics_of(model)
    found = ResidualBlocks().measure(snapshot_of(statistics))["block.std"]
    W = [statistics.network.parameters[f"hidden{n}.W"] for n in range(1, 6)]
    x = np.tanh(statistics.x @ W[0])
    expected = [x.std()]
    for first, second in ((W[1], W[2]), (W[3], W[4])):
        x = x + np.tanh(x @ first) @ second
        expected.append(x.std())
        x = np.tanh(x)
    np.testing.assert_allclose(found, expected)


def test_blocks_that_end_in_zeros_leave_the_stream():
    model = {"depth": 7, "width": 6, "residual": True}
    grows = measured(ResidualBlocks(), model)["block.std"]
    stays = measured(ResidualBlocks(), {**model, "init": "residual_zero"})["block.std"]
    assert grows[-1] > 2 * grows[0] and stays.tolist() == [stays[0]] * 4
    assert measured(ResidualBlocks(), SMALL)["block.std"].shape == (0,)


def test_claims_measure_what_probes_record(tiny):
    tiny["record"]["probes"] = ["sign_agreement", "perturbation", "confidence", "residual_blocks"]
    record = run(load(tiny))
    table = record.statistics["sign_agreement"]
    asked = Statistic(statistic="sign_agreement", layer=2, column=1, at="start")
    assert asked.of_record(record) == table[0, 1, 1]
    change = record.statistics["perturbation.loss_change"]
    asked = Statistic(statistic="perturbation.loss_change", layer="last")
    assert asked.of_record(record) == change[-1, 2]
    entropy = record.statistics["confidence.entropy"]
    assert Statistic(statistic="confidence.entropy").of_record(record) == entropy[-1]
