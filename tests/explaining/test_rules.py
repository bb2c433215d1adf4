"""Every rule, on a run that has its fault and on one that has not."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import yaml

import actlab
from actlab.config import members
from actlab.data.dataset import Dataset, Split
from actlab.explaining import signs
from actlab.explaining.base import spelled
from actlab.explaining.reading import number, share
from actlab.record import Record

FEATURES, EXAMPLES = 40, 600


def experiment(**sections):
    """A small network on rows of ten classes that it can learn in seconds."""
    base = {
        "data": {"source": {"name": "gaussian", "n": EXAMPLES, "features": FEATURES}},
        "model": {"depth": 4, "width": 60, "activation": "relu", "init": "he_normal"},
        "train": {"epochs": 6, "batch_size": 30, "optimizer": {"name": "sgd", "lr": 0.02}},
        "record": {"probe_examples": 200, "bins": 10},
    }
    return actlab.load(
        {key: {**base.get(key, {}), **sections.get(key, {})} for key in base | sections}
    )


def trained(settings=None, *, overlap=1.0, shift=0.0, scale=1.0):
    """The record of a run on ten clouds of points; `overlap` blurs their borders."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(10, FEATURES))

    def split(n):
        labels = rng.integers(10, size=n)
        x = centres[labels] + overlap * rng.normal(size=(n, FEATURES))
        return Split((scale * (x + shift)).astype(np.float32), labels)

    data = Dataset(split(EXAMPLES), split(300), split(300), tuple("abcdefghij"), (FEATURES,))
    made = settings if isinstance(settings, actlab.Experiment) else experiment(**(settings or {}))
    return actlab.run(made, data=data)


TANH_TEN = {"depth": 10, "activation": "tanh"}
FAULTS = {
    "collapse": {"model": {**TANH_TEN, "init": {"name": "gaussian", "std": 0.01}}},
    "saturation": {"model": {"activation": "tanh", "init": {"name": "gaussian", "std": 2.0}}},
    "explosion": {
        "model": {"init": {"name": "gaussian", "std": 1.0}}, "train": {"epochs": 0}
    },
    "vanishing": {"model": {"depth": 10, "activation": "sigmoid", "init": "xavier_normal"}},
    "symmetry": {"model": {"init": "zeros"}},
    "biases": {"model": {"bias_init": -3.0}},
    "dead": {"model": {"activation": "relu", "width": 4, "depth": 20}},
    "high_rate": {"train": {"lr": 1e4}},
    "low_rate": {"train": {"lr": 1e-7}},
}  # fmt: skip
"""A config for each fault that a config can have."""


def rules(record):
    return [finding.rule for finding in actlab.explain(record)]


@pytest.fixture(scope="module")
def healthy():
    """A run with nothing wrong."""
    return trained()


def test_a_healthy_run_has_no_finding_and_says_what_shows_it(healthy):
    assert actlab.explain(healthy) == []
    said = " ".join(signs(healthy))
    for word in ("std of the activations", "gradients in layer 1", "dead units", "validation loss"):
        assert word in said


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_with_a_fault_has_that_finding_first(fault):
    found = actlab.explain(trained(FAULTS[fault]))
    assert [finding.rule for finding in found][:1] == [fault], found
    finding = found[0]
    assert finding.title and len(finding.evidence) > 20 and any(map(str.isdigit, finding.evidence))


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_advised_mends_the_fault(fault):
    """The overrides are valid, and the same run with them has the finding no more."""
    record = trained(FAULTS[fault])
    finding = actlab.explain(record)[0]
    mended = record.experiment
    for _ in range(8):  # a rate that is far too high is divided more than once
        mended = actlab.load(mended.resolved(), list(finding.changes))
        after = [f for f in actlab.explain(trained(mended)) if f.rule == fault]
        if not after or fault != "high_rate":
            break
        finding = after[0]
    assert not after


def test_every_rule_has_a_run_that_has_its_fault():
    others = {"large_inputs", "uncentred", "overfitting", "no_progress", "unfinished"}
    others |= {"slow"}
    assert set(members("rule")) == set(FAULTS) | others


