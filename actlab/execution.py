"""Where functions run: worker processes of our own, or any concurrent.futures.Executor."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from typing import Any, Protocol

THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class Crew(Protocol):
    """Workers in numbered places, each of which does one thing at a time."""

    @property
    def places(self) -> int:
        """How many there are at the moment."""
        ...

    def submit(self, place: int, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have the worker in this place call a function."""
        ...

    def mend(self, place: int) -> None:
        """Put a new worker in the place of one that died."""
        ...

    def close(self) -> None:
        """Send the workers home, at once, whatever they are doing."""
        ...


class Processes:
    """Worker processes that live as long as the crew, with a given number of BLAS threads each.

    Each is a pool of one, so that a death is the fault of what that worker did and leaves the
    others in peace. They are spawned, since a fork would copy threads in any state; they ignore
    Ctrl-C, which is for the parent to act on; and they end when the parent is gone.
    """

    def __init__(self, places: int, threads: int) -> None:
        self._threads = threads
        self._pools: list[ProcessPoolExecutor | None] = [None] * places
        self._pids: dict[int, Future[int]] = {}

    @property
    def places(self) -> int:
        return len(self._pools)

    def submit(self, place: int, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        for _ in range(2):
            try:
                return self._pool(place).submit(function, *arguments)
            except BrokenExecutor:
                self.mend(place)
        return self._pool(place).submit(function, *arguments)

    def mend(self, place: int) -> None:
        if pool := self._pools[place]:
            pool.shutdown(wait=False)
        self._pools[place] = None

    def close(self) -> None:
        for pid in self._pids.values():
            with suppress(Exception):
                os.kill(pid.result(timeout=10), signal.SIGTERM)
        for pool in self._pools:
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)

    def _pool(self, place: int) -> ProcessPoolExecutor:
        pool = self._pools[place]
        if pool is None:
            pool = ProcessPoolExecutor(1, get_context("spawn"), _live_no_longer_than_the_parent)
            self._pools[place] = pool
            with _inherited(self._threads):
                self._pids[place] = pool.submit(os.getpid)
        return pool


class Borrowed:
    """Somebody else's executor, which has `places()` workers now and minds their deaths itself."""

    def __init__(self, executor: Executor, places: Callable[[], int]) -> None:
        self._executor, self._places = executor, places

    @property
    def places(self) -> int:
        return max(self._places(), 1)

    def submit(self, place: int, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        return self._executor.submit(function, *arguments)

    def mend(self, place: int) -> None:
        raise BrokenExecutor("the executor is broken, and it is not ours to mend")

    def close(self) -> None:
        """Its owner closes it."""


def cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


@contextmanager
def _inherited(threads: int) -> Iterator[None]:
    """What a process spawned meanwhile finds before its NumPy starts: threads, a deaf Ctrl-C."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    try:
        with _deaf():
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf() -> Iterator[None]:
    """Block Ctrl-C for processes spawned meanwhile; to this one it comes afterwards."""
    if sys.platform == "win32":  # where console programs get it whatever their parent does
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live_no_longer_than_the_parent() -> None:
    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
