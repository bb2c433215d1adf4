"""Who shares a training step: a team of threads, by rows or by columns, or BLAS.

A team has to wake whoever sleeps, and its members wait for the interpreter and for each other. The
threads of BLAS wait awake, which is faster where products are short. But how BLAS divides a product
may change its last bits, and what is trained must not depend on the threads at hand: so a few steps
of a copy tell first whether it does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.nn.network import Network
from actlab.nn.optimizers.base import Optimizer
from actlab.nn.optimizers.driver import Driver
from actlab.nn.stepping import Stepper
from actlab.nn.team import Team
from actlab.nn.updating import can_fuse

MOST_THREADS = 8
WORTHWHILE = 1 << 24
"""Multiplications in a forward pass, below which handing over costs more than it saves."""
LARGE = 1 << 19
"""Elements of a weight matrix, on average, from which on sharing columns is faster than rows: by
20% at a batch of 10, by 4% at 256. The threads meet at every product, and read W once in all."""
SHORT = range(1 << 23, 1 << 27)
"""Multiplications in a forward pass for which BLAS shares better than a team: by 10 to 35%."""


def number_of_parts(network: Network, batch: int) -> int:
    """As many as the machine has cores if there is work for so many; 1 if layers need the batch."""
    return min(_shareable(network, batch), max(batch, 1)) if _splits(network) else 1


def number_of_columns(network: Network, batch: int) -> int:
    """In how many parts to share the columns of products in training; 1: the rows are shared."""
    by_columns = _is_large(network) or not _splits(network)
    return _shareable(network, batch) if by_columns else 1


def number_of_blas_threads(
    network: Network, optimizer: Optimizer, batches: Iterable[int], threads: int
) -> int:
    """On how many threads of BLAS's own to compute batches of these sizes whole; 0: a team shares.

    Whether BLAS is in charge depends on the network, the sizes and the machine, not on the threads
    at hand. If their number would change a bit, it gets one.
    """
    sizes, cores, threads = sorted(set(batches)), _cores(), min(threads, MOST_THREADS)
    short = sizes[-1] * network.workspace.n_decaying in SHORT and not _is_large(network)
    if cores == 1 or not short:
        return 0
    with threadpool_limits(1, user_api="blas"), np.errstate(all="ignore"):
        losses, _ = expected = _trial(network, optimizer, sizes, 1)
        if not np.isfinite(losses).all() or _trial(network, optimizer, sizes, cores) != expected:
            return 0
        if threads in (1, cores) or _trial(network, optimizer, sizes, threads) == expected:
            return threads
    return 1


def _trial(
    network: Network, optimizer: Optimizer, sizes: Sequence[int], blas: int
) -> tuple[list[float], list[bytes]]:
    """The losses of a copy in a step on noise for each size, and all that it remembers of them."""
    copy = Network(
        network.layers,
        network.n_in,
        loss=network.loss,
        penalties=network.penalties,
        dtype=network.dtype,
    )
    copy.seed_noise(0)
    rng = np.random.default_rng(0)
    for array in copy.parameters.values():  # so that signals neither die nor explode
        array[...] = rng.normal(0, np.sqrt(2 / len(array)), array.shape)
    driver, losses = Driver(optimizer, copy), []
    with Team(1) as alone:
        stepper = Stepper(copy, driver, 1, max(sizes), alone, blas=blas)
        for size in sizes:
            x = rng.normal(size=(size, network.n_in)).astype(network.dtype)
            labels = rng.integers(network.n_out, size=size)
            losses.append(stepper.step(x.__getitem__, labels, lr=0.1)[0])
    return losses, [array.tobytes() for array in (copy.workspace.theta, *driver.slots)]


def _shareable(network: Network, batch: int) -> int:
    """Among how many threads a step can be shared: 1 unless there is work for all cores."""
    worthwhile = batch * network.workspace.n_decaying >= WORTHWHILE
    return _cores() if worthwhile and can_fuse(network) else 1


def _cores() -> int:
    """The machine's cores, as far as a step is worth sharing among them."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def _is_large(network: Network) -> bool:
    """Whether reading the weights takes long."""
    weights = [p for p in network.workspace.claimed if p.decays]
    return network.workspace.n_decaying >= LARGE * len(weights)


def _splits(network: Network) -> bool:
    """Whether no layer needs the batch as a whole."""
    return all(placed.layer.splits for placed in network.placed)
