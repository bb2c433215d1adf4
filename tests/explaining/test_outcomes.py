"""What became of a run: a gap, slow steps, or a folder that holds only part of it."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from test_rules import experiment, trained
from typer.testing import CliRunner

import actlab
from actlab.cli import app, main
from actlab.running import run


def rules(record):
    return [finding.rule for finding in actlab.explain(record)]


def ended(train, val, examples=1000, epochs=6):
    """The record of a run of which only the accuracies at the end are known."""
    source = {"name": "synthetic", "train": 2000, "validation": examples}
    made = experiment(
        data={"source": source, "preprocess": ["scale", "mean_image"]}, train={"epochs": epochs}
    )
    return actlab.Record(made, "finished", final={"train_accuracy": train, "val_accuracy": val})


@pytest.fixture(scope="module")
def overfitted():
    """A run whose train and validation accuracy are far apart."""
    return trained({"train": {"epochs": 20}}, overlap=2.5)


def test_a_gap_is_told_before_the_validation_loss_turns(overfitted):
    """Two seeds of one gap are told the same, whenever their loss was least."""
    falling = [{**row, "val_loss": 3.0 / (1 + at)} for at, row in enumerate(overfitted.metrics)]
    for record in (overfitted, replace(overfitted, metrics=falling)):
        (finding,) = actlab.explain(record)
        assert finding.rule == "overfitting" and "give or take" in finding.evidence
        assert ("rose" in finding.evidence) == (record is overfitted)


def test_a_small_gap_is_healthy():
    record = trained({"train": {"epochs": 20}}, overlap=1.0)
    assert record.final["train_accuracy"] - record.final["val_accuracy"] < 0.1
    assert actlab.explain(record) == []


@pytest.mark.parametrize(
    ("train", "val", "examples", "overfits"),
    [
        (0.722, 0.433, 1000, True),  # configs/quickstart.yaml
        (0.61, 0.26, 1000, True),
        (0.55, 0.43, 1000, False),  # 12 points, known to 3.1
        (0.55, 0.43, 10_000, True),  # known to 1.0
        (0.722, 0.433, 20, False),  # known to 22
        (0.99, 0.90, 10_000, False),
        (0.40, 0.45, 1000, False),
        (1.0, 0.0, 1000, True),
    ],
)
def test_a_gap_counts_beyond_the_noise_of_the_validation_examples(train, val, examples, overfits):
    assert ("overfitting" in rules(ended(train, val, examples))) == overfits


def test_without_validation_examples_no_gap_is_told():
    assert rules(ended(1.0, np.nan, 0)) == []


def test_images_are_flipped_first_and_trained_on_for_longer():
    (finding,) = actlab.explain(ended(0.722, 0.433, epochs=8))
    assert finding.changes == ("data.augment=[flip]", "train.epochs=16")


@pytest.mark.parametrize(("depth", "rate"), [(1, 0.2), (4, 0.2), (8, 0.1), (16, 0.05)])
def test_less_dropout_is_advised_for_deeper_networks(depth, rate):
    made = experiment(model={"depth": depth})
    final = {"train_accuracy": 1.0, "val_accuracy": 0.5}
    (finding,) = actlab.explain(actlab.Record(made, "finished", final=final))
    assert finding.changes == (f"regularization.dropout={rate}", "train.epochs=12")


def test_what_is_advised_against_overfitting_helps_on_validation():
    """The loss falls however blurred the clouds are; more is right of all of them together."""
    right = []
    for overlap in (2.0, 2.5, 3.0):
        before = trained({"train": {"epochs": 20}}, overlap=overlap)
        (finding,) = actlab.explain(before)
        assert finding.rule == "overfitting"
        mended = actlab.load(before.experiment.resolved(), list(finding.changes))
        after = trained(mended, overlap=overlap)
        assert after.final["val_loss"] < before.final["val_loss"]
        right.append(after.final["val_accuracy"] - before.final["val_accuracy"])
    assert np.mean(right) > 0.03


@pytest.mark.parametrize(("lr", "slow"), [(3e-4, True), (3e-3, False)])
def test_small_steps_that_have_not_come_half_way_are_slow(lr, slow):
    model = {"activation": "silu", "depth": 6}
    record = trained({"model": model, "train": {"lr": lr}})
    assert rules(record) == ["slow"] * slow
    if slow:
        (finding,) = actlab.explain(record)
        assert finding.changes == ("train.lr=0.0009",) and "1e-3 is healthy" in finding.evidence
        after = trained({"model": model, "train": {"lr": 0.0009}})
        assert after.final["train_accuracy"] > 0.8 and rules(after) == []


def test_small_steps_of_a_run_that_has_learned_are_not_slow():
    record = trained({"train": {"lr": 3e-4, "epochs": 20}})
    assert record.final["train_accuracy"] > 0.8 and rules(record) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny_config):
    """Two runs, of one of which the statistics were not published."""
    results = tmp_path_factory.mktemp("results")
    for name in ("part", "whole"):
        run(actlab.load({**tiny_config, "name": name, "train": {"epochs": 0}}), results)
    (part,) = (results / "part").iterdir()
    (part / "stats.npz").unlink()
    return results


def said(capsys, monkeypatch, *words):
    """Exit code and output of the command as a user types it."""
    monkeypatch.setattr("sys.argv", ["actlab", "explain", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0, *capsys.readouterr()


def test_a_folder_without_statistics_says_so_in_one_line(folder, capsys, monkeypatch):
    (part,) = (folder / "part").iterdir()
    code, out, err = said(capsys, monkeypatch, part)
    assert code == 2 and not out and err.count("\n") == 1
    assert "holds only part of a run" in err and "stats.npz" in err and "Errno" not in err
    command = err.strip().split("with: ")[1]
    assert command == f"actlab run {part}/config.yaml"


def test_the_runs_beside_it_are_explained_all_the_same(folder, capsys, monkeypatch):
    code, out, err = said(capsys, monkeypatch, folder)
    assert code == 2 and "whole" in out and "part" not in out and "only part" in err
    assert out.count("healthy before training") == 1
    (whole,) = (folder / "whole").iterdir()
    assert said(capsys, monkeypatch, whole)[0] == 0


def test_nothing_more_to_propose_is_said(folder, tmp_path):
    """An overfitted run in which every remedy is in use, as text and as JSON."""
    (whole,) = (folder / "whole").iterdir()
    copy = shutil.copytree(whole, tmp_path / "run")
    summary = json.loads((copy / "summary.json").read_text())
    summary["metrics"] = {"train_accuracy": 1.0, "val_accuracy": 0.1}
    (copy / "summary.json").write_text(json.dumps(summary))
    parts = {"dropout": {"rate": 0.2}, "early_stopping": {}, "l2": {"strength": 1e-3}}
    made = actlab.load(copy / "config.yaml").resolved() | {"regularization": parts}
    (copy / "config.yaml").write_text(json.dumps(actlab.load(made).resolved()))
    done = CliRunner().invoke(app, ["explain", str(copy)])
    assert done.output.splitlines()[-1] == (
        "  next: nothing more to propose, by all that was recorded"
    )
    found = json.loads(CliRunner().invoke(app, ["explain", "--json", str(copy)]).output)
    assert found["next"] is None and found["findings"][0]["command"] is None
    assert not found["healthy"]
