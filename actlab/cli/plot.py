"""`actlab plot`: redraw the figures of run directories."""

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
        list[Path], typer.Argument(metavar="RUN_DIR...", help="Run directories.")
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
        Path | None, typer.Option(help="Folder for the figures; <run directory>/plots if absent.")
    ] = None,
) -> None:
    """Redraw the figures of RUN_DIR from what lies in it; nothing is trained."""
    from actlab.figures import draw_all
    from actlab.store import open_record

    for directory in directories:
        target = directory / "plots"
        if out is not None:
            target = out / directory.resolve().name if len(directories) > 1 else out
        for path in draw_all(open_record(directory), target, kind or None, format.value):
            print(path)
