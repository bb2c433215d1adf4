"""Measures of spreads by layer and of perturbed weights, on records made by hand."""

import numpy as np
import pytest

from actlab.claims.measures.base import Unmeasured
from actlab.claims.measures.loss_change import LossChange
from actlab.claims.measures.spread import MOST_DECADES, ReferenceRow, ResidualStream, SpreadChange
from actlab.experiment import load
from actlab.record import Record

PRINTED = (0.6, 0.4, 0.2)


def record(**statistics):
    return Record(load({}), "finished", statistics={k: np.array(v) for k, v in statistics.items()})


def stds(*snapshots):
    return record(**{"activation.std": snapshots})


def test_a_row_as_printed_is_at_distance_zero():
    row = ReferenceRow(values=PRINTED, spread=(0.01,))
    assert row.of_record(stds(PRINTED)) == pytest.approx(0, abs=1e-9)


def test_distance_is_that_of_the_worst_layer_in_its_own_spread():
    row = ReferenceRow(values=PRINTED, spread=(0.01, 0.02, 0.05), rounding=0)
    assert row.of_record(stds([0.606, 0.4, 0.2])) == pytest.approx(1)
    assert row.of_record(stds([0.606, 0.376, 0.21])) == pytest.approx(3)
    assert row.of_record(stds(PRINTED, [0.66, 0.4, 0.2])) == pytest.approx(0, abs=1e-9)


def test_printed_zeros_allow_for_what_rounding_hides():
    row = ReferenceRow(values=(0.1, 0.0), spread=(0.01,))
    assert row.of_record(stds([0.1, 4e-7])) < 1
    assert row.of_record(stds([0.1, 4e-6])) > 4


def test_another_initialization_is_far_away():
    """He's rows where Xavier's are printed."""
    row = ReferenceRow(values=PRINTED, spread=(0.01,))
    assert row.of_record(stds([0.6, 0.6, 0.6])) > 100


def test_rows_need_as_many_layers():
    with pytest.raises(Unmeasured, match="2 layers, but the row has 3"):
        ReferenceRow(values=PRINTED, spread=(0.01,)).of_record(stds([0.6, 0.4]))
    with pytest.raises(Unmeasured, match=r"recorded no activation\.std"):
        ReferenceRow(values=PRINTED, spread=(0.01,)).of_record(record())
    with pytest.raises(ValueError, match="one number, or as many as values"):
        ReferenceRow(values=PRINTED, spread=(0.01, 0.01))


@pytest.mark.parametrize(
    ("row", "decades"),
    [([1, 0.5, 0.1], 1), ([0.1, 7, 1], 1), ([2, 9, 2], 0), ([1e-3, 1, 1e3], 6)],
)
def test_decades_of_spread_count_lost_or_gained(row, decades):
    assert SpreadChange().of_record(stds(row, [5, 5, 5])) == pytest.approx(decades)


@pytest.mark.parametrize("last", [0.0, np.nan, np.inf])
def test_a_spread_beyond_all_numbers_counts_as_the_most(last):
    assert SpreadChange().of_record(stds([1, 1, last])) == MOST_DECADES


def perturbed(changes):
    experiment = load({"record": {"probes": [{"name": "perturbation", "scales": [0.01, 0.1]}]}})
    return Record(experiment, "finished", statistics={"perturbation.loss_change": changes})


def test_change_of_the_loss_by_scale_and_snapshot():
    found = perturbed(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert LossChange(scale=0.01, at="start").of_record(found) == 1
    assert LossChange(scale=0.1, at="end").of_record(found) == 4
    series = LossChange(at="end").series(found)
    assert list(series.x) == [0.01, 0.1] and list(series.y) == [3, 4]


def test_a_scale_that_was_not_tried_is_named():
    with pytest.raises(Unmeasured, match=r"0\.05 was tried, only 0\.01, 0\.1"):
        LossChange(scale=0.05).of_record(perturbed(np.ones((2, 2))))
    with pytest.raises(Unmeasured, match="record the probe perturbation"):
        LossChange().of_record(record())


def test_a_residual_stream_that_doubles_its_variance_with_each_block():
    found = record(**{"block.std": [[0.5 * 2 ** (k / 2) for k in range(9)], [9.0] * 9]})
    assert ResidualStream().of_record(found) == pytest.approx(8)
    assert ResidualStream(relative=True).of_record(found) == pytest.approx(16)
    assert list(ResidualStream().series(found).x) == list(range(9))


def test_a_stream_that_stays_as_it_was():
    assert ResidualStream(relative=True).of_record(record(**{"block.std": [[0.7] * 5]})) == 1


def test_without_blocks_there_is_no_stream():
    with pytest.raises(Unmeasured, match=r"recorded no block\.std"):
        ResidualStream().of_record(record(**{"block.std": [[]]}))
    with pytest.raises(Unmeasured, match="not finite"):
        ResidualStream().of_record(record(**{"block.std": [[1.0, np.inf]]}))
