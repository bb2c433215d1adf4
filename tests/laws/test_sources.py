"""The laws of sources: what is drawn depends on the seed and on nothing else."""

import numpy as np
import pytest
from cases import parts, title

from actlab.config import members
from actlab.data.dataset import Dataset
from actlab.experiment import load

EVERY_SOURCE = pytest.mark.parametrize("source", parts("source"), ids=title)
DRAWN = pytest.mark.parametrize(
    "source", [source for source in parts("source") if not source.needs_files], ids=title
)
ROWS = 40


def arrays(data: Dataset):
    """Every array of a data set by its name."""
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    x = {f"{name}.x": split.x for name, split in splits.items()}
    return x | {f"{name}.labels": split.labels for name, split in splits.items()}


@DRAWN
def test_the_same_seed_gives_the_same_bits(source):
    one, again = (arrays(source.shrunk(ROWS).load(3)) for _ in range(2))
    for name, array in one.items():
        np.testing.assert_array_equal(array, again[name], err_msg=name, strict=True)


@DRAWN
def test_another_seed_gives_other_examples_of_the_same_kind(source):
    one, other = (source.shrunk(ROWS).load(seed) for seed in (0, 1))
    for name in ("train", "validation", "test"):
        x, y = getattr(one, name).x, getattr(other, name).x
        assert x.shape == y.shape and not (x[:, None] == y).all(axis=2).any(), name
    assert (one.classes, one.shape) == (other.classes, other.shape)


@DRAWN
def test_no_example_is_in_two_splits(source):
    data = source.shrunk(ROWS).load(0)
    x = np.concatenate([data.train.x, data.validation.x, data.test.x])
    assert len(np.unique(x, axis=0)) == len(x)


@DRAWN
def test_sizes_shape_types_and_labels_are_as_declared(source):
    source = source.shrunk(300)
    data = source.load(5)
    splits = (data.train, data.validation, data.test)
    assert tuple(map(len, splits)) == source.sizes
    assert data.shape == source.shape and data.features == np.prod(source.shape)
    assert len(data.classes) == source.n_classes
    for split in splits:
        assert split.x.shape == (len(split), data.features)
        assert split.x.dtype == (np.uint8 if source.images else np.float32)
        assert split.x.flags.c_contiguous and np.isfinite(split.x).all()
        assert split.labels.dtype == np.int64 and split.labels.shape == (len(split),)
        assert set(split.labels.tolist()) == set(range(source.n_classes))


@DRAWN
def test_smaller_sets_are_the_beginning_of_larger_ones(source):
    few, many = (arrays(source.shrunk(rows).load(0)) for rows in (ROWS, 2 * ROWS + 3))
    for name, array in few.items():
        np.testing.assert_array_equal(array, many[name][:ROWS], err_msg=name)


@DRAWN
def test_without_validation_and_test_examples_the_training_split_stays(source):
    source = source.shrunk(ROWS)
    written = {"name": source.name, **source.model_dump(), "validation": 0, "test": 0}
    alone = load({"data": {"source": written}}).data.source
    assert alone.sizes == (ROWS, 0, 0) and alone.shrunk(7).sizes == (7, 0, 0)
    data = alone.load(0)
    np.testing.assert_array_equal(data.train.x, source.load(0).train.x)
    assert data.test.x.shape == (0, data.features) and not len(data.validation.labels)


@DRAWN
def test_shrinking_leaves_the_source_and_what_is_small_already(source):
    before = source.sizes
    assert source.shrunk(7).sizes == (7, 7, 7) and source.sizes == before
    assert source.shrunk(10**6) == source
    assert load({"data": {"source": source.shrunk(7).written()}}).data.source == source.shrunk(7)


@EVERY_SOURCE
def test_a_config_that_names_it_touches_no_file(source):
    experiment = load({"data": {"source": source.written(), "path": "/nowhere/at/all"}})
    assert experiment.data.source.written() == source.written()


def test_most_sources_are_drawn():
    assert {"blobs", "gaussian", "spiral", "synthetic"} <= members("source").keys()
