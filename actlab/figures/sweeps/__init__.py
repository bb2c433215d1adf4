"""One file per kind of figure that shows the runs of a sweep together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from pydantic_core import PydanticCustomError

from actlab.config import ConfigError, Fault, import_parts, member, members
from actlab.figures.rendering import rendered
from actlab.figures.sweeps.base import SweepFigure
from actlab.figures.sweeps.records import gathered_records
from actlab.store import write

__all__ = ["SweepFigure", "draw_sweep"]


def draw_sweep(
    source: Path,
    directory: Path,
    kinds: Sequence[str] | None = None,
    format: str = "png",
    **settings: Any,
) -> list[Path]:
    """Draw these kinds of figure (all if None) of the runs in or below a directory.

    `settings` go to every figure: metric, over. Kinds for which there is nothing to draw are left
    out. ConfigError for an unknown kind, StoreError where there is no run.
    """
    figures = [_figure(kind, settings) for kind in (kinds or members(SweepFigure.family))]
    sweep = gathered_records(source)
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for figure in figures:
        drawing = figure.draw(sweep)
        if drawing is not None:
            paths.append(directory / f"{figure.name}.{format}")
            write(paths[-1], rendered(drawing, format))
    return paths


def _figure(kind: str, settings: dict[str, Any]) -> SweepFigure:
    try:
        return cast(SweepFigure, member(SweepFigure.family, kind)(**settings))
    except PydanticCustomError as error:
        raise ConfigError([Fault("command line", "", f"--kind: {error.message()}")]) from error


import_parts(__name__, __path__)
