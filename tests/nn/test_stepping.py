"""The fast step is the plain step: the same update, by parts, fused, on any number of threads."""

import numpy as np
import pytest
from cases import parts, title

from actlab.architecture import build
from actlab.experiment import load
from actlab.nn import blas, dense, stepping, updating
from actlab.nn.optimizers.driver import Driver
from actlab.nn.stepping import Stepper, number_of_columns, number_of_parts
from actlab.nn.team import Team

EVERY_OPTIMIZER = pytest.mark.parametrize("optimizer", parts("optimizer"), ids=title)
CERTAIN = [one for one in parts("activation") if one.name != "rrelu"]  # which draws in every part
BATCH = 24


@pytest.fixture(autouse=True)
def everything_is_worth_sharing(monkeypatch):
    """However small the networks of these tests."""
    monkeypatch.setattr(dense, "WORTHWHILE", 0)


def experiment(optimizer="sgd", **model):
    settings = {"widths": [17, 12], "activation": "prelu", "dtype": "float64", **model}
    config = {"model": settings, "regularization": {"l2": 0.01}, "seed": 3}
    return load(config | {"train": {"optimizer": optimizer}})


def trained(config, number, threads, steps=5, batch=BATCH, columns=1):
    """The parameters and losses after a few steps in so many parts on so many threads."""
    network = build(config, n_in=9)
    driver = Driver(config.train.optimizer, network)
    rng = np.random.default_rng(0)
    losses = []
    with Team(threads) as team:
        stepper = Stepper(network, driver, number, BATCH, team, columns)
        for _ in range(steps):
            x = rng.normal(size=(BATCH, 9)).astype(network.dtype)
            labels = rng.integers(10, size=batch)
            losses.append(stepper.step(lambda rows, x=x: x[rows], labels, 0.05))
    return network.workspace.theta, losses


def plainly(config, steps=5, batch=BATCH):
    """The same by the plain driver: all gradients stored, then one update."""
    network = build(config, n_in=9)
    driver = Driver(config.train.optimizer, network)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        x = rng.normal(size=(BATCH, 9)).astype(network.dtype)
        step_plainly(network, driver, x[:batch], rng.integers(10, size=batch))
    return network.workspace.theta


def step_plainly(network, driver, x, labels):
    scores = network.forward(x, training=True)
    network.backward(network.loss.value_and_gradient(scores, labels)[1])
    driver.step(0.05)


@EVERY_OPTIMIZER
@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("batch", [BATCH, 7])
def test_fused_steps_in_parts_equal_plain_ones(optimizer, number, batch):
    config = experiment(optimizer.written())
    theta, _ = trained(config, number, 1, batch=batch)
    np.testing.assert_allclose(theta, plainly(config, batch=batch), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("activation", CERTAIN, ids=title)
@pytest.mark.parametrize("number", [2, 4])
def test_what_parts_computed_the_whole_takes_down(activation, number):
    config = experiment(activation=activation.written(), norm="layer_norm")
    theta, _ = trained(config, number, 2)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("position", ["before", "after"])
def test_linked_layers_stay_together(position):
    norm = {"name": "layer_norm", "position": position}
    config = experiment(widths=[12, 12, 12], residual=True, norm=norm)
    theta, _ = trained(config, 2, 2)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-9, atol=1e-12)


def test_layers_with_little_to_do_are_not_shared(monkeypatch):
    monkeypatch.setattr(dense, "WORTHWHILE", BATCH * 9 * 17)
    config = experiment(widths=[17, 5])
    network = build(config, n_in=9)
    with Team(2) as team:
        stepper = Stepper(network, Driver(config.train.optimizer, network), 2, BATCH, team)
    assert [one.stop for one in stepper._divided(BATCH)] == [2, None]
    assert stepper._divided(BATCH - 1)[0].stop == 0
    theta, _ = trained(config, 2, 2)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-9, atol=1e-12)


@EVERY_OPTIMIZER
@pytest.mark.parametrize("columns", [2, 3])
def test_steps_that_share_columns_equal_plain_ones(optimizer, columns):
    config = experiment(optimizer.written())
    theta, _ = trained(config, 1, 2, columns=columns)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-9, atol=1e-12)


def test_columns_are_shared_also_where_layers_need_the_batch():
    config = experiment(norm="batch_norm")
    theta, _ = trained(config, 1, 2, columns=2)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-9, atol=1e-12)


def test_rows_shared_in_evaluation_and_columns_in_training_do_not_disturb_each_other():
    config = experiment()
    network = build(config, n_in=9)
    x = np.random.default_rng(0).normal(size=(BATCH, 9))
    labels = np.arange(BATCH) % 10
    with Team(2) as team:
        stepper = Stepper(network, Driver(config.train.optimizer, network), 2, BATCH, team, 2)
        for _ in range(3):
            expected = network.loss.value_and_gradient(network.forward(x), labels)[0]
            assert stepper.evaluate(lambda rows: x[rows], labels)[0] == pytest.approx(expected)
            stepper.step(lambda rows: x[rows], labels, 0.05)
    plain = build(config, n_in=9)
    driver = Driver(config.train.optimizer, plain)
    for _ in range(3):
        step_plainly(plain, driver, x, labels)
    np.testing.assert_allclose(
        network.workspace.theta, plain.workspace.theta, rtol=1e-9, atol=1e-12
    )


