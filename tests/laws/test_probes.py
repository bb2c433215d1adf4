"""The laws of probes: they look and leave no trace, and find the same kinds of arrays each time."""

import numpy as np
import pytest
from cases import parts, title
from snapshots import snapshot_of, statistics_of

from actlab.experiment import load
from actlab.probes import DEFAULT_PROBES
from actlab.running import run

EVERY_PROBE = pytest.mark.parametrize("probe", parts("probe"), ids=title)
NETWORKS = {
    "plain": ({"depth": 2, "width": 6}, {"dropout": 0.5}),
    "noisy": ({"depth": 2, "width": 6, "activation": "rrelu"}, {"dropout": {"input": 0.2}}),
    "residual": (
        {"depth": 5, "width": 6, "residual": True, "activation": "prelu", "norm": "batch_norm"},
        {"stochastic_depth": 0.5},
    ),
    "pieces": (
        {"widths": [5, 4], "activation": "maxout", "norm": "layer_norm"},
        {"dropconnect": 0.5},
    ),
    "across units": ({"depth": 2, "width": 6, "activation": "softmax"}, {}),
    "logarithms": ({"depth": 1, "width": 6, "activation": "log_softmax"}, {}),
    "all alike": ({"depth": 2, "width": 6, "init": "zeros"}, {"dropout": 0.5}),
    "no layers": ({"depth": 0}, {}),
}
EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)


def statistics(network):
    """The statistics of a network by its name above."""
    model, regularization = NETWORKS[network]
    return statistics_of(model, regularization=regularization)


def traces(statistics, snapshot):
    """Everything that a probe could disturb: parameters, running averages, what others see."""
    workspace = statistics.network.workspace
    shown = [array for layers in snapshot.tensors.values() for array in layers]
    shown += [*snapshot.slopes, *snapshot.weight_gradients]
    arrays = [workspace.theta, *workspace.state.values(), *shown, snapshot.x, snapshot.labels]
    return [array.tobytes() for array in arrays]


@EVERY_PROBE
@EVERY_NETWORK
def test_a_probe_leaves_no_trace(probe, network):
    there = statistics(network)
    snapshot = snapshot_of(there)
    before = traces(there, snapshot)
    with np.errstate(all="ignore"):
        probe.measure(snapshot)
    assert traces(there, snapshot) == before


@EVERY_PROBE
@EVERY_NETWORK
def test_a_probe_finds_the_same_twice(probe, network):
    with np.errstate(all="ignore"):
        snapshot = snapshot_of(statistics(network))
        np.testing.assert_equal(probe.measure(snapshot), probe.measure(snapshot))


@EVERY_PROBE
@EVERY_NETWORK
def test_what_went_wrong_has_the_same_names_and_shapes(probe, network):
    there = statistics(network)
    with np.errstate(all="ignore"):
        right = probe.measure(snapshot_of(there))
        there.network.workspace.theta[::3] = np.nan
        wrong = probe.measure(snapshot_of(there))
    assert {k: np.shape(v) for k, v in right.items()} == {k: np.shape(v) for k, v in wrong.items()}


@EVERY_NETWORK
def test_training_gives_the_same_bits_with_all_probes_and_with_none(network, tiny):
    model, regularization = NETWORKS[network]
    tiny |= {"model": model, "regularization": regularization}
    records = []
    for probes in ([], [probe.written() for probe in parts("probe")]):
        tiny["record"] |= {"probes": probes, "every": 2}
        records.append(run(load(tiny)))
    bare, full = records
    assert bare.metrics == full.metrics and bare.final == full.final
    assert set(bare.statistics) < set(full.statistics)


def test_what_takes_passes_of_its_own_is_recorded_on_demand_only():
    assert [probe.name for probe in DEFAULT_PROBES] == [
        "moments",
        "fractions",
        "histograms",
        "weights",
    ]
