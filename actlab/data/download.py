"""Bring CIFAR-10 to this machine, whole and verified, and describe the copy that is here."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np

from actlab.data import cifar10_files
from actlab.data.dataset import DataError, Split

Progress = Callable[[int, int], None]
"""Told the bytes done and the bytes in all (0 while unknown)."""

MIRRORS = ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"]
CHECKSUMS = {
    "binary": "c32a1d4ab5d03f1284b67883e8d87530",
    "python": "c58f30108f718f92721af3b95e74349a",
}
"""MD5 of the archives, as their home publishes them."""

BLOCK = 2**18
TIMEOUT_SECONDS = 30


def cache_directory() -> Path:
    """Where downloads are kept: `actlab` in $XDG_CACHE_HOME, otherwise in ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "actlab"


def cifar10_places(path: Path | None = None) -> list[Path]:
    """Where CIFAR-10 is looked for: in `path` alone, else in $ACTLAB_DATA, then in the cache."""
    if path is not None:
        return [path.expanduser()]
    named = os.environ.get("ACTLAB_DATA")
    return [*([Path(named).expanduser()] if named else []), cache_directory()]


def fetch_cifar10(target: Path, *, origin: str | None = None, on_progress: Progress) -> Path:
    """Put CIFAR-10 into the directory `target` and return the archive or directory there.

    `origin` is a mirror's URL, tried before the data set's home, or a local archive or directory
    to copy. A transfer that breaks off is resumed by the next attempt. Archives must match their
    published MD5; for unpacked files there is none. Raises DataError.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        if origin is None or "://" in origin:
            return _downloaded(target, [*([origin] if origin else []), *MIRRORS], on_progress)
        local = Path(origin).expanduser()
        if local.is_file():
            return _copied_archive(local, target, on_progress)
        return _copied_directory(cifar10_files.find([local]), target, on_progress)
    except OSError as error:
        raise DataError(f"{error.filename or target}: {error.strerror or error}") from error


def inspect_cifar10(path: Path | None = None) -> dict[str, Any]:
    """Where CIFAR-10 lies, its layout, rows, pixel statistics, class counts and checksum.

    Statistics are those of the training images, exact, by counting pixel values batch by batch.
    """
    found = cifar10_files.find(cifar10_places(path))
    layout, batches = cifar10_files.read(found)
    train = [batches[name] for name in cifar10_files.TRAIN_BATCHES]
    means, spreads = _channel_statistics(train)
    labels = np.concatenate([batch.labels for batch in train])
    counts = np.bincount(labels, minlength=len(cifar10_files.CLASSES)).tolist()
    return {
        "path": str(found),
        "layout": f"{layout}, {'archive' if found.is_file() else 'unpacked'}",
        "train_rows": len(labels),
        "test_rows": len(batches["test_batch"]),
        "channel_means": means,
        "channel_stds": spreads,
        "class_counts": dict(zip(cifar10_files.CLASSES, counts, strict=True)),
        "checksum": _checksum_verdict(found, layout),
    }


def _downloaded(target: Path, mirrors: list[str], on_progress: Progress) -> Path:
    """The binary archive from the first mirror that delivers it whole."""
    from http.client import HTTPException

    archive = target / cifar10_files.ARCHIVES["binary"]
    part = archive.with_name(f"{archive.name}.part")
    if archive.is_file() and _md5(archive) == CHECKSUMS["binary"]:
        return archive
    faults = []
    for mirror in mirrors:
        try:
            _transfer(mirror, part, on_progress)
            return _verified(part, archive, mirror)
        except (OSError, HTTPException, ValueError, DataError) as error:
            faults.append(f"{mirror}: {error}")
    kept = part.stat().st_size if part.exists() else 0
    again = f"type the same again to resume after {kept:,} bytes" if kept else "try again later"
    raise DataError(
        f"CIFAR-10 could not be downloaded ({'; '.join(faults)}); {again}, or name another source "
        "by --mirror URL or --from PATH"
    )


def _transfer(mirror: str, part: Path, on_progress: Progress) -> None:
    """Append what `part` lacks of the mirror's file, or all of it if the mirror cannot resume."""
    done = part.stat().st_size if part.exists() else 0
    with _opened(mirror, done) as response:
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            done = 0
        length = int(response.headers.get("Content-Length") or 0)
        total = done + length if length else 0
        with part.open("ab" if done else "wb") as file:
            while block := response.read(BLOCK):
                file.write(block)
                done += len(block)
                on_progress(done, total)
    if done < total:
        raise DataError(f"broke off after {done:,} of {total:,} bytes")


