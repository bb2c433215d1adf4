"""A user's own .npz: found, understood, converted, split; and refused with a reason."""

import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from actlab.costs import costs
from actlab.data.dataset import DataError
from actlab.data.sources.npz import Npz
from actlab.experiment import load
from actlab.running import run

ROWS = 50
X = np.random.default_rng(0).normal(3, 20, size=(ROWS, 6))
Y = np.arange(ROWS) % 4


@pytest.fixture
def save(tmp_path, monkeypatch):
    """A function that writes arrays to mine.npz in the working directory; the source for it."""
    monkeypatch.chdir(tmp_path)

    def saved(settings=None, **arrays):
        np.savez(tmp_path / "mine.npz", **arrays)
        return Npz(file="mine.npz", **settings or {})

    return saved


def rows_of(data):
    return np.concatenate([data.train.x, data.validation.x, data.test.x])


def test_a_file_just_works(save):
    save(x=X, y=Y)
    experiment = load(
        {
            "data": {"source": {"name": "npz", "file": "mine.npz"}},
            "model": {"depth": 1, "width": 8},
            "train": {"epochs": 2, "batch_size": 10},
        }
    )
    assert [step.name for step in experiment.data.preprocess] == ["standardize"]
    assert experiment.data.features == 6
    assert costs(experiment).parameters == 6 * 8 + 8 + 8 * 4 + 4
    assert experiment.smoke().data.source.sizes == (40, 5, 5)
    assert run(experiment).status == "finished"


def test_float64_becomes_float32_and_every_row_is_in_one_split(save):
    source = save(x=X, y=Y)
    data = source.load(0)
    assert source.sizes == (40, 5, 5) and source.shape == data.shape == (6,)
    assert source.n_classes == len(data.classes) == 4
    assert {split.x.dtype for split in (data.train, data.validation, data.test)} == {
        np.dtype(np.float32)
    }
    order = np.lexsort(rows_of(data).T)
    np.testing.assert_array_equal(rows_of(data)[order], X.astype(np.float32)[np.lexsort(X.T)])
    for split in (data.train, data.test):
        at = [np.flatnonzero((X.astype(np.float32) == row).all(axis=1))[0] for row in split.x]
        np.testing.assert_array_equal(Y[at], split.labels)
        assert split.labels.dtype == np.int64


def test_the_seed_splits_and_a_smaller_training_set_leaves_the_rest(save):
    source = save(x=X, y=Y)
    one, again, other = (source.load(seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.train.x, again.train.x)
    assert not np.array_equal(one.train.x, other.train.x)
    fewer = source.model_copy(update={"train": 9}).load(0)
    np.testing.assert_array_equal(fewer.train.x, one.train.x[:9])
    np.testing.assert_array_equal(fewer.validation.x, one.validation.x)
    np.testing.assert_array_equal(fewer.test.x, one.test.x)


def test_own_sets_are_kept_and_the_missing_one_is_drawn(save):
    source = save(X_train=X[:30], Y_train=Y[:30], X_test=X[30:42], labels_test=Y[30:42])
    data = source.load(0)
    assert source.sizes == (27, 3, 12)
    np.testing.assert_array_equal(data.test.x, X[30:42].astype(np.float32))
    source = save(x=X[:30], y=Y[:30], x_val=X[30:42], y_val=Y[30:42], settings={"validation": 7})
    np.testing.assert_array_equal(source.load(0).validation.labels, Y[30:37])
    assert source.sizes == (27, 7, 3) and source.shrunk(5).load(0).train.x.shape == (5, 6)
    assert source.model_copy(update={"validation": 0, "test": 0}).sizes == (30, 0, 0)


@pytest.mark.parametrize("shape", [(4, 3), (1, 4, 3), (3, 2, 2)])
def test_bytes_can_be_images(save, shape):
    x = np.random.default_rng(0).integers(256, size=(ROWS, *shape), dtype=np.uint8)
    source = save(x=x, y=Y, settings={"kind": "images"})
    data = source.load(0)
    assert source.shape == data.shape == ((1, *shape) if len(shape) == 2 else shape)
    assert data.train.x.dtype == np.uint8
    experiment = load({"data": {"source": source.written(), "preprocess": "channel_standardize"}})
    assert experiment.data.features == 12
    assert load({"data": {"source": source.written()}}).data.preprocess[0].name == "scale"


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float16, np.float32, np.bool_])
@pytest.mark.parametrize("shape", [(ROWS,), (ROWS, 2, 3)], ids=str)
def test_any_type_and_shape_of_numbers(save, kind, shape):
    x = np.arange(np.prod(shape)).reshape(shape).astype(kind)
    data = save(x=x, y=Y[:, None].astype(np.uint8)).load(0)
    assert data.train.x.dtype == (np.uint8 if kind == np.uint8 else np.float32)
    assert data.train.x.shape == (40, int(np.prod(shape[1:])))


