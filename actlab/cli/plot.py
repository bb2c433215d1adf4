"""`actlab plot`: redraw the figures of run directories and sweeps."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from actlab.cli import completion


class Format(StrEnum):
    """File formats of a figure."""

    png = "png"
    svg = "svg"
    pdf = "pdf"


def plot(
    directories: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Run directories and sweeps.")
    ],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of figure; may be repeated. All if absent.",
            autocompletion=completion.figures,
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="File format.")] = Format.png,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the figures; <directory>/plots if absent.")
    ] = None,
    metric: Annotated[
        str, typer.Option(help="Final metric in the figures of a sweep.")
    ] = "val_accuracy",
    over: Annotated[
        list[str] | None,
        typer.Option(help="Swept path for an axis; may be repeated. Chosen if absent."),
    ] = None,
) -> None:
    """Redraw the figures of a run, or of the runs below a folder together; nothing is trained."""
    from actlab.figures import draw_all
    from actlab.figures.sweeps import draw_sweep
    from actlab.store import open_record

    for directory in directories:
        target = directory / "plots"
        if out is not None:
            target = out / directory.resolve().name if len(directories) > 1 else out
        if (directory / "summary.json").exists():
            paths = draw_all(open_record(directory), target, kind or None, format.value)
        else:
            settings = {"metric": metric, "over": tuple(over or ())}
            paths = draw_sweep(directory, target, kind or None, format.value, **settings)
        for path in paths:
            print(path)
