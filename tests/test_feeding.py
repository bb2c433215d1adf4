"""A batch prepared while another is trained on is the batch that it would have been."""

import numpy as np
import pytest

from actlab.arrays import shares
from actlab.experiment import load
from actlab.feeding import ahead
from actlab.training import Run

WAYS = {
    "plain": {},
    "whitened": {"source": {"name": "gaussian", "n": 100, "features": 30}, "preprocess": ["zca"]},
    "augmented": {"augment": ["flip", "crop", {"name": "mixup", "alpha": 0.4}]},
    "smaller": {"augment": [{"name": "crop", "size": 24}], "preprocess": ["scale"]},
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture
def feeder(tiny):
    """A feeder of 60 synthetic images, and the batches of an epoch: four, the last one short."""

    def made(way):
        sizes = {"train": 60, "validation": 30, "test": 20}
        tiny["data"] = {"source": {"name": "synthetic", **sizes}, **way}
        tiny["train"]["batch_size"] = 17
        experiment = load(tiny)
        run = Run(experiment, experiment.data.source.load(experiment.seed))
        return run.feeder, list(run.batches(1))

    return made


def fed(feeder, index, chosen):
    """The batch as the network gets it, and its labels, in three parts."""
    feed, labels = feeder.batch(1, index, chosen)
    return np.concatenate([feed(rows) for rows in shares(len(chosen), 3)]), labels


def prepare(feeder, index, chosen, number=1):
    """The same parts, by so many tasks."""
    parts = shares(len(chosen), 3)
    for task in feeder.prepare(1, index, chosen, [parts[some] for some in shares(3, number)]):
        task()


def same(found, expected):
    (x, labels), (other, others) = found, expected
    np.testing.assert_array_equal(x, other)
    for name in ("labels", "partners", "weight") if hasattr(labels, "weight") else ():
        np.testing.assert_array_equal(getattr(labels, name), getattr(others, name))
    if not hasattr(labels, "weight"):
        np.testing.assert_array_equal(labels, others)


@EVERY_WAY
@pytest.mark.parametrize("number", [1, 3])
def test_prepared_batches_are_those_that_were_not(way, number, feeder):
    plain, batches = feeder(way)
    expected = [fed(plain, index, chosen) for index, chosen in enumerate(batches)]
    prepared, batches = feeder(way)
    for index, (chosen, following) in enumerate(ahead(batches)):
        feed, labels = prepared.batch(1, index, chosen)
        if following is not None:
            prepare(prepared, index + 1, following, number)
        found = np.concatenate([feed(rows) for rows in shares(len(chosen), 3)])
        same((found, labels), expected[index])


@EVERY_WAY
@pytest.mark.parametrize("planned", [1, 3])
@pytest.mark.parametrize("evaluated", [False, True])
def test_a_batch_is_the_same_whatever_was_prepared(way, planned, evaluated, feeder):
    plain, batches = feeder(way)
    expected = fed(plain, 1, batches[1])
    prepared, batches = feeder(way)
    prepare(prepared, planned, batches[planned])
    if evaluated:
        prepared.of(prepared.train, np.arange(60))(slice(0, 60))
    same(fed(prepared, 1, batches[1]), expected)


@EVERY_WAY
def test_what_was_planned_and_not_done_is_not_fed(way, feeder):
    plain, batches = feeder(way)
    expected = fed(plain, 1, batches[1])
    prepared, batches = feeder(way)
    assert prepared.prepare(1, 1, batches[1], [shares(len(batches[1]), 3)])
    same(fed(prepared, 1, batches[1]), expected)


def test_ahead_pairs_every_batch_with_the_next():
    batches = [np.arange(n) for n in range(3)]
    now, following = zip(*ahead(iter(batches)), strict=True)
    assert all(one is other for one, other in zip(now, batches, strict=True))
    assert all(one is other for one, other in zip(following, [*batches[1:], None], strict=True))
    assert list(ahead([])) == []
