"""What a worker does: train one experiment, unless that is done already or being done."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from threadpoolctl import threadpool_limits

from actlab.data.dataset import Dataset, Source
from actlab.experiment import Experiment
from actlab.locks import locked
from actlab.running import load_data, run
from actlab.store import read_summary

SETTLED = ("finished", "diverged", "failed")
"""How a run ends that is not to be repeated unasked."""
BUSY = "busy"
DATASETS = 2
"""Data sets that a worker keeps; jobs come in the order of their data."""

Data = tuple[Source, int, str | None]


@dataclass(frozen=True)
class Job:
    """An experiment to be settled below a results folder."""

    label: str
    experiment: Experiment
    results: Path
    threads: int = 1
    again: frozenset[str] = frozenset()
    """Train anew what ended like this."""
    collect: bool = False
    """Send the files back rather than write them: the worker cannot see the folder."""
    wait: bool = False
    """Wait for another that trains the same, instead of reporting it busy."""

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self.results / self.experiment.directory

    @property
    def data(self) -> Data:
        """What decides which data it needs."""
        experiment = self.experiment
        return experiment.data.source, experiment.seed, experiment.data.path

    def settled(self) -> str | None:
        """How the run ended, if it did and is not to be repeated."""
        found = read_summary(self.directory)
        status = found["status"] if found else None
        return status if status in SETTLED and status not in self.again else None


@dataclass(frozen=True)
class Outcome:
    """What came of a job."""

    status: str
    fault: str = ""
    trained: bool = False
    seconds: float = 0.0
    """Of training alone."""
    worked: float = 0.0
    """Of everything that the worker did for it."""
    files: Mapping[str, bytes] = field(default_factory=dict)


def work(job: Job) -> Outcome:
    """Settle a job; DataError and OSError are raised."""
    started = time.perf_counter()
    _set_up(job.threads)
    if job.collect:
        with tempfile.TemporaryDirectory() as folder:
            outcome = _train(job, Path(folder), started)
            directory = Path(folder) / job.experiment.directory
            files = {path.name: path.read_bytes() for path in directory.iterdir()}
        return Outcome(**{**vars(outcome), "files": files})
    lock = job.results / job.experiment.name / ".locks" / job.experiment.digest
    with locked(lock, wait=job.wait) as mine:
        if not mine:
            return Outcome(BUSY)
        if status := job.settled():
            return Outcome(status)
        for leftover in job.directory.glob(".*"):
            leftover.unlink()
        return _train(job, job.results, started)


def _train(job: Job, results: Path, started: float) -> Outcome:
    record = run(job.experiment, results, data=_data(job), force=True)
    worked = time.perf_counter() - started
    return Outcome(record.status, record.fault, True, record.seconds, worked)


def _data(job: Job) -> Dataset:
    """The data, loaded once for all jobs that share them, and read-only."""
    if job.data not in _loaded:
        while len(_loaded) >= DATASETS:
            del _loaded[next(iter(_loaded))]
        dataset = load_data(job.experiment)
        for split in (dataset.train, dataset.validation, dataset.test):
            split.x.flags.writeable = split.labels.flags.writeable = False
        _loaded[job.data] = dataset
    return _loaded[job.data]


_loaded: dict[Data, Dataset] = {}


@cache
def _set_up(threads: int) -> None:
    """Once in a worker: as many BLAS threads as asked for, and epochs go to log.txt."""
    threadpool_limits(threads, user_api="blas")
    logger = logging.getLogger("actlab")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())
