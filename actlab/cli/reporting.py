"""Where output goes: results to stdout, progress, logs and errors to stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console


class Tool(StrEnum):
    """Tools that runs can be exported to."""

    tensorboard = "tensorboard"
    mlflow = "mlflow"


BAD_CONFIG, RUN_FAILED, INTERRUPTED = 2, 1, 130

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on stderr.")]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, help="Epochs on stderr; twice: details.")
]

PIPED_WIDTH = 140
"""Columns of a table that no terminal limits."""


def results_console() -> Console:
    """Where results are printed; NO_COLOR and pipes are heeded."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)


def markdown(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Rows of cells by column as the lines of a table in Markdown."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def set_up_logging(quiet: bool, verbose: int) -> None:
    """Warnings on stderr, epochs with -v, everything with -vv, only errors with -q."""
    level = (
        logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    )
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("actlab")
    logger.handlers[:] = [handler]
    logger.setLevel(min(level, logging.INFO))
    logger.propagate = False


def failure(error: Exception) -> int:
    """Say on stderr what went wrong, in the error's own words; the exit code it deserves."""
    from actlab.config import ConfigError
    from actlab.data.dataset import DataError
    from actlab.store import StoreError

    if isinstance(error, ConfigError | DataError | StoreError):
        print(error, file=sys.stderr)
        return BAD_CONFIG
    if isinstance(error, OSError):
        print(f"{error.filename or 'file system'}: {error.strerror or error}", file=sys.stderr)
        return RUN_FAILED
    logging.getLogger("actlab").debug("traceback", exc_info=error)
    print(f"unexpected {type(error).__name__}: {error} (-vv shows where)", file=sys.stderr)
    return RUN_FAILED
