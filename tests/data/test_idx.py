"""IDX files made here: what is read from them, and what is said of damaged ones."""

import gzip

import numpy as np
import pytest

from actlab.data.dataset import DataError
from actlab.data.idx_files import FILES
from actlab.data.sources.idx import Idx
from actlab.experiment import load
from actlab.randomness import generator
from actlab.running import run

SMALL = Idx(train=20, validation=6, test=5, image_shape=(1, 4, 3), classes=3)


def idx(array, kind=8):
    """An array of bytes as an IDX file."""
    return (
        bytes([0, 0, kind, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
    )


@pytest.fixture
def made():
    """The four arrays of a small set by role: 30 training and 8 test images of 4 x 3 pixels."""
    rng = np.random.default_rng(0)
    arrays = {}
    for kind, n in (("train", 30), ("test", 8)):
        arrays[f"{kind} images"] = rng.integers(256, size=(n, 4, 3), dtype=np.uint8)
        arrays[f"{kind} labels"] = rng.integers(3, size=n, dtype=np.uint8)
    return arrays


@pytest.fixture
def folder(tmp_path, made):
    place = tmp_path / "mnist"
    place.mkdir()
    for role, array in made.items():
        (place / FILES[role]).write_bytes(idx(array))
    return place


def compress(folder):
    for file in list(folder.iterdir()):
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()


def assert_same(one, other):
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(one, split).x, getattr(other, split).x)
        np.testing.assert_array_equal(getattr(one, split).labels, getattr(other, split).labels)


def test_the_split_follows_the_permutation_of_the_seed(folder, made):
    data = SMALL.load(5, folder)
    order = generator(5, "split").permutation(30)
    rows = made["train images"].reshape(30, 12)
    np.testing.assert_array_equal(data.train.x, rows[order[:20]])
    np.testing.assert_array_equal(data.validation.labels, made["train labels"][order[20:26]])
    np.testing.assert_array_equal(data.test.x, made["test images"].reshape(8, 12)[:5])
    assert data.shape == (1, 4, 3) and len(data.classes) == 3
    for split in (data.train, data.validation, data.test):
        assert (split.x.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert split.x.flags.c_contiguous and split.x.flags.writeable


def test_plain_gzipped_and_dotted_names_give_the_same(folder):
    plain = SMALL.load(0, folder)
    compress(folder)
    assert_same(plain, SMALL.load(0, folder))
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("-idx", ".idx"))
    assert_same(plain, SMALL.load(0, folder))


def test_found_in_actlab_data_and_in_the_cache_by_folder(folder, monkeypatch, tmp_path):
    here = SMALL.load(0, folder)
    assert_same(here, SMALL.load(0, folder.parent))
    monkeypatch.setenv("ACTLAB_DATA", str(folder.parent))
    assert_same(here, SMALL.load(0))
    other = SMALL.model_copy(update={"folder": "fashion-mnist"})
    with pytest.raises(DataError, match=r"fashion-mnist.*download .* point data.path"):
        other.load(0)
    monkeypatch.delenv("ACTLAB_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "actlab").mkdir()
    folder.rename(tmp_path / "actlab" / "fashion-mnist")
    assert_same(here, other.load(0))


def test_a_config_trains_on_it(folder):
    source = {"name": "mnist", **SMALL.model_dump()}
    experiment = load(
        {
            "data": {
                "source": source,
                "path": str(folder),
                "preprocess": ["scale", "channel_mean"],
            },
            "model": {"depth": 1, "width": 8},
            "train": {"epochs": 1},
        }
    )
    assert experiment.data.features == 12
    assert load({"data": {"source": "mnist"}}).data.preprocess[0].name == "scale"
    assert run(experiment).status == "finished"


def damage(role, content):
    return lambda folder, made: (folder / FILES[role]).write_bytes(content(made[role]))


DAMAGES = {
    "begins with 1f 8b 08 00": damage("train images", lambda a: b"\x1f\x8b\x08\0" + idx(a)),
    "begins with nothing": damage("test labels", lambda a: b""),
    "holds type 0x0d in 3 dimensions": damage("train images", lambda a: idx(a, kind=13)),
    "in 3 dimensions, not unsigned bytes": damage("train labels", lambda a: idx(a[:, None, None])),
    "cut off within its header": damage("test images", lambda a: idx(a)[:9]),
    "announces 360 bytes, it holds only 353": damage("train images", lambda a: idx(a)[:-7]),
    "announces 30 bytes, it holds more": damage("train labels", lambda a: idx(a) + b"\0"),
    "which is too much": damage("test images", lambda a: b"\0\0\x08\3" + b"\xff" * 12),
    "label 3 in row 30, but 3 classes": damage(
        "train labels", lambda a: idx(np.append(a, [3]).astype(np.uint8))
    ),
    "29 labels for the 30 images": damage("train labels", lambda a: idx(a[1:])),
    r"image_shape is \[1, 3, 4\]": damage("train images", lambda a: idx(a.reshape(30, 3, 4))),
    "holds 4 images, but 5 are asked for": lambda folder, made: [
        (folder / FILES[role]).write_bytes(idx(made[role][:4]))
        for role in ("test images", "test labels")
    ],
    "t10k-labels-idx1-ubyte missing": lambda folder, made: (folder / FILES["test labels"]).unlink(),
}


@pytest.mark.parametrize("fault", DAMAGES)
def test_faults_are_named_with_file_and_remedy(fault, folder, made):
    DAMAGES[fault](folder, made)
    with pytest.raises(DataError, match=fault) as caught:
        SMALL.load(0, folder)
    assert str(caught.value).startswith(str(folder)) and "; " in str(caught.value)


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-20], lambda b: b[:40] + b"\xff" * 20 + b[60:], lambda b: b"plain"]
)
def test_a_damaged_gzip_is_refused(folder, spoil):
    compress(folder)
    file = folder / f"{FILES['train images']}.gz"
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(DataError, match=r"ubyte.gz: cut off, damaged or not gzip .*; fetch"):
        SMALL.load(0, folder)