def test_the_file_is_looked_for_in_all_its_places(save, tmp_path, monkeypatch):
    expected = save(x=X, y=Y).load(0).train.x
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "mine.npz").rename(kept / "mine.npz")
    for path in ("kept", "kept/mine.npz", str(kept)):
        data = load({"data": {"source": {"name": "npz", "file": "mine.npz"}, "path": path}}).data
        assert data.features == 6 and data.source.n_classes == 4
        np.testing.assert_array_equal(data.source.load(0).train.x, expected)
    np.testing.assert_array_equal(Npz(file=str(kept / "mine.npz")).load(0).train.x, expected)
    with pytest.raises(DataError, match=r"mine.npz: no such file; correct data.source.file or"):
        Npz(file="mine.npz").load(0)
    monkeypatch.setenv("ACTLAB_DATA", str(kept))
    np.testing.assert_array_equal(Npz(file="mine.npz").load(0).train.x, expected)
    with pytest.raises(DataError, match=r"no file named; write {name: npz, file: mine.npz}"):
        load({"data": {"source": "npz"}}).data.features  # noqa: B018


FAULTY = {
    "y: label -1 in row 3, where 4 classes": {"x": X, "y": np.where(np.arange(ROWS) == 3, -1, Y)},
    "labels up to 1,000,000 for 50 rows": {"x": X, "y": Y + 10**6 - 3},
    "y: 49 labels for 50 rows": {"x": X, "y": Y[1:]},
    "y: float64 of shape": {"x": X, "y": Y.astype(float)},
    "y: int64 of shape": {"x": X, "y": np.eye(4, dtype=int)[Y]},
    "x: nan in row 7, feature 2": {"x": np.where(X[7, 2] == X, np.nan, X), "y": Y},
    "x: inf in row 7, feature 2": {"x": np.where(X[7, 2] == X, 1e300, X), "y": Y},
    "x: complex128 is not a type of number": {"x": X + 1j, "y": Y},
    "x: object is not a type of number": {"x": X.astype(object), "y": Y},
    "y: object of shape": {"x": X, "y": Y.astype(object)},
    "x: has no counterpart; save both": {"x": X},
    "holds data, target; save x and y": {"data": X, "target": Y},
    r"x_test: rows of shape \(5,\)": {"x": X, "y": Y, "x_test": X[:, 1:], "y_test": Y},
    r"y: shape \(\) holds no examples": {"x": X, "y": 3},
    r"x: shape \(0, 6\) holds no examples": {"x": X[:0], "y": Y[:0]},
}


@pytest.mark.parametrize("fault", FAULTY)
def test_faults_are_named_with_array_and_remedy(fault, save):
    source = save(**FAULTY[fault])
    with pytest.raises(DataError, match=fault) as caught:
        source.load(0)
    assert str(caught.value).startswith("mine.npz: ") and "; " in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"train": 41}, "51 train examples are asked for, but there are 50; lower"),
        ({"test": 50, "validation": 0}, "51 train examples are asked for"),
        ({"classes": 3}, "label 3 in row 3, where 3 classes go from 0 to 2"),
        ({"kind": "images"}, r"float64 of shape \(50, 6\) are not images; save uint8"),
    ],
)
def test_settings_are_held_against_the_file(settings, fault, save):
    source = save(x=X, y=Y, settings=settings)
    with pytest.raises(DataError, match=fault):
        source.load(0)


def test_more_test_examples_than_there_are(save):
    source = save(x=X, y=Y, x_test=X[:8], y_test=Y[:8], settings={"test": 9})
    with pytest.raises(DataError, match="9 test examples are asked for, but there are 8"):
        source.sizes  # noqa: B018


def test_images_with_channels_last_are_refused(save):
    x = np.zeros((ROWS, 8, 8, 3), np.uint8)
    with pytest.raises(DataError, match=r"channels come last .*; save x.transpose\(0, 3, 1, 2\)"):
        save(x=x, y=Y, settings={"kind": "images"}).load(0)


def test_other_arrays_in_the_file_do_not_matter(save):
    source = save(x=X, y=Y, note=np.array({"any": "thing"}, object), mean=3.0, empty=X[:0])
    assert source.load(0).train.x.shape == (40, 6)


def test_more_classes_than_seen_can_be_declared(save):
    source = save(x=X, y=Y, settings={"classes": 9})
    assert source.n_classes == len(source.load(0).classes) == 9


def test_damaged_files_are_refused(save, tmp_path):
    source = save(x=X, y=Y)
    whole = (tmp_path / "mine.npz").read_bytes()
    for content in (whole[:-40], b"", b"PK\3\4" + b"\0" * 50, whole[:200] + b"?" + whole[201:]):
        (tmp_path / "mine.npz").write_bytes(content)
        with pytest.raises(DataError, match=r"cut off, damaged or not an .npz file"):
            source.load(0)


def test_a_header_that_announces_too_much_allocates_nothing(save, tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 6)}
    )
    with zipfile.ZipFile(tmp_path / "mine.npz", "w") as archive:
        archive.writestr("x.npy", stream.getvalue())
    with pytest.raises(DataError, match="x: holds less than its header announces"):
        Npz(file="mine.npz").load(0)


def test_check_says_what_is_wrong_and_goes_on(save, tmp_path):
    save(x=X, y=Y)
    (tmp_path / "a.yaml").write_text("data: {source: {name: npz, file: gone.npz}}\n")
    (tmp_path / "b.yaml").write_text("data: {source: {name: npz, file: mine.npz}}\n")
    done = subprocess.run(
        [sys.executable, "-m", "actlab", "check", "a.yaml", "b.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "gone.npz: no such file" in done.stderr
    assert "b.yaml: one run" in done.stdout
