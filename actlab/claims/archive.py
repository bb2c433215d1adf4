"""The records behind verdicts in one file, and back: published verdicts can be judged anew."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from actlab.claims.case import FOLDER, Case
from actlab.store import StoreError, write
from actlab.sweeping.tuning import trials

FILE = "records.zip"
KEPT = ("config.yaml", "metrics.csv", "stats.npz", "summary.json", "provenance.json")


def pack(cases: Iterable[Case], results: Path) -> Path:
    """Write records.zip: the run directories, without logs and figures, of all runs and trials.

    The same records give the same bytes: entries are in order and bear no date.
    """
    wanted = {
        directory
        for case in cases
        if case.trains
        for directory in (
            *(one.experiment.directory for one in case.plan.variants),
            *(trial.experiment.directory for trial in trials(case.plan)),
        )
    }
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for directory in sorted(wanted):
            for name in KEPT:
                path = results / directory / name
                if path.is_file():
                    entry = ZipInfo((directory / name).as_posix())
                    entry.compress_type = ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
    write(results / FILE, content.getvalue())
    return results / FILE


def unpack(results: Path) -> bool:
    """Lay out the runs of records.zip if there is one and nothing of them yet; whether it was so.

    Raises StoreError for a damaged file, or one that names places outside the folder.
    """
    path = results / FILE
    if not path.is_file() or (results / FOLDER).exists():
        return False
    try:
        with ZipFile(path) as archive:
            for entry in archive.infolist():
                target = (results / entry.filename).resolve()
                if not target.is_relative_to(results.resolve()):
                    raise StoreError(f"{path} holds {entry.filename}, which lies outside of it")
                target.parent.mkdir(parents=True, exist_ok=True)
                write(target, archive.read(entry))
    except BadZipFile as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    return True
