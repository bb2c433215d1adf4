"""A progress bar with loss and time left on stderr, where stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SHOW_EVERY = 10
"""Steps between two updates of the bar."""


class _Watcher(Protocol):
    def step(self, done: int, total: int, loss: float) -> None: ...


class _Bar:
    """Tells a rich progress bar of every few steps."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task = progress.add_task("training", total=None, loss=float("nan"))

    def step(self, done: int, total: int, loss: float) -> None:
        if done % SHOW_EVERY == 0 or done == total:
            self.progress.update(self.task, completed=done, total=total, loss=loss)


@contextmanager
def watching(*, shown: bool) -> Iterator[_Watcher | None]:
    """A watcher that draws a bar; None if it is not to be shown or stderr is piped."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)
