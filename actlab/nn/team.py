"""A few threads that do the parts of one task together.

NumPy lets go of the interpreter while it computes, so threads share a training step well; a task is
handed over by a pair of locks, which is the quickest way that Python has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock, Thread
from types import TracebackType
from typing import Self


class Team:
    """`together(tasks)` runs all tasks and returns when every one is done.

    The caller is a member. With fewer threads than tasks, the caller runs those left over, one
    after another: what the tasks compute does not depend on the number of threads.
    """

    def __init__(self, threads: int) -> None:
        self._helpers = [_Helper() for _ in range(threads - 1)]

    def together(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run all tasks; an exception of any is raised when all have ended."""
        shared = list(zip(self._helpers, tasks[1:], strict=False))
        for helper, task in shared:
            helper.start(task)
        try:
            for task in (tasks[0], *tasks[1 + len(shared) :]):
                task()
        finally:
            for helper, _ in shared:
                helper.wait()
        for helper, _ in shared:
            helper.raise_fault()

    def in_turn(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Run all tasks, each member taking the next as soon as it is free."""
        waiting = iter(list(tasks))

        def go() -> None:
            for task in waiting:
                task()

        self.together([go] * (1 + len(self._helpers)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for helper in self._helpers:
            helper.stop()


class _Helper:
    """A thread that waits for one task at a time."""

    def __init__(self) -> None:
        self._go, self._done = Lock(), Lock()
        self._go.acquire()
        self._done.acquire()
        self._task: Callable[[], None] | None = None
        self._fault: BaseException | None = None
        self._thread = Thread(target=self._work, daemon=True, name="actlab-team")
        self._thread.start()

    def start(self, task: Callable[[], None]) -> None:
        self._task, self._fault = task, None
        self._go.release()

    def wait(self) -> None:
        self._done.acquire()

    def raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        self._task = None
        self._go.release()
        self._thread.join()

    def _work(self) -> None:
        while True:
            self._go.acquire()
            if self._task is None:
                return
            try:
                self._task()
            except BaseException as error:
                self._fault = error
            self._done.release()
