"""Snapshots of small networks, for the laws and the tests of probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from actlab.architecture import build
from actlab.arrays import Array
from actlab.data.dataset import Split
from actlab.data.preprocessing import pipeline
from actlab.experiment import load
from actlab.measuring import Statistics
from actlab.nn.network import Network
from actlab.nn.team import Team
from actlab.probes import Probe, Snapshot

EXAMPLES, FEATURES = 30, 8


def some_rows(n: int = EXAMPLES, features: int = FEATURES) -> Array:
    """Rows without preference for a sign."""
    return np.random.default_rng(1).normal(size=(n, features))


def statistics_of(
    model: dict[str, Any],
    x: Array | None = None,
    *,
    regularization: dict[str, Any] | None = None,
    prepare: Callable[[Network], Any] = lambda network: None,
) -> Statistics:
    """The statistics of a network in float64 whose training rows are x, after `prepare`."""
    x = some_rows() if x is None else x
    config = {"model": {"dtype": "float64", **model}, "regularization": regularization or {}}
    experiment = load({**config, "seed": 3})
    split = Split(x, np.arange(len(x)) % 10)
    steps = pipeline.fit((), split, (x.shape[1],), dtype="float64")
    network = build(experiment, n_in=x.shape[1])
    prepare(network)
    return Statistics(network, steps, split, experiment)


def snapshot_of(statistics: Statistics) -> Snapshot:
    """What probes are shown."""
    team = Team(1)
    statistics._passes(team)
    return statistics._snapshot(None, team)


def measured(probe: Probe, model: dict[str, Any], x: Array | None = None, **how: Any) -> Any:
    """What a probe finds in such a network."""
    return probe.measure(snapshot_of(statistics_of(model, x, **how)))
