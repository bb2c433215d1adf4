"""Dask as the place where functions run: a cluster somewhere, or one on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from actlab.config import ConfigError, Fault
from actlab.execution import Borrowed, cores

AHEAD = 2
"""Jobs that each worker has at hand, so that none is idle while another is sent."""


@contextmanager
def dask_crew(scheduler: str | None, workers: int | None) -> Iterator[Borrowed]:
    """The workers of the scheduler at this address, or a local cluster; they may come and go.

    The scheduler gives what a dead worker was at to another one. Raises ConfigError.
    """
    distributed = _imported()
    with ExitStack() as stack:
        if scheduler is None:
            cluster = distributed.LocalCluster(
                n_workers=workers or cores(), threads_per_worker=1, dashboard_address=None
            )
            scheduler = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout="10s"))
        except (OSError, ValueError) as error:
            fault = f"cannot reach {scheduler}: {error}; start one with: dask scheduler"
            raise ConfigError([Fault("command line", "--scheduler", fault)]) from error
        executor = stack.enter_context(client.get_executor(pure=False))
        yield Borrowed(executor, lambda: AHEAD * sum(client.nthreads().values()))


def _imported() -> Any:
    try:
        import distributed
    except ImportError as error:
        fault = "Dask is not installed: pip install 'actlab[dask]'"
        raise ConfigError([Fault("command line", "--executor", fault)]) from error
    return distributed
