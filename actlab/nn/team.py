"""A few threads that do tasks together.

NumPy lets go of the interpreter while it computes, so threads share a training step well. Jobs wait
in one queue for whoever is free; what the caller waits for and nobody has begun, it does itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

Task = Callable[[], None]
Found = TypeVar("Found")


class Team:
    """`together(tasks)` runs all tasks and returns when every one is done.

    The caller is a member. Alone, it runs them one after another: what the tasks compute must not
    depend on the number of threads, nor on who takes which. NumPy warns of nothing in a task.
    """

    def __init__(self, threads: int) -> None:
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._started: deque[_Job] = deque()
        self._helpers = [
            Thread(target=self._help, daemon=True, name="actlab-team") for _ in range(threads - 1)
        ]
        for helper in self._helpers:
            helper.start()

    @property
    def alone(self) -> bool:
        """Whether the caller is all there is."""
        return not self._helpers

    def together(self, tasks: Iterable[Task], later: Iterable[Task] = ()) -> None:
        """Run all tasks; an exception of any is raised when all have ended.

        `later` is started behind them.
        """
        jobs = [_Job(task) for task in tasks]
        for job in jobs[1:]:
            self._offer(job)
        for task in later:
            self.start(task)
        _done(jobs)

    def each(
        self,
        function: Callable[..., Found],
        arguments: Iterable[tuple[Any, ...]],
        later: Iterable[Task] = (),
    ) -> list[Found]:
        """What the function returns for each of the arguments, in their order."""
        found: dict[int, Found] = {}

        def go(index: int, given: tuple[Any, ...]) -> None:
            found[index] = function(*given)

        self.together((partial(go, index, given) for index, given in enumerate(arguments)), later)
        return [found[index] for index in range(len(found))]

    def start(self, task: Task) -> None:
        """Have whoever is free do this, in `finish` at the latest; any member may call."""
        job = _Job(task)
        self._started.append(job)
        self._offer(job)

    def finish(self) -> None:
        """Return when all that was started is done; an exception of any is raised then."""
        if self._started:
            jobs = list(self._started)
            self._started.clear()
            _done(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _ in self._helpers:
            self._queue.put(None)
        for helper in self._helpers:
            helper.join()

    def _offer(self, job: _Job) -> None:
        if not self.alone:
            self._queue.put(job)

    def _help(self) -> None:
        with np.errstate(all="ignore"):  # which is each thread's own
            while (job := self._queue.get()) is not None:
                job.run()


class _Job:
    """A task that is done once, by whoever comes first."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._fault: BaseException | None = None
        self._begun, self._running = Lock(), Lock()
        self._running.acquire()

    def run(self) -> None:
        """Do it, unless somebody has begun to."""
        if self._begun.acquire(blocking=False):
            try:
                self._task()
            except BaseException as fault:
                self._fault = fault
            finally:
                del self._task
                self._running.release()

    def fault(self) -> BaseException | None:
        """Wait until it is done: what it raised, if anything."""
        with self._running:
            return self._fault


def _done(jobs: Sequence[_Job]) -> None:
    """Do what nobody has begun, wait for the rest, and raise the first exception of any."""
    with np.errstate(all="ignore"):
        for job in jobs:
            job.run()
    for fault in [job.fault() for job in jobs]:
        if fault is not None:
            raise fault
