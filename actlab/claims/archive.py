"""The records behind verdicts in one file, and back: published verdicts can be judged anew."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from lzma import LZMAError
from pathlib import Path

from actlab.claims.case import FOLDER, Case
from actlab.store import StoreError, write
from actlab.sweeping.tuning import trials

FILE = "records.tar.xz"
KEPT = ("provenance.json", "config.yaml", "summary.json", "metrics.csv", "stats.npz")
"""Of every run; of a trial, which only chose a setting, its summary."""


def pack(cases: Iterable[Case], results: Path) -> Path:
    """Write records.tar.xz: all runs without logs and figures, and how all trials ended.

    The same records give the same bytes: entries are in order and bear no date or owner.
    """
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:xz") as archive:
        for path in _files([case for case in cases if case.trains]):
            if (results / path).is_file():
                data = (results / path).read_bytes()
                entry = tarfile.TarInfo(path.as_posix())
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    write(results / FILE, content.getvalue())
    return results / FILE


def unpack(results: Path) -> bool:
    """Lay out the runs of records.tar.xz if there is one and no run yet; whether it was so.

    Raises StoreError for a damaged file, or one that names places outside the folder.
    """
    path = results / FILE
    if not path.is_file() or (results / FOLDER).exists():
        return False
    try:
        with tarfile.open(path, "r:xz") as archive:
            for entry in archive:
                target, file = (results / entry.name).resolve(), archive.extractfile(entry)
                if file is None or not target.is_relative_to(results.resolve()):
                    raise StoreError(f"{path} holds {entry.name}, which is no file of a run")
                target.parent.mkdir(parents=True, exist_ok=True)
                write(target, file.read())
    except (tarfile.TarError, LZMAError, EOFError) as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    return True


def _files(cases: Iterable[Case]) -> list[Path]:
    """Files of one kind together, which compresses best, the trials' after those of the runs."""
    cases = list(cases)
    runs = {one.experiment.directory for case in cases for one in case.plan.variants}
    tried = {trial.experiment.directory for case in cases for trial in trials(case.plan)}
    found = [directory / name for name in KEPT for directory in sorted(runs)]
    return found + [directory / "summary.json" for directory in sorted(tried)]
