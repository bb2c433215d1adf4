"""The laws of preprocessing steps in a run; tests/data has what each of them computes."""

from dataclasses import replace

import numpy as np
import pytest
from cases import parts, title

from actlab.data.dataset import Dataset, Split
from actlab.experiment import load
from actlab.training import Run

EVERY_STEP = pytest.mark.parametrize("step", parts("preprocessing"), ids=title)
EXPERIMENT = load({"model": {"depth": 1, "width": 4}, "record": {"probe_examples": 10}})


def split(n, brightness, seed):
    """Correlated bytes in three channels of 2 x 3."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5)) @ rng.normal(size=(5, 18)) * 9 + brightness
    return Split(np.clip(x, 0, 255).astype(np.uint8), np.arange(n) % 2)


def pipeline_of(step, data):
    """The step as a run fits it."""
    chosen = EXPERIMENT.data.model_copy(update={"preprocess": (step,)})
    return Run(EXPERIMENT.model_copy(update={"data": chosen}), data, None).pipeline


@EVERY_STEP
def test_fitted_to_the_training_split_alone(step):
    data = Dataset(split(60, 120, 0), split(20, 120, 1), split(30, 120, 2), ("a", "b"), (3, 2, 3))
    other = replace(data, validation=split(25, 200, 3), test=split(35, 30, 4))
    x = data.train.x
    found, expected = pipeline_of(step, other).apply(x), pipeline_of(step, data).apply(x)
    np.testing.assert_array_equal(found, expected)
