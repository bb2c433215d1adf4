"""The other end of the pipe: `python -m actlab.benchmarking.serving PIPE CONTENDER`."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any

from actlab.arrays import Array
from actlab.benchmarking.contenders import ENTRIES
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.remote import Turn
from actlab.benchmarking.workloads import Task


class Service:
    """What a contender can be asked for."""

    def __init__(self, name: str) -> None:
        self._kind = ENTRIES[name].load()
        self._contender: Contender
        self._rested = time.perf_counter(), time.process_time()

    def open(self, task: Task) -> None:
        """Begin a task, from its first weights."""
        self.close()
        self._contender = self._kind(task)
        self._batches = cycle(task.batches)

    def close(self) -> None:
        """End the task at hand, if there is one."""
        if hasattr(self, "_contender"):
            self._contender.close()
            del self._contender

    def cannot(self, task: Task) -> str | None:
        """Why the task's workload is beyond the contender, if it is."""
        return self._kind.cannot(task.workload)

    def gradients(self, rows: Array) -> Sequence[Array]:
        """Of the loss of these images."""
        return self._contender.gradients(rows)

    def losses(self, steps: int) -> list[float]:
        """The loss before each of the next steps."""
        return self._contender.losses(islice(self._batches, steps))

    def turn(self, steps: int) -> Turn:
        """Time so many steps, after a third as many to warm up.

        Threads that have slept begin on one core, and take some steps to part.
        """
        wall, cpu = self._rested
        idle = (time.process_time() - cpu) / max(time.perf_counter() - wall, 1e-9)
        self._contender.losses(islice(self._batches, 1 + steps // 3))
        batches = list(islice(self._batches, steps))
        start = time.perf_counter()
        self._contender.losses(batches)
        ms = (time.perf_counter() - start) / steps * 1e3
        self._rested = time.perf_counter(), time.process_time()
        return Turn(ms, idle)


def serve(pipe: Connection[Any, Any], name: str) -> None:
    """Answer with a pair of fault and answer, one of them None, until the pipe is closed.

    Libraries are imported before the first question, so that all processes do it at once.
    """
    service, unfit = _started(name)
    with suppress(EOFError, ConnectionError):
        while True:
            deed, arguments = pipe.recv()
            pipe.send((unfit, None) if unfit else _answered(service, deed, arguments))


def _answered(service: Service | None, deed: str, arguments: Any) -> tuple[str | None, Any]:
    try:
        return None, getattr(service, deed)(*arguments)
    except Exception as error:
        return _in_words(error), None


def _started(name: str) -> tuple[Service | None, str | None]:
    """The service, or why there is none."""
    try:
        return Service(name), None
    except Exception as error:
        return None, _in_words(error)


def _in_words(error: Exception) -> str:
    text = (str(error).strip() or "no message").splitlines()[0]
    return f"{type(error).__name__}: {text}"


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])), sys.argv[2])
