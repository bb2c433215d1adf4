"""`actlab sweep`: train every variant of a config that is not trained yet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actlab.cli import completion
from actlab.cli.reporting import INTERRUPTED, RUN_FAILED, Quiet, Tool, Verbose, set_up_logging

if TYPE_CHECKING:
    from actlab.execution import Crew
    from actlab.sweeping.plan import Plan
    from actlab.sweeping.sweep import Orders, Report


class Where(StrEnum):
    """Where runs are trained."""

    processes = "processes"
    dask = "dask"


class Ending(StrEnum):
    """How runs end that can be trained anew."""

    failed = "failed"
    diverged = "diverged"
    finished = "finished"


def sweep(
    config: Annotated[Path, typer.Argument(help="YAML file, with a sweep: section or without.")],
    assignments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUES",
            help="Dotted path and values: a,b,c, range(5), linspace(0,1,5), logspace(-4,-1,7), "
            "geomspace(1,64,7). A single value overrides.",
            autocompletion=completion.overrides,
        ),
    ] = None,
    results: Annotated[Path, typer.Option(help="Folder of the run directories.")] = Path("results"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; cores / threads if absent.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="BLAS threads of each process.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the jobs only.")] = False,
    smoke: Annotated[bool, typer.Option("--smoke", help="Little data, one epoch.")] = False,
    stop_early: Annotated[bool, typer.Option("-x", help="Stop at the first failure.")] = False,
    max_failures: Annotated[
        int | None, typer.Option(min=1, help="Stop after this many failures.")
    ] = None,
    rerun: Annotated[
        list[Ending] | None, typer.Option(help="Train anew what ended so; may be repeated.")
    ] = None,
    executor: Annotated[Where, typer.Option(help="Where to train.")] = Where.processes,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler, tcp://...; a local cluster if absent."),
    ] = None,
    collect: Annotated[
        bool, typer.Option("--collect", help="Workers that see no RESULTS send the files back.")
    ] = False,
    metric: Annotated[str, typer.Option(help="Final metric to compare by.")] = "val_accuracy",
    export: Annotated[
        Tool | None, typer.Option(help="Also write RESULTS/<name>/export/<tool>/.")
    ] = None,
    draw: Annotated[bool, typer.Option("--plot/--no-plot", help="Draw the figures.")] = True,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Train all variants of CONFIG, in parallel; the same command goes on where it was stopped.

    Results: RESULTS/<name>/ with a directory per run, sweep.yaml, results.csv and plots/. A
    diverged run is a result; the exit code is 1 if a run failed.
    """
    set_up_logging(quiet, 0)
    from actlab.sweeping.plan import plan
    from actlab.sweeping.sweep import Orders

    made = plan(config, assignments or [])
    made = made.smoke() if smoke else made
    if dry_run:
        _list_jobs(made, results, workers)
        return
    most = 1 if stop_early else max_failures
    again = frozenset(one.value for one in rerun or ())
    orders = Orders(results.resolve(), threads, again, most, collect)
    with _crew(executor, scheduler, workers, threads) as crew:
        report = _conducted(made, orders, crew, quiet, verbose)
    _conclude(
        report,
        results / made.name,
        metric,
        draw,
        quiet,
        executor is Where.processes and not scheduler,
    )
    if export:
        _export(results / made.name, export)
    raise typer.Exit(RUN_FAILED if report.statuses["failed"] else 0)


def _export(directory: Path, tool: Tool) -> None:
    from actlab.comparing import gathered
    from actlab.exporting import export

    target = directory / "export" / tool.value
    export([run.directory for run in gathered([directory])], tool.value, target)
    print(target)


def _list_jobs(plan: Plan, results: Path, workers: int | None) -> None:
    from actlab.sweeping.tables import estimate, jobs_listed

    for line in jobs_listed(plan, results):
        print(line)
    print(estimate(plan, results, workers), file=sys.stderr)


@contextmanager
def _crew(
    executor: Where, scheduler: str | None, workers: int | None, threads: int
) -> Iterator[Crew]:
    """The workers asked for; those that are ours are sent home at the end."""
    if executor is Where.dask or scheduler:
        from actlab.cluster import dask_crew

        with dask_crew(scheduler, workers) as borrowed:
            yield borrowed
        return
    from actlab.execution import Processes, cores

    with closing(Processes(workers or max(cores() // threads, 1), threads)) as crew:
        yield crew


def _conducted(plan: Plan, orders: Orders, crew: Crew, quiet: bool, verbose: int) -> Report:
    from actlab.cli.sweep_progress import following
    from actlab.sweeping.sweep import conduct

    try:
        with following(quiet=quiet, verbose=verbose > 0) as listener:
            return conduct(plan, orders, crew, listener)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


def _conclude(
    report: Report, directory: Path, metric: str, draw: bool, quiet: bool, ours: bool
) -> None:
    """What came out: the comparison, how the runs ended, and where they lie."""
    from actlab.cli.compare import show
    from actlab.comparing import compare, gathered

    runs = gathered([directory]) if report.statuses.total() else []
    if len(runs) > 1 and any(metric in run.metrics for run in runs):
        show(compare(runs, metric))
    if draw and len(runs) > 1:
        from actlab.figures.sweeps import draw_sweep

        draw_sweep(directory, directory / "plots", metric=metric)
    counts = ", ".join(f"{n} {status}" for status, n in sorted(report.statuses.items()))
    print(f"{counts}: {directory}")
    if not quiet and report.trained:
        share = f"; workers trained {report.training / report.occupied:.0%} of the time"
        print(f"{report.trained} trained{share if ours else ''}", file=sys.stderr)
    if report.stopped:
        print("stopped after too many failures", file=sys.stderr)
    elif report.statuses["failed"]:
        print("--rerun failed trains those anew", file=sys.stderr)
