"""One file per kind of figure; the only floor that draws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from pydantic_core import PydanticCustomError

from actlab.config import ConfigError, Fault, import_parts, member, members
from actlab.figures.base import Figure
from actlab.figures.rendering import rendered
from actlab.record import Record
from actlab.store import write

__all__ = ["Figure", "draw_all", "rendered"]


def draw_all(
    record: Record, directory: Path, kinds: Sequence[str] | None = None, format: str = "png"
) -> list[Path]:
    """Draw these kinds of figure (all if None) as `directory/<kind>.<format>`; returns the files.

    Kinds for which the record holds nothing are left out. ConfigError for an unknown kind.
    """
    figures = [_figure(kind) for kind in (members("figure") if kinds is None else kinds)]
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for figure in figures:
        drawing = figure.draw(record)
        if drawing is not None:
            paths.append(directory / f"{figure.name}.{format}")
            write(paths[-1], rendered(drawing, format))
    return paths


def _figure(kind: str) -> Figure:
    try:
        return cast(Figure, member("figure", kind)())
    except PydanticCustomError as error:
        raise ConfigError([Fault("command line", "", f"--kind: {error.message()}")]) from error


import_parts(__name__, __path__)
