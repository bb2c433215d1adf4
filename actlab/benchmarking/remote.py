"""Contenders in processes of their own, asked for steps over a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from typing import Any

from actlab.benchmarking.contenders import ENTRIES
from actlab.execution import THREAD_VARIABLES, cores


class ContenderFailed(RuntimeError):
    """A contender's process could not do what it was asked; the message says what went wrong."""


@dataclass(frozen=True)
class Turn:
    """Milliseconds of a step, and the share of a core that was used while others had their turn."""

    ms: float
    idle: float


class Remote:
    """A contender in its own process, with as many threads as there are cores.

    Its libraries find that number, and what else its entry asks for, in their environment before
    they start. The process ends with its pipe, also when the parent dies.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        threads = dict.fromkeys(THREAD_VARIABLES, str(cores()))
        environment = {**os.environ, **threads, **ENTRIES[name].environment}
        self._pipe, theirs = Pipe()
        command = [sys.executable, "-m", "actlab.benchmarking.serving", str(theirs.fileno()), name]
        self._process = subprocess.Popen(
            command, env=environment, pass_fds=[theirs.fileno()], stdout=subprocess.DEVNULL
        )
        theirs.close()

    def ask(self, deed: str, *arguments: Any) -> Any:
        """What a method of `serving.Service` returns over there. Raises ContenderFailed."""
        try:
            self._pipe.send((deed, arguments))
            fault, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            code = self._process.wait()
            raise ContenderFailed(f"{self.name}: its process ended with code {code}") from error
        if fault:
            raise ContenderFailed(f"{self.name}: {fault}")
        return answer

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def remotes(names: Iterable[str]) -> Iterator[Mapping[str, Remote]]:
    """Contenders by name, which end with the block."""
    with ExitStack() as opened:
        found = {}
        for name in names:
            found[name] = Remote(name)
            opened.callback(found[name].close)
        yield found
