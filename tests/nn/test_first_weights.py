"""What particular initializers promise beyond their distribution."""

import numpy as np
import pytest
from cases import unregistered
from scipy import stats

from actlab import initializer
from actlab.architecture import build
from actlab.config import ConfigError
from actlab.experiment import load
from actlab.nn.activations import Activation
from actlab.nn.dense import Dense
from actlab.running import run
from actlab.training import Run


@unregistered
class AcrossUnits(Activation):
    """Softmax, as an activation across the units of a layer."""

    name = "across_units"

    def value(self, x):
        e = np.exp(np.asarray(x, float) - np.max(x, axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def gradient(self, x, dy):
        y = self.value(x)
        return y * (dy - (y * dy).sum(axis=-1, keepdims=True))

    def slopes(self, m):
        raise NotImplementedError


def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize(("fan_in", "fan_out"), [(40, 40), (40, 25), (25, 40), (7, 1), (1, 7)])
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_orthogonal_is_orthonormal_along_the_shorter_side(fan_in, fan_out, gain):
    W = initializer("orthogonal", gain=gain).sample(fan_in, fan_out, rng())
    gram = W.T @ W if fan_in >= fan_out else W @ W.T
    np.testing.assert_allclose(gram, gain**2 * np.eye(min(fan_in, fan_out)), atol=1e-12)


def test_orthogonal_is_uniform_on_the_group():
    """Without the signs of R the diagonal entries lean to one side; the traces tell, too."""
    init, draw = initializer("orthogonal"), rng()
    Q = np.array([init.sample(4, 4, draw) for _ in range(4000)])
    for i in range(4):
        for j in range(4):
            law = stats.beta(0.5, 1.5)
            entry = Q[:, i, j]
            assert stats.kstest(entry**2, law.cdf).pvalue > 1e-4
            assert abs(np.sign(entry).sum()) < 4.5 * np.sqrt(len(entry)), (i, j)
    traces = np.trace(Q, axis1=1, axis2=2)
    assert abs(traces.mean()) < 4 / np.sqrt(len(Q)) and traces.var() == pytest.approx(1, abs=0.1)
    assert np.linalg.det(Q).mean() == pytest.approx(0, abs=0.08)


@pytest.mark.parametrize(("inputs", "fan_in", "count"), [(15, 100, 15), (3, 8, 3), (15, 6, 6)])
def test_sparse_counts_per_unit(inputs, fan_in, count):
    W = initializer("sparse", inputs=inputs).sample(fan_in, 50, rng())
    assert (np.count_nonzero(W, axis=0) == count).all()


def test_sparse_chooses_every_input_alike():
    W = initializer("sparse", inputs=3).sample(10, 20_000, rng())
    counts = np.count_nonzero(W, axis=1)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_truncated_normal_says_which_std_it_means():
    for corrected, ratio in [(True, 1.0), (False, 0.8796256610342398)]:
        init = initializer("truncated_normal", std=0.3, corrected=corrected)
        W = init.sample(600, 500, rng())
        assert W.std() == pytest.approx(0.3 * ratio, rel=0.005)
        assert np.abs(W).max() <= 0.6 * ratio / 0.8796256610342398 * (1 + 1e-12)
        if not corrected:
            assert np.abs(W).max() <= 0.6


def lsuv_run(activation, tiny, **model):
    tiny["model"] = {"depth": 12, "width": 64, "activation": activation, "init": "lsuv", **model}
    tiny["train"]["epochs"] = 0
    experiment = load(tiny)
    data = experiment.data.source.load(experiment.seed)
    run = Run(experiment, data, None)
    run.network.forward(run.pipeline.apply(data.train.x))
    return run.network


@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu", "maxout", "sigmoid"])
@pytest.mark.parametrize("bias", [0.0, 0.5])
def test_lsuv_gives_every_layer_of_a_deep_net_unit_variance(activation, bias, tiny):
    network = lsuv_run(activation, tiny, bias_init=bias)
    variances = [float(placed.memory.y.var()) for placed in network.placed[::2]]
    assert len(variances) == 13
    np.testing.assert_allclose(variances, 1, atol=0.01)


def test_orthogonal_alone_does_not(tiny):
    tiny["model"] = {"depth": 12, "width": 64, "activation": "tanh", "init": "orthogonal"}
    network = build(load(tiny))
    network.forward(rng().normal(size=(60, 20)))
    assert network.hidden[-1].preactivations.var() < 0.2


def test_lsuv_only_rescales_the_orthonormal_matrices(tiny):
    network = lsuv_run("relu", tiny)
    for name in ("hidden1.W", "hidden2.W", "output.W"):
        W = network.parameters[name].astype(float)
        gram = W.T @ W if W.shape[0] >= W.shape[1] else W @ W.T
        np.testing.assert_allclose(gram, gram[0, 0] * np.eye(len(gram)), atol=1e-5 * gram[0, 0])


def test_lsuv_leaves_layers_of_another_initializer_alone(tiny):
    network = lsuv_run("relu", tiny, output_init=0.25)
    assert (network.parameters["output.W"] == 0.25).all()


def test_lsuv_gives_up_where_there_is_no_variance(tiny):
    network = lsuv_run("relu", tiny, bias_init=-1e3)
    assert all(np.isfinite(W).all() for W in network.parameters.values())


@pytest.mark.parametrize("norm", [None, "batch_norm"])
def test_lsuv_in_residual_blocks(norm, tiny):
    network = lsuv_run("tanh", tiny, depth=9, residual=True, norm=norm)
    dense = [placed.memory for placed in network.placed if isinstance(placed.layer, Dense)]
    network.adapt(np.random.default_rng(0).normal(size=(200, 20)))
    assert len(dense) == 10
    np.testing.assert_allclose([memory.y.var() for memory in dense], 1, atol=0.01)


def test_residual_zero_stops_the_growth_with_depth(tiny):
    def growth(init):
        tiny["model"] = {"depth": 21, "width": 64, "init": init, "residual": True}
        network = build(load(tiny))
        network.forward(rng().normal(size=(60, 20)))
        zero = [not network.parameters[f"hidden{k}.W"].any() for k in range(1, 22)]
        first, last = network.hidden[0], network.hidden[-1]
        return zero, last.preactivations.var() / first.preactivations.var()

    zero, ratio = growth("residual_zero")
    assert zero == [k > 1 and k % 2 == 1 for k in range(1, 22)] and ratio < 1.01
    zero, ratio = growth("he_normal")
    assert not any(zero) and ratio > 100


def test_huge_weights_warn_nobody_before_training(tiny):
    tiny["model"] |= {"init": {"name": "gaussian", "std": 1e30}}
    experiment = load(tiny)
    Run(experiment, experiment.data.source.load(0), None)


def test_lsuv_does_not_depend_on_batch_size_or_on_what_is_recorded(tiny):
    one = lsuv_run("relu", tiny).parameters
    tiny["train"]["batch_size"], tiny["record"]["probe_examples"] = 7, 3
    other = lsuv_run("relu", tiny).parameters
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name])


