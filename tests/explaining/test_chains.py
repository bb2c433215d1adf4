"""What is proposed, followed run by run: it ends, nothing is tried twice, and the run is mended."""

import numpy as np
import pytest
from test_rules import experiment, trained

import actlab
from actlab.explaining.reading import Reading
from actlab.explaining.remedies import larger_rate, smaller_rate

TANH_TEN = {"depth": 10, "activation": "tanh", "init": {"name": "gaussian", "std": 0.01}}
COMPUTED = {"name": "he_normal", "gain": "auto"}
SIGMOID = {"depth": 8, "activation": "sigmoid"}
BROKEN = {
    "biases of -3": {"model": {"bias_init": -3.0}},
    "biases of -3 on a leaky slope": {"model": {"bias_init": -3.0, "activation": "leaky_relu"}},
    "biases of -0.5, deep": {"model": {"bias_init": -0.5, "depth": 12}},
    "biases of 20": {"model": {"bias_init": 20.0}},
    "biases of -3 and no weights": {"model": {"bias_init": -3.0, "init": "zeros"}},
    "small weights": {"model": TANH_TEN},
    "zeros": {"model": {"init": "zeros"}},
    "negative weights": {"model": {"init": -0.05, "bias_init": {"name": "gaussian", "std": 0.1}}},
    "a rate far too high": {"train": {"lr": 30.0}},
    "deep sigmoid": {"model": SIGMOID},
    "deep sigmoid, computed gain": {"model": {**SIGMOID, "init": COMPUTED}},
}
"""Configs that do not learn."""

STEPS = 5


def followed(settings):
    """The records from a config along the proposed commands, to the last that proposes a run."""
    made, records = experiment(**settings), []
    while len(records) <= STEPS:
        records.append(trained(made))
        found = [f for f in actlab.explain(records[-1]) if f.command()]
        if not found:
            return records
        assert found[0].verb == "run", found[0]
        made = actlab.load(made.resolved(), list(found[0].changes))
        assert made.digest not in {record.experiment.digest for record in records}, found[0]
    raise AssertionError(f"more is proposed after {STEPS} steps: {found[0]}")


@pytest.mark.parametrize("broken", BROKEN)
def test_following_the_commands_mends_the_run(broken):
    first, *_, last = followed(BROKEN[broken])
    accuracy = first.final.get("val_accuracy", np.nan)
    assert not accuracy > 0.3 and last.final["val_accuracy"] > 0.9


@pytest.mark.parametrize("broken", [name for name in BROKEN if name.startswith("biases")])
def test_biases_are_named_where_they_are_the_cause(broken):
    (finding, *rest) = actlab.explain(trained(BROKEN[broken]))
    assert finding.rule == "biases" and finding.changes == ("model.bias_init=zeros",)
    assert not {f.rule for f in rest} & {"dead", "collapse", "explosion", "symmetry", "low_rate"}


@pytest.mark.parametrize(
    "model",
    [
        {"bias_init": 0.1},
        {"bias_init": 1.0},
        {"bias_init": -3.0, "norm": "batch_norm"},
        {**TANH_TEN, "bias_init": 0.1},
        {"bias_init": 0.1, "width": 4, "depth": 20},
        {"bias_init": 5.0, "depth": 0},
    ],
    ids=str,
)
def test_other_biases_are_not_to_blame(model):
    found = actlab.explain(trained({"model": model, "train": {"epochs": 0}}))
    assert "biases" not in [finding.rule for finding in found]


@pytest.mark.parametrize("init", ["he_normal", COMPUTED], ids=str)
def test_a_deep_sigmoid_network_is_told_to_change_its_activation(init):
    (finding, *_) = actlab.explain(trained({"model": {**SIGMOID, "init": init}}))
    assert finding.rule == "vanishing"
    assert finding.changes == ("model.activation=relu", "model.init=he_normal")


def test_a_shallow_sigmoid_network_that_learns_is_left_alone():
    record = trained({"model": {"depth": 1, "activation": "sigmoid"}, "train": {"lr": 0.3}})
    assert record.final["val_accuracy"] > 0.9 and actlab.explain(record) == []


def test_no_rate_comes_twice_when_steps_are_too_large_and_too_small_in_turn():
    """Up by 3, 30, ... and down by 10, whatever the order."""
    rng, record, rates = np.random.default_rng(0), trained({"train": {"epochs": 0}}), []
    for _ in range(40):
        rates.append(record.experiment.train.optimizer.lr)
        run = Reading(record)
        up = rng.random() < 0.6
        changes = larger_rate(run, 10 ** rng.uniform(-5, -3.5)) if up else smaller_rate(run)
        record = actlab.Record(actlab.load(run.experiment.resolved(), list(changes)), "finished")
    assert len(set(rates)) == len(rates) == 40


def test_a_remedy_that_is_in_use_is_not_proposed_again():
    """Batch norm comes last; a network that collapses all the same is told that this was all."""
    model = {"width": 2, "depth": 20, "activation": "leaky_relu", "norm": "batch_norm"}
    record = trained({"model": model, "train": {"epochs": 0}})
    falling = dict(record.statistics)
    falling["activation.std"] = np.geomspace(1, 1e-6, 20)[None]
    made = experiment(model={**model, "init": COMPUTED})
    told = actlab.Record(made, "finished", record.metrics, falling)
    (finding, *_) = actlab.explain(told)
    assert finding.rule == "collapse" and finding.changes == () and finding.command() == ""


def test_remedies_against_overfitting_come_to_an_end():
    """Every one is there once, and then it is said that only examples are left."""
    made, overfits = experiment(), {"train_accuracy": 1.0, "val_accuracy": 0.5}
    digests = []
    for _ in range(10):
        digests.append(made.digest)
        (finding,) = actlab.explain(actlab.Record(made, "finished", final=overfits))
        if not finding.command():
            break
        made = actlab.load(made.resolved(), list(finding.changes))
    assert 3 <= len(digests) == len(set(digests)) < 6
    assert "what is left is more training examples" in finding.evidence
