"""`actlab bench`: measure on this machine what promises about speed and memory rest on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actlab.cli import completion
from actlab.cli.reporting import RUN_FAILED, markdown, results_console

if TYPE_CHECKING:
    from actlab.benchmarking.report import Report


def bench(
    workloads: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORKLOAD]...",
            help="Training: lecture, glorot, glorot10, wide, small (all five if none is named). "
            "Costs: augmentation, activations, statistics, startup, memory, scaling.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            metavar="PEER,...",
            help="Train also with: torch, torch-compiled, jax, sklearn, where installed.",
            autocompletion=completion.peers,
        ),
    ] = "",
    rounds: Annotated[int, typer.Option(min=3, help="Times that everybody has a turn.")] = 15,
    profile: Annotated[
        bool, typer.Option("--profile", help="Where the time of training goes, instead.")
    ] = False,
    as_md: Annotated[bool, typer.Option("--md", help="The tables in Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure training against a textbook's NumPy, the bare matrix products, and other libraries.

    Contenders train the same network from the same weights on the same batches, in processes of
    their own, each in turn in every round; first their gradients and losses must agree, or the
    command ends with 1. Ratios are medians over rounds, with their quartiles: to PyTorch if it
    takes part, otherwise to actlab. The limit is the step's matrix products alone in NumPy.

    With --json, the numbers of one benchmark lie beside `machine`, those of several by name.
    """
    from actlab.benchmarking import suite
    from actlab.benchmarking.contenders import UnknownPeer
    from actlab.benchmarking.machine import hints, machine, shown
    from actlab.benchmarking.remote import ContenderFailed
    from actlab.benchmarking.report import Mismatch

    try:
        chosen, missing = suite.benchmarks(workloads or [], against, rounds)
        chosen = suite.profiles(workloads or []) if profile else chosen
    except suite.UnknownBenchmark as error:
        raise typer.BadParameter(str(error), param_hint="WORKLOAD") from error
    except UnknownPeer as error:
        raise typer.BadParameter(str(error), param_hint="--against") from error
    found = machine()
    if not as_json:
        print("\n".join((*missing, *hints(found))), file=sys.stderr)
        print(shown(found))
    numbers: dict[str, Any] = {}
    try:
        for name, measured in chosen.items():
            report = measured()
            numbers[name] = report.numbers
            if not as_json:
                show(report, as_md=as_md)
    except (Mismatch, ContenderFailed) as error:
        print(f"{name}: {error}", file=sys.stderr)
        raise typer.Exit(RUN_FAILED) from error
    if as_json:
        only = next(iter(numbers.values())) if len(numbers) == 1 else numbers
        told = {"machine": found, "hints": hints(found), "not_installed": missing}
        print(json.dumps({**told, **only}))


def show(report: Report, *, as_md: bool) -> None:
    """Print a report on stdout."""
    if as_md:
        print(f"\n{report.title}\n\n" + "\n".join(markdown(report.rows)))
    else:
        _print_table(report)
    print("\n".join(_indented(report.notes)))


def _print_table(report: Report) -> None:
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=escape(report.title), title_justify="left")
    for index, name in enumerate(report.rows[0]):
        drawn.add_column(escape(name), justify="right" if index else "left")
    for row in report.rows:
        drawn.add_row(*map(escape, row.values()))
    results_console().print(drawn)


def _indented(notes: Iterable[str]) -> list[str]:
    return [f"  {note}" for note in notes]