def test_other_initializers_draw_the_same_in_a_run_as_in_build(tiny):
    experiment = load(tiny)
    trained = Run(experiment, experiment.data.source.load(0), None)
    for name, value in build(experiment).parameters.items():
        np.testing.assert_array_equal(trained.network.parameters[name], value)


def test_computed_gain_keeps_tanh_where_xavier_lets_it_shrink(tiny):
    def last_std(init):
        tiny["model"] = {"depth": 10, "width": 400, "activation": "tanh", "init": init}
        tiny["data"]["source"]["features"] = 400
        tiny["train"]["epochs"] = 0
        return run(load(tiny)).layer_statistics()[-1]["initial"]["std"]

    assert last_std({"name": "lecun_normal", "gain": "auto"}) == pytest.approx(0.628, abs=0.03)
    assert last_std("lecun_normal") < 0.3


def test_auto_without_an_activation_is_linear():
    one, auto = (initializer("he_normal", gain=g).sample(5, 6, rng()) for g in (1.0, "auto"))
    np.testing.assert_array_equal(one, auto)


def test_computed_gain_of_an_activation_across_units_names_the_remedy():
    model = {"activation": AcrossUnits(), "init": {"name": "he_normal", "gain": "auto"}}
    with pytest.raises(ConfigError, match=r"acts across the units of a layer.*name a gain"):
        load({"model": model})
    load({"model": {**model, "init": "he_normal"}})


@pytest.mark.parametrize(
    ("gain", "message"),
    [
        ("otto", "model.init.gain: must be a number or one of 'auto', not 'otto'"),
        (0, "model.init.gain: must be above 0 or one of 'auto', not 0"),
    ],
)
def test_a_wrong_gain_is_one_fault(gain, message):
    with pytest.raises(ConfigError) as caught:
        load({"model": {"init": {"name": "he_normal", "gain": gain}}})
    (fault,) = caught.value.faults
    assert message in str(fault)
