"""Scaled weights against averaged masks, from the record of a network with and without dropout."""

import pytest

from actlab.claims.measures.base import Unmeasured
from actlab.claims.measures.mask_distance import MaskDistance
from actlab.experiment import load
from actlab.training import train


def record(**regularization):
    experiment = load(
        {
            "data": {"source": {"name": "gaussian", "n": 60, "validation": 0, "test": 10}},
            "model": {"depth": 1, "width": 20},
            "regularization": regularization,
            "train": {"epochs": 0},
            "record": {"probe_examples": 50, "probes": [{"name": "masks", "numbers": [1, 4, 64]}]},
        }
    )
    return train(experiment, experiment.data.source.load(0))


def test_more_masks_come_nearer_to_scaled_weights():
    kept = record(dropout=0.5)
    four, many = (MaskDistance(masks=n).of_record(kept) for n in (4, 64))
    assert MaskDistance(masks=1).of_record(kept) == 1
    assert many < four < 1
    # of independent draws 1/2; the scaled weights are not their very mean
    assert four == pytest.approx(0.5, abs=0.15)
    assert MaskDistance().series(kept).x == (1, 4, 64)


def test_what_was_not_recorded_is_said():
    with pytest.raises(Unmeasured, match=r"over \(1, 4, 64\), not over 7"):
        MaskDistance(masks=7).of_record(record(dropout=0.5))
    with pytest.raises(Unmeasured, match="nothing is drawn"):
        MaskDistance(masks=4).of_record(record())
