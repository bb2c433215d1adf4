"""Runs in the formats of other tools: TensorBoard's event files, MLflow's store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from actlab.config import ConfigError, Fault
from actlab.record import Record
from actlab.store import open_record

LAYER_CURVES = {"std": "activation.std", "saturated": "saturated_fraction", "dead": "dead_fraction"}
"""Statistics of the layers that are exported, snapshot by snapshot."""


def export(runs: Sequence[Path], tool: str, directory: Path) -> None:
    """Write run directories for `tensorboard` or `mlflow`; a run written before is replaced.

    ConfigError if the library it needs is not installed.
    """
    {"tensorboard": to_tensorboard, "mlflow": to_mlflow}[tool](runs, directory)


def to_tensorboard(runs: Sequence[Path], directory: Path) -> None:
    """An event file per run: scalars by epoch, statistics of the layers, the config as text."""
    writer_of = _imported("tensorboardX", "tensorboard").SummaryWriter
    for run in runs:
        record = open_record(run)
        for old in (directory / run.name).glob("events.*"):
            old.unlink()
        with writer_of(str(directory / run.name)) as writer:
            for name, value, epoch in scalars(record):
                writer.add_scalar(name, value, epoch)
            text = (run / "config.yaml").read_text(encoding="utf-8")
            writer.add_text("config", f"```yaml\n{text}```")


def to_mlflow(runs: Sequence[Path], directory: Path) -> None:
    """A store in one SQLite file with a run for each: parameters, metrics by epoch, the config.

    MLflow has given up its store of plain files.
    """
    mlflow = _imported("mlflow", "mlflow")
    directory.mkdir(parents=True, exist_ok=True)
    client = mlflow.MlflowClient(f"sqlite:///{directory.resolve()}/mlflow.db")
    for run in runs:
        record = open_record(run)
        experiment = _experiment(client, record.experiment.name, directory)
        for old in client.search_runs([experiment], f"attributes.run_name = '{run.name}'"):
            client.delete_run(old.info.run_id)
        _write_mlflow_run(client, experiment, run, record)


def scalars(record: Record) -> Iterator[tuple[str, float, int]]:
    """Name, value and epoch of everything that is a curve; what is not finite is left out."""
    for row in record.metrics:
        for name, value in row.items():
            if name not in ("epoch", "step") and isfinite(value):
                yield name.replace("_", "/", 1), float(value), int(row["epoch"])
    for word, key in LAYER_CURVES.items():
        for epoch, layers in zip(
            record.statistics.get("epoch", ()), record.statistics.get(key, ()), strict=False
        ):
            for layer, value in zip(record.layers, layers, strict=True):
                if isfinite(value):
                    yield f"{word}/{layer}", float(value), int(epoch)


def flat(config: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Every setting of a config with its dotted path, as words."""
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{above}{key}.")
        else:
            yield above + key, str(value)


def _experiment(client: Any, name: str, directory: Path) -> str:
    """The identity of the experiment of this name, made if there is none."""
    known = client.get_experiment_by_name(name)
    if known is not None:
        return known.experiment_id
    return client.create_experiment(name, (directory / "artifacts").resolve().as_uri())


def _write_mlflow_run(client: Any, experiment: str, directory: Path, record: Record) -> None:
    run = client.create_run(experiment, run_name=directory.name).info.run_id
    for name, word in flat(record.experiment.resolved()):
        client.log_param(run, name, word[:500])
    for name, value, epoch in scalars(record):
        client.log_metric(run, name, value, step=epoch)
    for name, value in record.final.items():
        if isfinite(value):
            client.log_metric(run, f"final/{name}", value)
    client.log_artifact(run, str(directory / "config.yaml"))
    client.set_terminated(run, "FINISHED" if record.status == "finished" else "FAILED")


def _imported(module: str, extra: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        fault = f"{module} is not installed: pip install 'actlab[{extra}]'"
        raise ConfigError([Fault("command line", "--export", fault)]) from error
