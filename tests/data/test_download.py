import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from actlab.data import download
from actlab.data.dataset import DataError
from actlab.data.download import cache_directory, fetch_cifar10, inspect_cifar10
from actlab.data.sources.cifar10 import Cifar10


def ignore(done, total):
    """No progress shown."""


class Mirror:
    """Serves one file on 127.0.0.1, perhaps cut off; remembers the ranges it was asked for."""

    def __init__(self, content: bytes) -> None:
        self.content, self.limit, self.ranges, self.resumes = content, None, [], True
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/cifar-10-binary.tar.gz"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _handler(mirror):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers["Range"]
                mirror.ranges.append(asked)
                start = int(asked[6:-1]) if asked and mirror.resumes else 0
                if start >= len(mirror.content):
                    self.send_error(416)
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(mirror.content) - start))
                self.end_headers()
                self.wfile.write(mirror.content[start : mirror.limit])

            def log_message(self, *args) -> None:
                pass

        return Handler


@pytest.fixture
def archive(binary, pack, monkeypatch):
    """A small archive that passes for the official one."""
    packed = pack(binary)
    checksum = hashlib.md5(packed.read_bytes()).hexdigest()
    monkeypatch.setitem(download.CHECKSUMS, "binary", checksum)
    return packed


@pytest.fixture
def mirror(archive, monkeypatch):
    served = Mirror(archive.read_bytes())
    monkeypatch.setattr(download, "MIRRORS", [served.url])
    yield served
    served.stop()


def test_download_is_verified_and_named(mirror, tmp_path):
    told = []
    target = tmp_path / "new" / "cache"
    archive = fetch_cifar10(target, on_progress=lambda done, total: told.append((done, total)))
    assert archive == target / "cifar-10-binary.tar.gz"
    assert list(target.iterdir()) == [archive]
    assert told[-1] == (len(mirror.content), len(mirror.content))
    assert len(Cifar10(train=40, validation=15, test=9).load(0, target).train) == 40
    fetch_cifar10(target, on_progress=ignore)
    assert len(mirror.ranges) == 1


@pytest.mark.parametrize("resumes", [True, False])
def test_a_broken_transfer_is_resumed(mirror, tmp_path, resumes):
    mirror.limit, mirror.resumes = 3000, resumes
    with pytest.raises(DataError, match=r"broke off after 3,000 of .* resume after 3,000 bytes"):
        fetch_cifar10(tmp_path / "t", on_progress=ignore)
    mirror.limit = None
    archive = fetch_cifar10(tmp_path / "t", on_progress=ignore)
    assert archive.read_bytes() == mirror.content
    assert mirror.ranges == [None, "bytes=3000-"]


def test_a_part_that_is_too_long_is_begun_again(mirror, tmp_path):
    (tmp_path / "cifar-10-binary.tar.gz.part").write_bytes(bytes(len(mirror.content)))
    assert fetch_cifar10(tmp_path, on_progress=ignore).read_bytes() == mirror.content


def test_a_wrong_checksum_is_refused_and_leaves_nothing(mirror, tmp_path, monkeypatch):
    monkeypatch.setitem(download.CHECKSUMS, "binary", "0" * 32)
    with pytest.raises(DataError, match=r"MD5 is [0-9a-f]{32}, not 0+: .*--from PATH"):
        fetch_cifar10(tmp_path / "t", on_progress=ignore)
    assert list((tmp_path / "t").iterdir()) == []


def test_the_named_mirror_comes_first_and_its_failure_falls_to_the_next(mirror, tmp_path):
    broken = Mirror(b"something else")
    try:
        fetch_cifar10(tmp_path, origin=broken.url, on_progress=ignore)
    finally:
        broken.stop()
    assert (len(broken.ranges), mirror.ranges) == (1, [None])


def test_other_schemes_and_dead_mirrors_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MIRRORS", ["http://127.0.0.1:9/none"])
    with pytest.raises(DataError, match=r"starts with http.*127.0.0.1:9/none: .*--mirror URL"):
        fetch_cifar10(tmp_path, origin="file:///etc/hostname", on_progress=ignore)


def test_a_local_archive_is_copied_if_its_checksum_is_right(archive, tmp_path, monkeypatch):
    copied = fetch_cifar10(tmp_path / "t", origin=str(archive), on_progress=ignore)
    assert copied.name == "cifar-10-binary.tar.gz"
    assert inspect_cifar10(copied)["checksum"] == "matches the official binary archive"
    monkeypatch.setitem(download.CHECKSUMS, "binary", "0" * 32)
    assert inspect_cifar10(copied)["checksum"] == "differs from the official binary archive"
    with pytest.raises(DataError, match=r"archive.tar.gz: MD5 is .*official archives have 0+"):
        fetch_cifar10(tmp_path / "t", origin=str(archive), on_progress=ignore)


@pytest.mark.parametrize("layout", ["binary", "python"])
def test_an_unpacked_directory_is_copied_after_a_look(layout, tmp_path, request):
    folder = request.getfixturevalue(layout)
    for _ in range(2):
        copied = fetch_cifar10(tmp_path / "t", origin=str(folder.parent), on_progress=ignore)
    assert [path.name for path in (tmp_path / "t").iterdir()] == [folder.name]
    assert inspect_cifar10(copied)["checksum"] == "does not apply to unpacked files"
    assert fetch_cifar10(tmp_path / "t", origin=str(copied), on_progress=ignore) == copied
    next(folder.iterdir()).write_bytes(b"cut off")
    with pytest.raises(DataError):
        fetch_cifar10(tmp_path / "u", origin=str(folder), on_progress=ignore)


def test_a_missing_origin_is_said(tmp_path):
    with pytest.raises(DataError, match="nothing_here"):
        fetch_cifar10(tmp_path, origin=str(tmp_path / "nothing_here"), on_progress=ignore)


def test_inspection_counts_exactly(binary, rows):
    seen = inspect_cifar10(binary)
    pixels = rows[:5, :, 1:].reshape(-1, 3, 1024).astype(float)
    np.testing.assert_allclose(seen["channel_means"], pixels.mean((0, 2)), atol=0.006)
    np.testing.assert_allclose(seen["channel_stds"], pixels.std((0, 2)), atol=0.006)
    counts = np.bincount(rows[:5, :, 0].ravel(), minlength=10)
    assert list(seen["class_counts"].values()) == counts.tolist()
    assert (seen["layout"], seen["train_rows"], seen["test_rows"]) == ("binary, unpacked", 60, 12)


def test_the_cache_respects_xdg(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "actlab"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_directory().parts[-2:] == (".cache", "actlab")
