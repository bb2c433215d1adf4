import os
import pickle

import numpy as np
import pytest
from pydantic import ValidationError

from actlab.data.dataset import DataError
from actlab.data.sources.cifar10 import Cifar10
from actlab.randomness import generator

ROWS = 12
SMALL = Cifar10(train=40, validation=15, test=9)


class Touch:
    """Pickles as a call of os.system."""

    def __reduce__(self):
        return os.system, ("false",)


def test_the_split_follows_the_permutation_of_the_seed(binary, rows):
    data = SMALL.load(5, binary)
    train, test = rows[:5].reshape(-1, 3073), rows[5]
    order = generator(5, "split").permutation(5 * ROWS)
    np.testing.assert_array_equal(data.train.x, train[order[:40], 1:])
    np.testing.assert_array_equal(data.train.labels, train[order[:40], 0])
    np.testing.assert_array_equal(data.validation.x, train[order[40:55], 1:])
    np.testing.assert_array_equal(data.validation.labels, train[order[40:55], 0])
    np.testing.assert_array_equal(data.test.x, test[:9, 1:])
    np.testing.assert_array_equal(data.test.labels, test[:9, 0])
    for split in (data.train, data.validation, data.test):
        assert (split.x.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert split.x.flags.c_contiguous


def test_every_layout_gives_the_same(binary, python, pack):
    places = [binary, binary.parent, python, pack(binary, "a.tar.gz"), pack(python, "b.tar.gz")]
    first, *others = (SMALL.load(0, place) for place in places)
    for other in others:
        np.testing.assert_array_equal(other.train.x, first.train.x)
        np.testing.assert_array_equal(other.validation.labels, first.validation.labels)
        np.testing.assert_array_equal(other.test.x, first.test.x)


def test_pickles_of_python_3_load_too(binary, python, rows):
    for file, batch in zip(sorted(python.iterdir()), rows, strict=True):
        file.write_bytes(python3_pickle(batch))
    np.testing.assert_array_equal(SMALL.load(0, python).train.x, SMALL.load(0, binary).train.x)


def test_archive_is_found_by_its_official_name(binary, pack, tmp_path):
    pack(binary, "cifar-10-binary.tar.gz")
    assert len(SMALL.load(0, tmp_path).train) == 40


def test_environment_and_cache_are_searched(binary, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ACTLAB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"nowhere, .*cache.actlab; type `actlab data fetch"):
        SMALL.load(0)
    monkeypatch.setenv("ACTLAB_DATA", str(binary.parent))
    assert len(SMALL.load(0).test) == 9
    monkeypatch.delenv("ACTLAB_DATA")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "actlab").symlink_to(binary.parent)
    assert len(SMALL.load(0).test) == 9


def test_an_explicit_path_is_searched_alone(binary, tmp_path, monkeypatch):
    monkeypatch.setenv("ACTLAB_DATA", str(binary))
    with pytest.raises(DataError, match="not found in"):
        SMALL.load(0, tmp_path / "empty")


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"train": 49_000, "validation": 2_000}, "51000, but CIFAR-10 has 50000.*at most 1000"),
        ({"train": 60_000}, "50000"),
        ({"test": 10_001}, "10000"),
    ],
)
def test_sizes_beyond_the_data_set_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        Cifar10(**settings)


def test_too_few_rows_say_how_many_there_are(binary):
    with pytest.raises(DataError, match="holds 60 training images, but 61 are asked for"):
        Cifar10(train=50, validation=11, test=1).load(0, binary)
    with pytest.raises(DataError, match="holds 12 test images, but 13"):
        Cifar10(train=5, validation=5, test=13).load(0, binary)


def test_a_hostile_pickle_is_refused(python):
    (python / "data_batch_3").write_bytes(pickle.dumps({b"data": Touch()}, protocol=2))
    with pytest.raises(DataError, match=r"data_batch_3: refused: .*system"):
        SMALL.load(0, python)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02}(U",
        b"not a pickle",
        pickle.dumps([1, 2], protocol=2),
        pickle.dumps({b"data": np.zeros((2, 3072)), b"labels": [0, 1]}, protocol=2),
        pickle.dumps({b"data": np.zeros((2, 7), np.uint8), b"labels": [0, 1]}, protocol=2),
        pickle.dumps({b"data": b"", b"labels": []}, protocol=2),
    ],
)
def test_a_damaged_pickle_is_named(python, content):
    (python / "data_batch_2").write_bytes(content)
    with pytest.raises(DataError, match="data_batch_2: "):
        SMALL.load(0, python)


def test_damaged_binary_files_are_named(binary):
    file = binary / "data_batch_4.bin"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(DataError, match=r"data_batch_4.bin: 36,875 bytes is not a whole number"):
        SMALL.load(0, binary)
    file.write_bytes(whole[:3073] + b"\x0b" + whole[3074:])
    with pytest.raises(DataError, match=r"data_batch_4.bin: label 11 in row 1"):
        SMALL.load(0, binary)
    file.write_bytes(bytes(10_001 * 3073))
    with pytest.raises(DataError, match="10,001 rows"):
        SMALL.load(0, binary)
    file.unlink()
    with pytest.raises(DataError, match="data_batch_4 missing"):
        SMALL.load(0, binary)


@pytest.mark.parametrize("kept", [0, 5, 1000, -5000])
def test_a_cut_off_archive_is_named(binary, pack, kept):
    archive = pack(binary)
    archive.write_bytes(archive.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"archive.tar.gz: "):
        SMALL.load(0, archive)


def test_shrunk():
    assert Cifar10().shrunk(100).sizes == (100, 100, 100)
    assert Cifar10().sizes == (45_000, 5_000, 10_000)


def python3_pickle(batch) -> bytes:
    """The same dictionary as the running NumPy pickles it."""
    content = {b"data": np.ascontiguousarray(batch[:, 1:]), b"labels": batch[:, 0].tolist()}
    return pickle.dumps(content, protocol=2)
