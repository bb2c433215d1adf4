import numpy as np
import pytest

from actlab.data.sources.gaussian import Gaussian


def test_rows_are_unit_normal_and_labels_uniform():
    data = Gaussian(n=2000, features=60, classes=7, validation=30, test=40).load(3)
    x, labels = data.train.x, data.train.labels
    assert (x.dtype, labels.dtype, x.shape) == (np.float32, np.int64, (2000, 60))
    assert abs(x.mean()) < 4 / np.sqrt(x.size)
    assert abs(x.std() - 1) < 4 / np.sqrt(2 * x.size)
    assert np.bincount(labels, minlength=7).min() > 200
    assert (len(data.validation), len(data.test), data.shape) == (30, 40, (60,))
    assert len(data.classes) == 7


def test_seed_decides_and_splits_differ():
    first, again, other = (Gaussian(n=50).load(seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.train.x, again.train.x)
    np.testing.assert_array_equal(first.test.labels, again.test.labels)
    assert not np.array_equal(first.train.x, other.train.x)
    assert not np.array_equal(first.validation.x, first.test.x)


@pytest.mark.parametrize("features", [5, 500])
def test_fewer_examples_are_the_first_of_more(features):
    few = Gaussian(n=20, features=features).load(0).train
    many = Gaussian(n=90, features=features).load(0).train
    np.testing.assert_array_equal(few.x, many.x[:20])
    np.testing.assert_array_equal(few.labels, many.labels[:20])


def test_shrunk_keeps_what_is_small_already():
    assert Gaussian(n=300, validation=10).shrunk(50).sizes == (50, 10, 50)
