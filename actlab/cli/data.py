"""`actlab data`: fetch CIFAR-10, and look at what is there."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Fetch a data set, or look at what is there.", no_args_is_help=True)


class Name(StrEnum):
    """Data sets that can be fetched."""

    cifar10 = "cifar10"


@app.command()
def fetch(
    name: Annotated[Name, typer.Argument(help="The data set.")],
    origin: Annotated[
        Path | None, typer.Option("--from", help="Archive or directory to copy instead.")
    ] = None,
    mirror: Annotated[str | None, typer.Option(help="URL to try first.")] = None,
    to: Annotated[Path | None, typer.Option(help="Target; the user cache if absent.")] = None,
) -> None:
    """Download a data set once, with its checksum verified; a broken download is resumed."""
    from actlab.data.download import cache_directory, fetch_cifar10

    source = str(origin) if origin else mirror
    path = fetch_cifar10(to or cache_directory(), origin=source, on_progress=_say_progress)
    print(path)
    if path.is_dir():
        print(
            "unpacked files: their content was read and is whole; no checksum applies",
            file=sys.stderr,
        )


@app.command()
def info(
    path: Annotated[Path | None, typer.Argument(help="Archive or directory to look at.")] = None,
) -> None:
    """Say where CIFAR-10 is, whether it is whole, and what is in it."""
    from actlab.data.download import inspect_cifar10

    for key, value in inspect_cifar10(path).items():
        print(f"{key}: {value}")


def _say_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        share = f"{done / total:4.0%} of {total / 1e6:.0f} MB" if total else f"{done / 1e6:.0f} MB"
        end = "\n" if done == total else ""
        print(f"\r{share}", end=end, file=sys.stderr, flush=True)