@pytest.mark.parametrize("shift", [0.0, 10.0])
def test_inputs_that_are_not_centred(shift):
    found = {f.rule: f for f in actlab.explain(trained(shift=shift, scale=0.1))}
    assert ("uncentred" in found) == (shift > 0)
    if shift:
        assert found["uncentred"].changes == ("data.preprocess=[standardize]",)
        # nearly constant inputs leave whole layers on one side of their kinks
        assert found["dead"].changes == ("data.preprocess=[standardize]",)
        assert "uncentred" not in rules(trained({"data": {"preprocess": "standardize"}}, shift=10))


def test_inputs_that_are_not_scaled_explain_what_follows():
    found = actlab.explain(trained(shift=100.0))
    assert [finding.rule for finding in found] == ["large_inputs"]
    assert "root mean square is 100" in found[0].evidence


def test_a_run_that_overfits():
    settings = {"train": {"epochs": 40, "lr": 0.05}}
    (finding,) = actlab.explain(trained(settings, overlap=2.5))
    assert finding.rule == "overfitting" and "validation" in finding.evidence
    assert finding.changes == ("regularization.dropout=0.2", "train.epochs=80")


def test_units_that_died_in_training_call_for_a_smaller_rate():
    record = trained({"train": {"lr": 0.8, "epochs": 3}})
    dead = [f for f in actlab.explain(record) if f.rule == "dead"]
    assert dead and dead[0].title == "units died in training"
    assert dead[0].changes == ("train.lr=0.08",)


def test_saturation_in_training_is_told_from_saturation_before():
    record = trained({"model": {"activation": "tanh", "init": "xavier_normal"}})
    assert rules(record) == []
    late = replace(record, statistics=copy.deepcopy(dict(record.statistics)))
    late.statistics["saturated_fraction"][-1] = 0.6
    (finding,) = actlab.explain(late)
    assert finding.title == "activations saturate in training" and "60%" in finding.evidence
    assert finding.changes == ("train.lr=0.002",)


def test_half_of_all_relus_being_off_is_not_saturation(healthy):
    assert healthy.statistics["saturated_fraction"][0].min() > 0.3


def test_a_softmax_between_hidden_layers_is_said_to_be_none():
    (finding, *_) = actlab.explain(trained({"model": {"activation": "softmax", "width": 300}}))
    assert "softmax" in finding.title or finding.rule == "collapse"
    assert finding.changes == ("model.activation=relu", "model.init=he_normal")


def test_distinct_units_decide_where_they_were_counted(healthy):
    counted = replace(healthy, statistics=dict(healthy.statistics))
    n = len(healthy.statistics["step"])
    counted.statistics["distinct_units"] = np.ones((n, 4))
    assert rules(counted) == []
    counted.statistics["distinct_units"][:, 1:3] = 1 / 60
    (finding,) = actlab.explain(counted)
    assert finding.rule == "symmetry" and finding.layers == (2, 3)
    assert "one distinct unit" in finding.evidence


def test_random_biases_break_the_symmetry():
    assert "symmetry" in rules(trained({"model": {"init": 0.05}, "train": {"epochs": 1}}))
    biases = {"model": {"init": 0.05, "bias_init": {"name": "gaussian", "std": 0.5}}}
    assert "symmetry" not in rules(trained({**biases, "train": {"epochs": 1}}))


def test_a_loss_that_goes_up_and_down(healthy):
    rows = [dict(row) for row in healthy.metrics]
    for epoch, row in enumerate(rows[1:]):
        row["train_loss"] = 1.0 + 0.5 * (epoch % 2)
    (finding,) = actlab.explain(replace(healthy, metrics=rows))
    assert finding.rule == "high_rate" and "in 3 of 5 epochs" in finding.evidence
    assert finding.changes == ("train.lr=0.002",)


def test_a_loss_that_is_nearly_zero_may_waver(healthy):
    rows = [dict(row) for row in healthy.metrics]
    for epoch, row in enumerate(rows[1:]):
        row["train_loss"] = 0.001 * (1 + epoch % 2)
    assert actlab.explain(replace(healthy, metrics=rows)) == []


def test_noise_in_training_is_no_rise_of_the_loss():
    """Dropout is off in the loss before training and on in that after each epoch."""
    settings = {"train": {"lr": 1e-7, "epochs": 2}, "regularization": {"dropout": 0.5}}
    record = trained(settings)
    assert record.metrics[-1]["train_loss"] > 1.05 * record.metrics[0]["train_loss"]
    (finding,) = actlab.explain(record)
    assert finding.rule == "low_rate" and "validation loss" in finding.evidence


