"""The fast step is the plain step: the same update, by parts, fused, on any number of threads."""

import threading

import numpy as np
import pytest
from cases import parts, title

from actlab.architecture import build
from actlab.experiment import load
from actlab.nn import blas, dense, stepping
from actlab.nn.optimizers.driver import Driver
from actlab.nn.stepping import Stepper, number_of_columns, number_of_parts
from actlab.nn.team import Team

EVERY_OPTIMIZER = pytest.mark.parametrize("optimizer", parts("optimizer"), ids=title)
BATCH = 24


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
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("batch", [BATCH, 7])
def test_fused_steps_in_parts_equal_plain_ones(optimizer, number, batch):
    config = experiment(optimizer.written())
    theta, _ = trained(config, number, 1, batch=batch)
    np.testing.assert_allclose(theta, plainly(config, batch=batch), rtol=1e-9, atol=1e-12)


@EVERY_OPTIMIZER
@pytest.mark.parametrize("columns", [2, 3])
def test_steps_that_share_columns_equal_plain_ones(optimizer, columns, monkeypatch):
    monkeypatch.setattr(dense, "WORTHWHILE", 0)
    config = experiment(optimizer.written())
    theta, _ = trained(config, 1, 2, columns=columns)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-9, atol=1e-12)


def test_columns_are_shared_also_where_layers_need_the_batch(monkeypatch):
    monkeypatch.setattr(dense, "WORTHWHILE", 0)
    config = experiment(norm="batch_norm")
    theta, _ = trained(config, 1, 2, columns=2)
    np.testing.assert_allclose(theta, plainly(config), rtol=1e-9, atol=1e-12)


def test_rows_shared_in_evaluation_and_columns_in_training_do_not_disturb_each_other(monkeypatch):
    monkeypatch.setattr(dense, "WORTHWHILE", 0)
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
    monkeypatch.setattr(stepping, "BLOCK", 30)
    np.testing.assert_allclose(trained(experiment(), 2, 1)[0], whole, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("columns", [1, 2])
def test_the_number_of_threads_changes_no_bit(dtype, columns, monkeypatch):
    monkeypatch.setattr(dense, "WORTHWHILE", 0)
    config = experiment(dtype=dtype)
    (one, losses), (two, others) = (
        trained(config, 2, threads, columns=columns) for threads in (1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert losses == others


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


def test_numpy_s_own_blas_is_found():
    assert blas._routine("axpy", "f") is not None, "the slower ufuncs are in use"


def test_a_team_runs_all_tasks_and_passes_faults_on():
    seen = []
    with Team(2) as team:
        team.together([lambda k=k: seen.append((k, threading.get_ident())) for k in range(4)])
        assert sorted(k for k, _ in seen) == [0, 1, 2, 3]
        assert len({thread for _, thread in seen}) == 2
        with pytest.raises(ZeroDivisionError):
            team.together([lambda: None, lambda: 1 / 0])
        with pytest.raises(KeyError):
            team.together([lambda: {}["x"], lambda: None])
        team.together([lambda: seen.append(9)])
    assert seen[-1] == 9