def _opened(mirror: str, done: int) -> AbstractContextManager[Any]:
    """The mirror's answer, from byte `done` on if it can do that."""
    import urllib.error
    import urllib.request

    if not mirror.startswith(("http://", "https://")):
        raise DataError("not an address that starts with http:// or https://")
    headers = {"User-Agent": "actlab", **({"Range": f"bytes={done}-"} if done else {})}
    request = urllib.request.Request(mirror, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        # Nothing lies beyond `done`: the part is whole or not of this file, so begin again.
        if done and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            error.close()
            return _opened(mirror, 0)
        raise


def _verified(part: Path, archive: Path, mirror: str) -> Path:
    """`part` under its final name if its MD5 is the published one; otherwise it is deleted."""
    found = _md5(part)
    if found != CHECKSUMS["binary"]:
        part.unlink()
        raise DataError(f"MD5 is {found}, not {CHECKSUMS['binary']}: damaged, or another file")
    return part.replace(archive)


def _copied_archive(local: Path, target: Path, on_progress: Progress) -> Path:
    """A copy of a local archive under the official name of what its MD5 says it is."""
    found = _md5(local)
    layouts = [layout for layout, checksum in CHECKSUMS.items() if checksum == found]
    if not layouts:
        known = " and ".join(f"{checksum} ({layout})" for layout, checksum in CHECKSUMS.items())
        raise DataError(
            f"{local}: MD5 is {found}, but the official archives have {known}; download it again, "
            "or unpack it and name the directory, for which no checksum applies"
        )
    return _copy([local], target / cifar10_files.ARCHIVES[layouts[0]], on_progress)


def _copied_directory(local: Path, target: Path, on_progress: Progress) -> Path:
    """A copy of an unpacked directory, after reading it once to see that it is sound."""
    if local.is_file():
        return _copied_archive(local, target, on_progress)
    layout, _ = cifar10_files.read(local)
    suffix = cifar10_files.SUFFIXES[layout]
    files = [local / f"{batch}{suffix}" for batch in cifar10_files.BATCHES]
    return _copy(files, target / cifar10_files.FOLDERS[layout], on_progress)


def _copy(files: list[Path], end: Path, on_progress: Progress) -> Path:
    """One archive as the file `end`, or batch files into the directory `end`, all or nothing."""
    if end.exists() and end.samefile(files[0] if end.is_file() else files[0].parent):
        return end
    part = end.with_name(f"{end.name}.part")
    _remove(part)
    unpacked = len(files) > 1
    if unpacked:
        part.mkdir()
    total, done = sum(file.stat().st_size for file in files), 0
    for file in files:
        shutil.copyfile(file, part / file.name if unpacked else part)
        done += file.stat().st_size
        on_progress(done, total)
    if unpacked:
        _remove(end)
    return part.replace(end)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _checksum_verdict(found: Path, layout: str) -> str:
    if not found.is_file():
        return "does not apply to unpacked files"
    same = _md5(found) == CHECKSUMS[layout]
    return f"{'matches' if same else 'differs from'} the official {layout} archive"


def _channel_statistics(batches: list[Split]) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of red, green and blue, from counts of the 256 values."""
    counts = np.zeros((3, 256), np.int64)
    for x in (batch.x[row : row + 500] for batch in batches for row in range(0, len(batch), 500)):
        for channel, pixels in enumerate(np.split(x, 3, axis=1)):
            counts[channel] += np.bincount(pixels.ravel(), minlength=256)
    shares, values = counts / counts.sum(1, keepdims=True), np.arange(256)
    means = shares @ values
    spreads = np.sqrt((shares * (values - means[:, None]) ** 2).sum(1))
    return means.round(2).tolist(), spreads.round(2).tolist()
