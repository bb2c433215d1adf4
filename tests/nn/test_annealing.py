"""Softmax whose temperature changes with the share of training done."""

import numpy as np
import pytest
from cases import Bench
from threadpoolctl import threadpool_limits

from actlab.experiment import dump, load
from actlab.nn.activations.softmax import Softmax
from actlab.nn.gradcheck import numerical_gradient, relative_error
from actlab.running import load_data, run
from actlab.training import Run

ANNEALED = Softmax(temperature=4.0, anneal_to=0.25)
TEMPERATURES = pytest.mark.parametrize(
    ("progress", "temperature"), [(0, 4), (0.25, 2), (0.5, 1), (0.75, 0.5), (1, 0.25)]
)


def annealed(tiny, **model):
    tiny["model"] |= {"activation": ANNEALED.written(), **model}
    return tiny


def at(progress):
    bench = Bench(ANNEALED)
    bench.workspace.progress_to(progress)
    return bench


@TEMPERATURES
def test_temperature_goes_geometrically_from_start_to_end(progress, temperature):
    bench, fixed = at(progress), Bench(Softmax(temperature=temperature))
    x = bench.input()
    np.testing.assert_allclose(bench.forward(x), fixed.forward(x), rtol=1e-12)
    found = bench.layer.backward(bench.dy(), bench.memory)
    np.testing.assert_allclose(found, fixed.layer.backward(fixed.dy(), fixed.memory), rtol=1e-12)
    slopes = ANNEALED.slopes(bench.memory), fixed.layer.slopes(fixed.memory)
    np.testing.assert_allclose(*slopes, rtol=1e-12)
    assert ANNEALED.now(bench.memory).steepest == fixed.layer.steepest


def test_gradient_in_the_midst_of_annealing():
    bench = at(0.3)
    x = bench.input()
    bench.forward(x)
    dx = bench.layer.backward(bench.dy(), bench.memory).copy()
    assert relative_error(dx, numerical_gradient(lambda: bench.loss(x), x)) < 1e-7


def test_without_annealing_nothing_is_kept():
    assert Bench(Softmax()).workspace.state == {}


class Sees:
    """Notes the temperatures after every step, in all networks that share the parameters."""

    def __init__(self):
        self.found = []

    def step(self, done, total, loss):
        networks = [self.run.network, self.run.statistics.network, *self.run.stepper.parts]
        memories = [network.hidden[0].memory for network in networks]
        (temperature,) = {ANNEALED.now(memory).temperature for memory in memories}
        self.found.append((done / total, temperature))
        self.parts = len(self.run.stepper.parts)


@pytest.mark.parametrize("parts", [1, 2])
def test_every_step_of_training_moves_the_temperature(tiny, parts, monkeypatch):
    monkeypatch.setattr("actlab.training.number_of_parts", lambda *_: parts)
    experiment, watcher = load(annealed(tiny)), Sees()
    watcher.run = trained = Run(experiment, load_data(experiment), watcher)
    assert ANNEALED.now(trained.network.hidden[0].memory).temperature == 4
    assert trained.to_the_end()[0] == "finished" and watcher.parts == parts
    shares, temperatures = zip(*watcher.found, strict=True)
    assert shares == pytest.approx([n / 6 for n in range(1, 7)])
    assert temperatures == pytest.approx([4 * (1 / 16) ** share for share in shares], rel=1e-6)
    assert temperatures[2] == pytest.approx(1) and temperatures[-1] == 0.25


def test_annealing_changes_training_and_statistics(tiny):
    tiny["record"] |= {"probes": ["confidence", "fractions"]}
    warm = run(load(annealed(tiny)))
    tiny["model"]["activation"] = {"name": "softmax", "temperature": 4.0}
    fixed = run(load(tiny))
    entropies = [record.statistics["hidden_entropy"] for record in (warm, fixed)]
    np.testing.assert_array_equal(entropies[0][0], entropies[1][0])
    assert (entropies[0][-1] < entropies[1][-1] - 0.1).all()


@pytest.mark.parametrize("parts", [1, 2])
def test_annealed_runs_give_the_same_bits_on_any_number_of_threads(tiny, parts, monkeypatch):
    monkeypatch.setattr("actlab.training.number_of_parts", lambda *_: parts)
    records = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            records.append(run(load(annealed(tiny))))
    assert records[0].metrics == records[1].metrics and records[0].final == records[1].final


def test_early_stopping_puts_the_temperature_of_the_best_epoch_back(tiny):
    tiny["regularization"] = {"early_stopping": {"patience": 1}}
    tiny["train"]["epochs"] = 6
    tiny["train"]["lr"] = 1e-9
    experiment = load(annealed(tiny))
    trained = Run(experiment, load_data(experiment))
    trained.to_the_end()
    assert (trained.final["best_epoch"], trained.driver.steps) == (0, 3)
    assert ANNEALED.now(trained.network.hidden[0].memory).temperature == 4


def test_annealing_is_written_and_read(tiny):
    experiment = load(annealed(tiny))
    assert load({**experiment.resolved()}) == experiment and "anneal_to: 0.25" in dump(experiment)
    tiny["model"]["activation"] = "softmax"
    assert "anneal_to" not in dump(load(tiny)), "configs without it keep their hash"