def test_huge_steps(healthy):
    large = replace(healthy, statistics=dict(healthy.statistics))
    large.statistics["update_ratio"] = 50 * healthy.statistics["update_ratio"]
    (finding,) = actlab.explain(large)
    assert finding.rule == "high_rate" and "1e-3 is healthy" in finding.evidence


def test_no_progress_for_no_reason_asks_for_the_gradients(healthy):
    rows = [{**row, "train_loss": 2.3, "val_loss": 2.3} for row in healthy.metrics]
    (finding,) = actlab.explain(replace(healthy, metrics=rows))
    assert finding.rule == "no_progress"
    assert finding.command("a b.yaml") == "actlab gradcheck 'a b.yaml'"


def test_causes_silence_their_consequences(healthy):
    flat = [{**row, "train_loss": 2.3, "val_loss": 2.3} for row in healthy.metrics]
    raw = {**healthy.statistics, "input.min": np.zeros(len(flat)), "input.mean": np.ones(len(flat))}
    assert rules(replace(healthy, metrics=flat, statistics=raw)) == ["uncentred"]
    dying = {**healthy.statistics, "dead_fraction_training_set": np.full(4, 0.9)}
    assert rules(replace(healthy, statistics=dying)) == ["dead"]
    small = {**dying, "activation.std": healthy.statistics["activation.std"] * [1, 1, 1, 1e-4]}
    assert rules(replace(healthy, statistics=small)) == ["collapse"]


def test_runs_without_an_end():
    made = experiment()
    (failed,) = actlab.explain(Record(made, "failed", fault="MemoryError: too much"))
    assert failed.title == "the run failed" and failed.evidence == "MemoryError: too much"
    (stopped,) = actlab.explain(Record(made, "interrupted", fault="interrupted after step 3 of 9"))
    assert stopped.command() == "actlab run CONFIG"


@pytest.mark.parametrize("probes", [[], ["moments"], ["weights"]], ids=str)
def test_rules_are_silent_about_what_was_not_recorded(probes):
    record = trained({"record": {"probes": probes}, "train": {"epochs": 1}})
    assert rules(record) == [] and signs(record)


@pytest.mark.parametrize("lr", [0.0, 1e38])
def test_rates_at_both_ends(lr):
    (finding, *_) = actlab.explain(trained({"train": {"lr": lr, "epochs": 1}}))
    assert finding.rule == ("high_rate" if lr else "low_rate")
    actlab.load(experiment().resolved(), list(finding.changes))


def test_activations_that_overflow_at_once():
    config = {"model": {"init": {"name": "gaussian", "std": 1e30}}, "train": {"epochs": 1}}
    (finding, *_) = actlab.explain(trained(config))
    assert finding.rule == "explosion" and "not finite" in finding.evidence


def test_depths_without_layers_to_compare():
    for depth in (0, 1):
        assert rules(trained({"model": {"depth": depth}})) == []


def test_words():
    assert [spelled(layers) for layers in ((), (3,), (1, 2), (4, 5, 6), (2, 5, 7))] == [
        "", "layer 3", "layers 1 and 2", "layers 4 to 6", "layers 2, 5 and 7",
    ]  # fmt: skip
    assert [number(x) for x in (0.2130, 1.4e-6, 1e-7, 1500.0, 0.0, np.inf, 2e9)] == [
        "0.21", "1.4e-6", "1e-7", "1500", "0", "not finite", "2e9",
    ]  # fmt: skip
    assert [share(x) for x in (0.0, 0.004, 0.5)] == ["0%", "under 1%", "50%"]


def test_a_command_can_be_typed_as_it_stands():
    finding = actlab.explain(trained(FAULTS["symmetry"]))[0]
    assert finding.command("c.yaml") == "actlab run c.yaml model.init=he_normal"
    uncentred = actlab.explain(trained(shift=10, scale=0.1))[-1]
    assert uncentred.rule == "uncentred"
    assert uncentred.command() == "actlab run CONFIG 'data.preprocess=[standardize]'"
    assert yaml.safe_load("[standardize]") == ["standardize"]
