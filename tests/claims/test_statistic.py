"""Statistics of records as measures: which snapshot, which layer, and what is not there."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from actlab.claims.evidence import of_run
from actlab.claims.measures.base import Unmeasured
from actlab.claims.measures.statistic import Statistic
from actlab.experiment import Experiment
from actlab.record import Record

RATIOS = np.array([[nan, nan, nan], [1.0, 2.0, 6.0], [10.0, 20.0, 60.0]])
"""(snapshots, layers): as update_ratio is, which there is none of before the first step."""


@pytest.fixture
def record():
    return Record(Experiment(), "finished", [], {"update_ratio": RATIOS}, {}, "")


def ratio(**settings):
    return Statistic(statistic="update_ratio", **settings)


def test_the_mean_over_layers_skips_a_snapshot_of_nothing(record):
    assert ratio(layer="mean", at=1).of_record(record) == 3
    assert ratio(layer="max", at="max").of_record(record) == 60
    with pytest.raises(Unmeasured, match="not finite"):
        ratio(layer="mean", at="start").of_record(record)


def test_the_curve_is_of_the_snapshot_asked_for(record):
    assert ratio(layer="mean", at=1).series(record).y == [1, 2, 6]
    assert ratio(layer="mean", at="end").series(record).y == [10, 20, 60]


def test_a_run_that_diverged_is_said_to_have_done_so(record):
    dead = Statistic(statistic="dead_fraction_training_set", layer="mean")
    with pytest.raises(Unmeasured, match=r"recorded no dead_fraction_training_set$"):
        of_run(dead, record)
    with pytest.raises(Unmeasured, match=r"recorded no dead.*, as it diverged"):
        of_run(dead, replace(record, status="diverged"))
