"""Training: pairing, bits, penalties, statuses, and what is measured."""

import numpy as np
import pytest

from actlab.architecture import build
from actlab.experiment import load
from actlab.nn.gradcheck import numerical_gradient, relative_error
from actlab.running import run
from actlab.training import Run


def test_the_same_config_gives_the_same_bits(tiny):
    one, other = run(load(tiny)), run(load(tiny))
    assert one.metrics == other.metrics and one.final == other.final
    for name, array in one.statistics.items():
        np.testing.assert_array_equal(array, other.statistics[name], err_msg=name)


@pytest.mark.parametrize("norm", [None, "batch_norm"])
@pytest.mark.parametrize("cores", [2, 4])
def test_the_number_of_threads_changes_no_bit(norm, cores, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    model = {"depth": 2, "width": 700} | ({"norm": norm} if norm else {})
    experiment = load(
        {
            "data": {
                "source": {"name": "gaussian", "n": 300, "features": 200},
                "preprocess": ["whiten"],
            },
            "model": model,
            "train": {"epochs": 1, "batch_size": 64},
        }
    )
    records = []
    for threads in (1, 4):
        monkeypatch.setattr("actlab.training.blas_threads", lambda threads=threads: threads)
        records.append(run(experiment))
    one, two = records
    assert one.metrics == two.metrics and one.final == two.final
    for name, array in one.statistics.items():
        np.testing.assert_array_equal(array, two.statistics[name], err_msg=name)


def test_changing_the_initializer_leaves_data_and_batches(tiny):
    def first_batches(init):
        tiny["model"]["init"] = init
        experiment = load(tiny)
        data = experiment.data.source.load(experiment.seed)
        return list(Run(experiment, data, None).batches(1))

    for one, other in zip(first_batches("he_normal"), first_batches("zeros"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_deeper_networks_start_from_the_same_lower_layers(tiny):
    shallow = build(load(tiny)).parameters["hidden1.W"]
    tiny["model"]["depth"] = 5
    np.testing.assert_array_equal(build(load(tiny)).parameters["hidden1.W"], shallow)


def test_every_example_once_an_epoch_with_a_short_last_batch(tiny):
    experiment = load(tiny)
    data = experiment.data.source.load(experiment.seed)
    batches = list(Run(experiment, data, None).batches(1))
    assert [len(chosen) for chosen in batches] == [25, 25, 10]
    assert sorted(np.concatenate(batches)) == list(range(60))


def test_l2_adds_half_c_w_squared_and_its_gradient(tiny):
    tiny["model"]["activation"] = "tanh"
    plain = build(load(tiny), dtype="float64")
    tiny["regularization"] = {"l2": 0.3}
    decayed = build(load(tiny), dtype="float64")
    x, labels = np.random.default_rng(0).normal(size=(7, 20)), np.arange(7)
    (loss, grads), (more, with_decay) = (n.loss_and_gradients(x, labels) for n in (plain, decayed))
    weights = {k: v for k, v in plain.parameters.items() if k.endswith(".W")}
    squares = sum(float((w**2).sum()) for w in weights.values())
    assert more - loss == pytest.approx(0.15 * squares)
    for name, gradient in grads.items():
        added = 0.3 * weights[name] if name in weights else 0
        np.testing.assert_allclose(with_decay[name] - gradient, added, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "maxout", "prelu"])
def test_loss_and_gradients_agree_with_differences(tiny, activation):
    tiny |= {"regularization": {"l2": 0.1, "dropout": 0.5}, "seed": 4}
    tiny["model"] = {"widths": [5, 4], "activation": activation}
    network = build(load(tiny), n_in=6, dtype="float64")
    x, labels = np.random.default_rng(1).normal(size=(3, 6)), np.array([0, 9, 4])
    _, gradients = network.loss_and_gradients(x, labels)
    for name, parameter in network.parameters.items():
        numerical = numerical_gradient(lambda: network.loss_and_gradients(x, labels)[0], parameter)
        assert relative_error(gradients[name], numerical) < 1e-6, name


def test_sgd_with_momentum_step_by_step(tiny):
    tiny["train"] = {"epochs": 1, "batch_size": 60, "optimizer": {"name": "sgd", "lr": 0.1}}
    tiny["model"]["dtype"] = "float64"
    tiny["regularization"] = {"l2": 0.01}
    experiment = load(tiny)
    trained = Run(experiment, experiment.data.source.load(0), None)
    network = build(experiment)
    theta = {name: value.copy() for name, value in network.parameters.items()}
    velocity = {name: np.zeros_like(value) for name, value in theta.items()}
    for epoch in (1, 2, 3):
        (chosen,) = trained.batches(epoch)
        train = trained.data.train
        _, gradients = network.loss_and_gradients(train.x[chosen], train.labels[chosen])
        for name in theta:
            velocity[name] = 0.9 * velocity[name] + gradients[name]
            theta[name] = theta[name] - 0.1 * velocity[name]
            network.parameters[name][...] = theta[name]
        with trained.at_work():
            trained._epoch(epoch)
    for name, value in trained.network.parameters.items():
        np.testing.assert_allclose(value, theta[name], rtol=1e-10, err_msg=name)


def test_a_huge_rate_diverges_and_says_where(tiny):
    tiny["train"]["optimizer"] = {"name": "sgd", "lr": 1e38}
    record = run(load(tiny))
    assert record.status == "diverged" and record.metrics
    assert "at step 2 (epoch 1)" in record.fault
    assert record.fault.endswith("first not finite: hidden2")


def test_an_interrupted_run_keeps_what_it_has(tiny):
    class Interrupts:
        def step(self, done, total, loss):
            if done == 4:
                raise KeyboardInterrupt

    record = run(load(tiny), watcher=Interrupts())
    assert record.status == "interrupted" and "step 4 of 6" in record.fault
    assert [row["epoch"] for row in record.metrics] == [0, 1]


def test_statistics_by_step(tiny):
    tiny["record"]["every"] = 2
    record = run(load(tiny))
    assert record.statistics["step"].tolist() == [0, 2, 4, 6]
    assert record.statistics["epoch"].tolist() == [0, 1, 2, 2]


def test_no_epochs_record_the_first_state_only(tiny):
    tiny["train"]["epochs"] = 0
    record = run(load(tiny))
    assert record.status == "finished" and len(record.metrics) == 1
    assert record.statistics["activation.std"].shape == (1, 2)


def test_statistics_are_those_of_numpy(tiny):
    tiny["train"]["epochs"] = 0
    tiny["model"] |= {"activation": "tanh", "init": {"name": "gaussian", "std": 2.0}}
    tiny["record"]["probe_examples"] = 60
    experiment = load(tiny)
    record = run(experiment)
    network = build(experiment)
    network.forward(experiment.data.source.load(0).train.x)
    y, z = network.hidden[1].activations, network.hidden[1].preactivations
    found = {
        name: array[0, 1]
        for name, array in record.statistics.items()
        if array.ndim == 2 and array.shape[1] == 2
    }
    assert found["activation.mean"] == pytest.approx(y.mean(), abs=1e-6)
    assert found["activation.std"] == pytest.approx(y.std(), rel=1e-5)
    assert found["preactivation.max"] == pytest.approx(z.max(), rel=1e-6)
    assert found["saturated_fraction"] == pytest.approx(
        (1 - y.astype(float) ** 2 < 0.01).mean(), abs=2e-3
    )
    counts = record.statistics["activation.counts"][0, 1]
    edges = record.statistics["activation.edges"][0]
    np.testing.assert_allclose(counts, np.histogram(y, edges)[0], atol=2)
    assert counts.sum() == y.size


def test_exact_zeros_are_kept_apart(tiny):
    tiny["train"]["epochs"] = 0
    record = run(load(tiny))
    zeros = record.statistics["activation.zeros"][0]
    size = 40 * 16
    np.testing.assert_allclose(zeros / size, record.statistics["zero_fraction"][0])
    counts = record.statistics["activation.counts"][0].sum(axis=1)
    np.testing.assert_array_equal(counts + zeros, size)


def test_dead_units_are_those_without_slope_on_the_whole_training_set(tiny):
    tiny["model"] |= {"bias_init": -100.0}
    tiny["train"]["epochs"] = 0
    record = run(load(tiny))
    assert record.statistics["dead_fraction_training_set"].tolist() == [1.0, 1.0]
    tiny["model"] |= {"activation": "leaky_relu"}
    assert run(load(tiny)).statistics["dead_fraction_training_set"].tolist() == [0.0, 0.0]


def test_constant_weights_keep_all_units_of_a_layer_alike(tiny):
    tiny["model"] |= {"init": 0.1, "activation": "tanh"}
    experiment = load(tiny)
    trained = Run(experiment, experiment.data.source.load(0), None)
    trained.to_the_end()
    W = trained.network.parameters["hidden1.W"]
    assert np.ptp(W, axis=1).max() < 1e-6 and not np.allclose(W, 0.1)


def test_a_small_network_can_overfit_twenty_examples():
    experiment = load(
        {
            "data": {"source": {"name": "gaussian", "n": 20, "features": 50}},
            "model": {"depth": 1, "width": 64},
            "train": {"epochs": 200, "batch_size": 20, "lr": 0.1},
        }
    )
    final = run(experiment).final
    assert final["train_accuracy"] == 1 and final["train_loss"] < 0.02


def test_first_loss_of_ten_classes_is_ln_ten(tiny):
    tiny["model"]["output_init"] = "zeros"
    assert run(load(tiny)).metrics[0]["val_loss"] == pytest.approx(np.log(10))


def test_dropout_scales_so_that_the_mean_output_is_the_input():
    from cases import Bench

    from actlab.nn.regularizers.dropout import DropoutLayer

    bench = Bench(DropoutLayer(0.3), training=True, n_in=400, capacity=500)
    y = bench.forward(np.ones((500, 400)))
    kept = (y > 0).mean()
    spread = np.sqrt(0.3 * 0.7 / y.size)
    assert abs(kept - 0.7) < 5 * spread
    assert np.unique(y).tolist() == pytest.approx([0, 1 / 0.7], rel=1e-4)
