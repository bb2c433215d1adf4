"""`actlab plot`: redraw the figures of run directories."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from actlab.cli import augment, completion


class Format(StrEnum):
    """File formats of a figure."""

    png = "png"
    svg = "svg"
    pdf = "pdf"


def plot(
    directories: Annotated[
        list[Path], typer.Argument(metavar="RUN_DIR... | augment CONFIG", help="Run directories.")
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
    """Redraw the figures of RUN_DIR from what lies in it; nothing is trained.

    `actlab plot augment CONFIG [KEY=VALUE]...` draws training images before and after each step of
    data.augment instead, to `results/<name>/augment.png` or OUT, a folder or a file.
    """
    if str(directories[0]) == "augment" and not (directories[0] / "summary.json").exists():
        print(augment.draw(*_config(directories[1:]), out, format.value))
        return
    from actlab.figures import draw_all
    from actlab.store import open_record

    for directory in directories:
        target = directory / "plots"
        if out is not None:
            target = out / directory.resolve().name if len(directories) > 1 else out
        for path in draw_all(open_record(directory), target, kind or None, format.value):
            print(path)


def _config(words: list[Path]) -> tuple[Path, list[str]]:
    """The config and the overrides behind `augment`."""
    if not words:
        raise typer.BadParameter("which config? Type: actlab plot augment CONFIG")
    return words[0], [str(word) for word in words[1:]]
