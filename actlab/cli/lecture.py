"""`actlab lecture`: the claims of the lecture, each put to the test."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
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
    from actlab.claims.case import Case
    from actlab.claims.judging import Verdict
    from actlab.claims.lecture import Judged
    from actlab.claims.publishing import Circumstances
    from actlab.sweeping.sweep import Orders, Report

app = typer.Typer(help="The claims of the lecture, each an experiment with a verdict.")

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID|FILE]...",
        help="Claims by id, or YAML files of your own; all of the lecture if none.",
        autocompletion=completion.claims,
    ),
]
Topic = Annotated[
    str | None, typer.Option(help="Only this topic.", autocompletion=completion.topics)
]
Folder = Annotated[
    Path | None,
    typer.Option("--from", help="Folder of YAML files; configs/lecture, or as installed."),
]
RESULTS = ("results/lecture-quick", "results/lecture-full", "results/lecture")
COLOURS = {"holds": "green", "does not hold": "red", "depends": "yellow"}


@app.command("list")
def list_claims(topic: Topic = None, folder: Folder = None) -> None:
    """List the claims: id, topic, and what is claimed."""
    from rich.markup import escape

    from actlab.claims.lecture import read_cases

    console = results_console()
    before = ""
    for case in read_cases((), folder, topic):
        for claim in case.claims:
            if claim.topic != before:
                console.print(f"[bold]{escape(claim.topic)}[/bold]")
            before = claim.topic
            console.print(f"  {claim.id:4} {escape(claim.says)}", soft_wrap=True)


@app.command("show")
def show(
    claim_id: Annotated[
        str, typer.Argument(metavar="ID|FILE", help="A claim.", autocompletion=completion.claims)
    ],
    folder: Folder = None,
    results: Annotated[
        Path | None,
        typer.Option(help="Where to look for its verdict; results/lecture-quick, -full, lecture."),
    ] = None,
) -> None:
    """Show a claim: what it says, who says so, how it is tested, and its last verdict."""
    from rich.markup import escape

    from actlab.claims.describing import described, last_verdict
    from actlab.claims.lecture import read_cases

    console = results_console()
    folders = [results] if results else [Path(name) for name in RESULTS]
    for case in read_cases([claim_id], folder):
        for claim in case.claims:
            for line in [*described(case, claim), *last_verdict(claim.id, folders)]:
                console.print(escape(line), soft_wrap=True)


@app.command("run")
def run(
    wanted: Ids = None,
    topic: Topic = None,
    folder: Folder = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Source that takes the place of the built-in images, such as cifar10.",
            autocompletion=completion.sources,
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full/--quick", help="More data, epochs and seeds; or minutes.")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; cores if absent.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; results/lecture-quick, or -full.")
    ] = None,
    records: Annotated[
        bool, typer.Option("--records", help="Also pack all records into OUT/records.tar.xz.")
    ] = False,
    note: Annotated[str, typer.Option(help="What readers must know of the data.")] = "",
    draw: Annotated[bool, typer.Option("--plot/--no-plot", help="Draw the figures.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Put claims to the test: train what they need, judge them, and write a table of verdicts.

    The same command goes on where it was stopped. Results: OUT/verdicts.md, verdicts.json,
    figures/ with one figure per claim, and runs/ with a directory per run; an OUT/records.tar.xz is
    unpacked if there is no runs/. The exit code is 1 if a run failed; a claim that does not hold is
    a result.
    """
    set_up_logging(quiet, 0)
    from actlab.claims.archive import pack, unpack
    from actlab.claims.lecture import read_cases
    from actlab.sweeping.sweep import Orders

    target = out or Path("results") / ("lecture-full" if full else "lecture-quick")
    cases = read_cases(wanted or (), folder, topic, full=full, source=data)
    orders = Orders(target.resolve())
    unpack(orders.results)
    cases, report = _trained(cases, orders, workers, quiet, verbose)
    judged = list(_judged(cases, orders.results, quiet))
    _publish(judged, target, note, draw)
    if records:
        pack(cases, orders.results)
    verdicts = [verdict for one in judged for verdict in one.verdicts]
    _print_json(verdicts) if as_json else _print_table(verdicts)
    if not as_json:
        print(f"{target / 'verdicts.md'}")
    raise typer.Exit(RUN_FAILED if report.statuses["failed"] else 0)


def _trained(
    cases: Sequence[Case], orders: Orders, workers: int | None, quiet: bool, verbose: int
) -> tuple[list[Case], Report]:
    from actlab.claims.lecture import train
    from actlab.cli.sweep_progress import following
    from actlab.execution import Processes, cores

    crew = Processes(workers or cores(), 1)
    try:
        with following(quiet=quiet, verbose=verbose > 0) as listener:
            return train(cases, orders, crew, listener)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        crew.close()


def _judged(cases: Iterable[Case], results: Path, quiet: bool) -> Iterable[Judged]:
    from actlab.claims.lecture import judged

    for case in cases:
        if not quiet:
            print(f"judging {', '.join(c.id for c in case.claims)}", file=sys.stderr)
        yield judged(case, results)


def _publish(judged: Sequence[Judged], target: Path, note: str, draw: bool) -> None:
    from actlab.claims.publishing import FIGURES, publish

    if draw:
        from actlab.figures.verdicts import draw_verdict

        for one in judged:
            for verdict in one.verdicts:
                draw_verdict(verdict, one.evidence, target / FIGURES / f"{verdict.claim.id}.png")
    verdicts = [verdict for one in judged for verdict in one.verdicts]
    publish(verdicts, target, _circumstances(judged, note))


def _circumstances(judged: Sequence[Judged], note: str) -> Circumstances:
    from actlab.claims.publishing import Circumstances
    from actlab.execution import cores
    from actlab.provenance import cpu, versions

    installed = versions()
    machine = f"{cpu()}, {cores()} cores, actlab {installed['actlab']}, NumPy {installed['numpy']}"
    seconds = sum({k: v for one in judged for k, v in one.evidence.seconds.items()}.values())
    return Circumstances(f"actlab {shlex.join(sys.argv[1:])}", machine, round(seconds, 1), note)


def _print_json(verdicts: Sequence[Verdict]) -> None:
    import json

    from actlab.claims.publishing import as_numbers
    from actlab.store import finite

    print(json.dumps(finite({"claims": [as_numbers(verdict) for verdict in verdicts]})))


def _print_table(verdicts: Sequence[Verdict]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from actlab.claims.publishing import counts

    table = Table("", "claim", "verdict", "effect, 95% interval", "holds for")
    for verdict in verdicts:
        finding = verdict.decisive
        effect = str(finding.effect) if finding.effect else finding.why
        table.add_row(
            verdict.claim.id,
            escape(verdict.claim.says),
            f"[{COLOURS.get(verdict.word, 'dim')}]{verdict.word}[/]",
            escape(f"{finding.check.title}: {effect}"),
            str(finding.check.holds),
        )
    console = results_console()
    console.print(table)
    console.print(counts(verdict.word for verdict in verdicts))
