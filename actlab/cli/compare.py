"""`actlab compare`: runs side by side, pooled over their seeds."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from actlab.cli.reporting import Tool, markdown, results_console

if TYPE_CHECKING:
    from actlab.comparing import Comparison

LONG_NAME = 12
"""Letters of a column's name beyond which it takes two lines."""


class Form(StrEnum):
    """How a comparison is printed."""

    table = "table"
    csv = "csv"
    md = "md"
    json = "json"


def compare(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Sweeps, runs, or folders of them.")
    ],
    metric: Annotated[
        str, typer.Option(help="Final metric, seconds, or gap: train less test accuracy.")
    ] = "val_accuracy",
    group_by: Annotated[
        list[str] | None,
        typer.Option(help="Path that tells rows apart; may be repeated. All but seed if absent."),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Row to pair with, as path=value,...; the first if absent.")
    ] = None,
    export: Annotated[Tool | None, typer.Option(help="Also write the runs for a tool.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the export.")] = Path("export"),
    as_csv: Annotated[bool, typer.Option("--csv", help="Numbers as CSV.")] = False,
    as_md: Annotated[bool, typer.Option("--md", help="The table in Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Numbers as JSON.")] = False,
) -> None:
    """Compare runs: what differs, the mean over seeds with 95% t-interval, paired differences.

    The best row has a star. Differences are run by run, same seeds and batches, from the baseline.
    """
    from actlab import exporting
    from actlab.comparing import compare as compared
    from actlab.comparing import gathered

    runs = gathered(paths)
    found = compared(runs, metric, group_by, baseline)
    form = Form.csv if as_csv else Form.md if as_md else Form.json if as_json else Form.table
    show(found, form)
    if export:
        exporting.export([run.directory for run in runs], export.value, out / export.value)


def show(comparison: Comparison, form: Form = Form.table) -> None:
    """Print a comparison on stdout."""
    from actlab.comparing import legend, numbers, table

    if form is Form.json:
        print(json.dumps(numbers(comparison)))
    elif form is Form.csv:
        rows = numbers(comparison)
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    elif form is Form.md:
        print("\n".join(markdown(table(comparison))))
        print("\n" + "  \n".join(line.replace("*", "\\*") for line in legend(comparison)))
    else:
        _print_table(comparison)


def _print_table(comparison: Comparison) -> None:
    from rich.markup import escape
    from rich.table import Table

    from actlab.comparing import legend, table

    rows = table(comparison)
    drawn = Table()
    for name in rows[0]:
        setting = name in comparison.rows[0].settings
        side: Literal["left", "right"] = "left" if setting else "right"
        drawn.add_column(escape(_breakable(name)), justify=side, overflow="fold")
    for row, cells in zip(comparison.rows, rows, strict=True):
        drawn.add_row(*map(escape, cells.values()), style="bold" if row.best else None)
    console = results_console()
    console.print(drawn)
    for line in legend(comparison):
        console.print(escape(line))


def _breakable(name: str) -> str:
    """A column's name with its last word on a line of its own if it is long."""
    return name if len(name) <= LONG_NAME else ".\n".join(name.rsplit(".", 1))
