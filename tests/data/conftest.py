import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
ROWS = 12


@pytest.fixture
def rows():
    """Rows `(6, n, 3073)` of the six batches, the label first, as the binary files hold them."""
    random = np.random.default_rng(0)
    pixels = random.integers(256, size=(6, ROWS, 3072), dtype=np.uint8)
    labels = random.integers(10, size=(6, ROWS, 1), dtype=np.uint8)
    return np.concatenate([labels, pixels], axis=2)


@pytest.fixture
def binary(tmp_path, rows) -> Path:
    """A small unpacked binary layout."""
    folder = tmp_path / "unpacked" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    for name, batch in zip(BATCHES, rows, strict=True):
        (folder / f"{name}.bin").write_bytes(batch.tobytes())
    return folder


@pytest.fixture
def python(tmp_path, rows) -> Path:
    """A small unpacked Python layout, with the opcodes that Python 2 wrote."""
    folder = tmp_path / "unpacked" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, batch in zip(BATCHES, rows, strict=True):
        (folder / name).write_bytes(python2_pickle(batch))
    return folder


@pytest.fixture
def pack(tmp_path):
    """A function that packs an unpacked directory into a gzipped tar archive."""

    def packed(folder: Path, name: str = "archive.tar.gz") -> Path:
        archive = tmp_path / name
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, folder.name)
            note = tarfile.TarInfo("../outside/data_batch_1.bin")
            note.size = 4
            tar.addfile(note, io.BytesIO(b"evil"))
        return archive

    return packed


def python2_pickle(batch) -> bytes:
    """{'data': array, 'labels': list} in protocol 2 with byte strings, as CIFAR-10 ships it."""
    labels, pixels = batch[:, 0], np.ascontiguousarray(batch[:, 1:])
    return b"".join(
        [
            b"\x80\x02}(U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n",
            b"K\x00\x85U\x01b\x87R(K\x01K",
            bytes([len(batch)]),
            b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R",
            b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T",
            pixels.nbytes.to_bytes(4, "little"),
            pixels.tobytes(),
            b"tbU\x06labels](",
            b"".join(b"K" + bytes([label]) for label in labels),
            b"eu.",
        ]
    )