def test_small_blocks_change_nothing(monkeypatch):
    whole, _ = trained(experiment(), 2, 1)
    monkeypatch.setattr(updating, "SMALLEST", 30)
    monkeypatch.setattr(updating, "LARGEST", 30)
    np.testing.assert_allclose(trained(experiment(), 2, 1)[0], whole, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("number, columns", [(2, 1), (2, 2), (4, 1)])
@pytest.mark.parametrize("activation", ["prelu", "rrelu"])
def test_the_number_of_threads_changes_no_bit(dtype, number, columns, activation):
    config = experiment(dtype=dtype, activation=activation)
    (one, losses), (two, others) = (
        trained(config, number, threads, columns=columns) for threads in (1, 3)
    )
    np.testing.assert_array_equal(one, two)
    assert losses == others


@pytest.mark.parametrize("number", [1, 2, 4])
def test_nothing_is_updated_if_the_loss_is_not_finite(number):
    network = build(experiment(), n_in=9)
    before, done = network.workspace.theta.copy(), []
    driver = Driver(experiment().train.optimizer, network)
    with Team(2) as team:
        stepper = Stepper(network, driver, number, BATCH, team)
        x, labels = np.full((BATCH, 9), np.nan), np.zeros(BATCH, int)
        loss, _ = stepper.step(lambda rows: x[rows], labels, 0.05, [lambda: done.append(1)])
    assert np.isnan(loss) and driver.steps == 0 and done == [1]
    assert stepper.first_not_finite() == "hidden1"
    np.testing.assert_array_equal(network.workspace.theta, before)


def test_a_fault_leaves_nothing_for_the_next_step():
    network, done = build(experiment(), n_in=9), []
    x, labels = np.ones((BATCH, 9)), np.zeros(BATCH, int)
    with Team(2) as team:
        stepper = Stepper(network, Driver(experiment().train.optimizer, network), 2, BATCH, team)

        def broken(dy, m):
            raise ArithmeticError

        layer = stepper.wholes[0].placed[0].layer
        object.__setattr__(layer, "backward", broken)
        with pytest.raises(ArithmeticError):
            stepper.step(lambda rows: x[rows], labels, 0.05, [lambda: done.append(1)])
        object.__delattr__(layer, "backward")
        assert done == [1]
        after = network.workspace.theta.copy()
        team.finish()
    np.testing.assert_array_equal(network.workspace.theta, after)


def test_dropout_draws_anew_where_a_batch_is_no_longer_shared(monkeypatch):
    config = load({"model": {"widths": [40, 5]}, "regularization": {"dropout": 0.5}})
    network = build(config, n_in=9)
    monkeypatch.setattr(dense, "WORTHWHILE", BATCH * 9 * 40)
    masks = []
    with Team(1) as team:
        stepper = Stepper(network, Driver(config.train.optimizer, network), 2, BATCH, team)
        for n in (BATCH, 10):
            x = np.ones((n, 9), np.float32)
            stepper.step(lambda rows, x=x: x[rows], np.zeros(n, int), 0.0)
            masks.append(stepper.wholes[0].placed[2].memory.mask[:10].copy())
    assert (masks[0] != masks[1]).mean() > 0.4


def test_dropout_draws_anew_in_every_part():
    config = load({"model": {"widths": [400]}, "regularization": {"dropout": 0.5}})
    network = build(config, n_in=9)
    first, second = network.parts(2, BATCH)
    masks = []
    for part in (first, second):
        part.forward(np.ones((12, 9), np.float32), training=True)
        masks.append(part.placed[2].memory.mask.copy())
    assert (masks[0] != masks[1]).mean() > 0.4


def test_layers_that_need_the_batch_are_not_split():
    normed = build(experiment(norm="batch_norm"), n_in=9)
    assert number_of_parts(normed, 10**9) == 1
    assert number_of_parts(build(experiment(), n_in=9), 2) == 1


def test_columns_are_shared_where_that_is_faster(monkeypatch):
    monkeypatch.setattr(stepping.os, "cpu_count", lambda: 4)
    large, small = (build(experiment(widths=[n, n]), n_in=n) for n in (1000, 400))
    assert [number_of_columns(network, 128) for network in (large, small)] == [4, 1]
    assert number_of_columns(large, 1) == 1, "too little work to hand over"
    normed = build(experiment(widths=[400, 400], norm="batch_norm"), n_in=400)
    assert number_of_columns(normed, 128) == 4
    connected = {"model": {"widths": [1000, 1000]}, "regularization": {"dropconnect": 0.5}}
    assert number_of_columns(build(load(connected), n_in=1000), 128) == 1


def test_without_blas_symbols_ufuncs_do_the_same(monkeypatch):
    expected, _ = trained(experiment(), 2, 1)
    monkeypatch.setattr(blas, "_routine", lambda *_: None)
    np.testing.assert_allclose(trained(experiment(), 2, 1)[0], expected, rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_add_product_and_axpy_are_their_formulas(dtype):
    rng = np.random.default_rng(0)
    x, dy, out = (rng.normal(size=s).astype(dtype) for s in ((5, 9), (5, 4), (3, 4)))
    expected = 0.7 * out + x[:, 2:5].T @ dy
    blas.add_product(x[:, 2:5], dy, out, 0.7)
    np.testing.assert_allclose(out, expected, rtol=1e-5)
    y, z = rng.normal(size=(2, 6)).astype(dtype)
    total = y + dtype(0.3) * z
    blas.axpy(0.3, z, y)
    np.testing.assert_allclose(y, total, rtol=1e-6)


@pytest.mark.parametrize("found", [True, False])
def test_what_is_not_kept_may_be_anything(found, monkeypatch):
    if not found:
        monkeypatch.setattr(blas, "_routine", lambda *_: None)
    out = np.full((2, 3), np.nan)
    blas.add_product(np.ones((4, 2)), np.ones((4, 3)), out, 0.0)
    np.testing.assert_array_equal(out, 4)


def test_numpy_s_own_blas_is_found():
    assert blas._routine("axpy", "f") is not None, "the slower ufuncs are in use"
