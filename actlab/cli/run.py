"""`actlab run`: train one config and say what came out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actlab.cli import completion
from actlab.cli.reporting import (
    INTERRUPTED,
    RUN_FAILED,
    Quiet,
    Verbose,
    results_console,
    set_up_logging,
)

if TYPE_CHECKING:
    from rich.table import Table

    from actlab.record import Record

EXIT_CODES = {
    "finished": 0,
    "diverged": RUN_FAILED,
    "failed": RUN_FAILED,
    "interrupted": INTERRUPTED,
}


def run(
    config: Annotated[Path, typer.Argument(help="YAML file of the experiment.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="Dotted path and YAML value, such as model.activation=relu.",
            autocompletion=completion.overrides,
        ),
    ] = None,
    results: Annotated[Path, typer.Option(help="Folder of the run directories.")] = Path("results"),
    smoke: Annotated[bool, typer.Option("--smoke", help="Little data, one epoch.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Train anew even if finished.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Train the network of CONFIG, record its statistics, draw the figures.

    Everything goes to RESULTS/<name>/<label>-<hash>/. A finished run is not trained again.
    """
    set_up_logging(quiet, verbose)
    from actlab import running
    from actlab.cli.progress import watching
    from actlab.experiment import load
    from actlab.store import is_finished

    experiment = load(config, overrides or [])
    experiment = experiment.smoke() if smoke else experiment
    known = is_finished(experiment, results) and not force
    with watching(shown=not quiet and not known) as watcher:
        record = running.run(experiment, results, force=force, watcher=watcher)
    directory = results / experiment.directory
    if not known:
        _draw(record, directory)
    elif not quiet:
        print("already finished; --force trains anew", file=sys.stderr)
    print(_as_json(record, directory)) if as_json else show(record, directory)
    if record.fault:
        print(f"{record.status}: {record.fault}{_remedy(record)}", file=sys.stderr)
    raise typer.Exit(EXIT_CODES[record.status])


def show(record: Record, directory: Path) -> None:
    """The table of layers, the final metrics and the run directory, on stdout."""
    console = results_console()
    if record.statistics and record.layers:
        console.print(_table_of_layers(record))
    for name, value in record.final.items():
        console.print(f"{name.replace('_', ' '):16} {value:.4f}")
    console.print(f"{record.status}: {directory}", soft_wrap=True)


def _table_of_layers(record: Record) -> Table:
    """A row per hidden layer: each statistic, before and after training if there was any."""
    from rich.table import Table

    trained = len(record.statistics["step"]) > 1
    table = Table(title="activations by layer" + (": before training -> after" if trained else ""))
    layers = record.layer_statistics()
    table.add_column("layer")
    for name in layers[0]["initial"]:
        table.add_column(name.replace("_", " "), justify="right")
    for layer in layers:
        first, last = layer["initial"], layer["final"]
        cells = [f"{_short(first[k])} -> {_short(last[k])}" for k in first] if trained else []
        table.add_row(layer["name"], *(cells or map(_short, last.values())))
    return table


def _short(value: float) -> str:
    return f"{value:.3g}" if 0 < abs(value) < 1e-3 else f"{value:.3f}"


def _as_json(record: Record, directory: Path) -> str:
    from actlab.store import finite

    found = {
        "run_dir": str(directory),
        "status": record.status,
        "fault": record.fault,
        "metrics": dict(record.final),
        "layers": record.layer_statistics() if record.statistics else [],
    }
    return json.dumps(finite(found))


def _draw(record: Record, directory: Path) -> None:
    from actlab.figures import draw_all

    if record.statistics:
        draw_all(record, directory / "plots")


def _remedy(record: Record) -> str:
    if record.status == "diverged":
        return f"; try a smaller train.lr than {record.experiment.train.optimizer.lr:g}"
    if record.status == "failed":
        return "; log.txt in the run directory has the details"
    return ""
