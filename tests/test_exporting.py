"""Runs as other tools read them."""

import pytest
from typer.testing import CliRunner

from actlab.cli import app
from actlab.experiment import load
from actlab.exporting import export, flat, scalars
from actlab.running import run


@pytest.fixture
def kept(tiny, tmp_path):
    """A run directory and its record."""
    experiment = load(tiny)
    return tmp_path / experiment.directory, run(experiment, tmp_path)


def test_curves_have_a_name_a_value_and_an_epoch(kept):
    found = {(name, epoch): value for name, value, epoch in scalars(kept[1])}
    assert found["val/loss", 2] == kept[1].metrics[2]["val_loss"]
    assert {("std/hidden1", epoch) for epoch in (0, 1, 2)} <= set(found)


def test_settings_are_words_by_their_paths(kept):
    found = dict(flat(kept[1].experiment.resolved()))
    assert found["model.depth"] == "2" and found["train.optimizer.name"] == "sgd"


def test_tensorboard_reads_the_events(kept, tmp_path):
    pytest.importorskip("tensorboardX", reason="needs the extra: pip install 'actlab[tensorboard]'")
    for _ in range(2):
        export([kept[0]], "tensorboard", tmp_path / "tb")
    (events,) = (tmp_path / "tb").glob("*/events.*")
    assert b"val/accuracy" in events.read_bytes() and b"std/hidden2" in events.read_bytes()


@pytest.mark.filterwarnings("default")
def test_mlflow_reads_the_store(kept, tmp_path):
    mlflow = pytest.importorskip("mlflow", reason="needs the extra: pip install 'actlab[mlflow]'")
    pytest.importorskip("sqlalchemy", reason="needs mlflow with its database")
    for _ in range(2):
        export([kept[0]], "mlflow", tmp_path / "ml")
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/ml/mlflow.db")
    experiment = client.get_experiment_by_name("experiment")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.data.params["model.depth"] == "2"
    assert found.data.metrics["final/val_loss"] == pytest.approx(kept[1].final["val_loss"])


def test_a_library_that_is_not_there_is_named(kept, monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    arguments = ["--export", "tensorboard", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["compare", str(kept[0]), *arguments])
    assert "actlab[tensorboard]" in str(done.exception)
