"""`actlab plot`: redraw the figures of run directories and sweeps."""

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
        list[Path],
        typer.Argument(metavar="DIR... | augment CONFIG", help="Run directories and sweeps."),
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
    """Redraw the figures of a run, or of the runs below a folder together; nothing is trained.

    `actlab plot augment CONFIG [KEY=VALUE]...` draws training images before and after each step of
    data.augment instead, to `results/<name>/augment.png` or OUT, a folder or a file.
    """
    if str(directories[0]) == "augment" and not (directories[0] / "summary.json").exists():
        print(augment.draw(*_config(directories[1:]), out, format.value))
        return
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


def _config(words: list[Path]) -> tuple[Path, list[str]]:
    """The config and the overrides behind `augment`."""
    if not words:
        raise typer.BadParameter("which config? Type: actlab plot augment CONFIG")
    return words[0], [str(word) for word in words[1:]]
