"""The laws of whole networks: gradients through every combination of parts."""

import numpy as np
import pytest
from cases import N_IN, Bench, parts, title

from actlab.architecture import build
from actlab.experiment import load
from actlab.nn.gradcheck import numerical_gradient, relative_error
from actlab.nn.norms.batch_norm import BatchNorm

EVERY_ACTIVATION = pytest.mark.parametrize("activation", parts("activation"), ids=title)
NORMS = pytest.mark.parametrize("norm", [None, *parts("norm")], ids=title)
RIGHT = 1e-6


def network(activation, norm, *, residual, dtype="float64"):
    """Three hidden layers with a positive bias, so that few inputs lie near kinks."""
    model = {"depth": 3, "width": 4, "residual": residual, "init": "xavier_normal"}
    model |= {"activation": activation.written(), "bias_init": 0.3, "dtype": dtype}
    if norm:
        model["norm"] = norm.written()
    return build(load({"model": model, "seed": 5}), n_in=6)


def loss_of(net, x, labels):
    """The loss as training sees it: with the batch's own statistics."""
    scores = net.forward(x, batch_statistics=True)
    return net.loss.value_and_gradient(scores, labels)


@EVERY_ACTIVATION
@NORMS
@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
def test_gradients_of_whole_networks(activation, norm, residual):
    residual = residual and activation.widening == 1
    net = network(activation, norm, residual=residual)
    x, labels = np.random.default_rng(2).normal(size=(7, 6)), np.array([0, 9, 4, 1, 3, 3, 8])
    net.backward(loss_of(net, x, labels)[1])
    found = {name: gradient.copy() for name, gradient in net.gradients.items()}
    for name, parameter in net.parameters.items():
        numerical = numerical_gradient(lambda: loss_of(net, x, labels)[0], parameter)
        error = np.abs(found[name] - numerical).max()
        assert error < 1e-9 or relative_error(found[name], numerical) < RIGHT, name


@EVERY_ACTIVATION
@NORMS
def test_a_sharing_network_sees_the_same_parameters_and_state(activation, norm):
    net = network(activation, norm, residual=activation.widening == 1, dtype="float32")
    twin = net.sharing_parameters()
    x = np.random.default_rng(2).normal(size=(7, 6)).astype(np.float32)
    net.forward(x, training=True)
    for value in net.parameters.values():
        value += np.float32(0.01)
    np.testing.assert_array_equal(net.forward(x), twin.forward(x))


def test_batch_norm_standardizes_in_training_and_by_running_averages_at_test():
    net = network(parts("activation")[0], next(iter(parts("norm"))), residual=False)
    x = np.random.default_rng(3).normal(3, 2, size=(400, 6))
    for _ in range(200):
        net.forward(x, training=True)
    z = net.hidden[0].preactivations
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-3)
    trained = z.copy()
    net.forward(x)
    np.testing.assert_allclose(net.hidden[0].preactivations, trained, atol=5e-3)


def test_batch_norm_remembers_mean_and_unbiased_variance():
    """Ioffe and Szegedy (2015), algorithm 2, as running averages from 0 and 1."""
    bench = Bench(BatchNorm(momentum=0.3), training=True)
    x, mean, var = bench.input(), np.zeros(N_IN), np.ones(N_IN)
    for _ in range(3):
        bench.forward(x)
        mean, var = 0.7 * mean + 0.3 * x.mean(axis=0), 0.7 * var + 0.3 * x.var(axis=0, ddof=1)
    np.testing.assert_allclose(bench.memory.running_mean, mean, rtol=1e-12)
    np.testing.assert_allclose(bench.memory.running_var, var, rtol=1e-12)


def test_statistics_of_a_normalized_network_are_taken_with_the_batch(tiny):
    from actlab.running import run

    tiny["model"] |= {"norm": "batch_norm", "init": {"name": "gaussian", "std": 5.0}}
    tiny["train"]["epochs"] = 0
    record = run(load(tiny))
    np.testing.assert_allclose(record.statistics["preactivation.std"][0], 1, rtol=1e-3)


def test_measuring_moves_no_running_average():
    net = network(parts("activation")[0], next(iter(parts("norm"))), residual=False)
    before = {name: state.copy() for name, state in net.workspace.state.items()}
    net.forward(np.ones((3, 6)), batch_statistics=True)
    np.testing.assert_equal(net.workspace.state, before)


def test_residual_blocks_add_what_enters_them(tiny):
    tiny["model"] = {"depth": 3, "width": 8, "residual": True, "activation": "relu"}
    net = build(load(tiny), dtype="float64")
    for name in ("hidden3.W", "hidden3.b"):
        net.parameters[name][...] = 0
    net.forward(np.random.default_rng(0).normal(size=(5, 20)))
    np.testing.assert_array_equal(net.hidden[2].activations, net.hidden[0].activations)


def test_residual_needs_a_shape_of_blocks():
    for model in ({"depth": 4, "width": 8}, {"widths": [8, 8, 4]}):
        with pytest.raises(ValueError, match="one width and an odd depth"):
            load({"model": model | {"residual": True}})
    with pytest.raises(ValueError, match="an activation of one piece, not maxout"):
        load({"model": {"activation": "maxout", "residual": True}})
