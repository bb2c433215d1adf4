"""How a sweep goes on, on stderr: bars on a terminal, plain lines into a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from actlab.sweeping.sweep import Listener
    from actlab.working import Job, Outcome

SAY_EVERY = 10.0
"""Seconds between two lines in a pipe."""


@contextmanager
def following(*, quiet: bool, verbose: bool) -> Iterator[Listener]:
    """A listener for this kind of stderr; failures are said at once in any case."""
    if quiet or not sys.stderr.isatty():
        yield Lines(quiet, verbose)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)


class Lines:
    """Plain lines: every so often how many are done; every run with -v."""

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self.quiet, self.verbose = quiet, verbose
        self.title, self.done, self.total, self.said = "", 0, 0, time.monotonic()

    def stage(self, title: str, total: int, settled: int) -> None:
        from actlab.costs import counted

        self.title, self.done, self.total = title, settled, total
        if not self.quiet:
            _say(f"{title}: {counted(total, 'run')}, {settled} of them done already")

    def started(self, job: Job) -> None:
        pass

    def ended(self, job: Job, outcome: Outcome) -> None:
        self.done += 1
        if outcome.status == "failed" or (self.verbose and not self.quiet):
            _say(said(job, outcome))
        elif not self.quiet and time.monotonic() - self.said > SAY_EVERY:
            self.said = time.monotonic()
            _say(f"{self.title}: {self.done} of {self.total} done")


class Bars:
    """A bar over all runs, and below it a line for each that is running."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.overall: TaskID | None = None
        self.lines: dict[str, TaskID] = {}

    def stage(self, title: str, total: int, settled: int) -> None:
        if self.overall is not None:
            self.progress.remove_task(self.overall)
        self.overall = self.progress.add_task(title, total=total, completed=settled)

    def started(self, job: Job) -> None:
        self.lines[job.label] = self.progress.add_task(job.label, total=1)

    def ended(self, job: Job, outcome: Outcome) -> None:
        self.progress.remove_task(self.lines.pop(job.label))
        if self.overall is not None:
            self.progress.advance(self.overall)
        if outcome.status == "failed":
            self.progress.console.print(said(job, outcome), markup=False, highlight=False)


def said(job: Job, outcome: Outcome) -> str:
    """One run that ended, in a line."""
    fault = f": {outcome.fault}" if outcome.fault else f" in {outcome.seconds:.1f} s"
    where = f" (see {job.directory})" if outcome.status == "failed" and outcome.trained else ""
    return f"{outcome.status}: {job.label}{fault}{where}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
