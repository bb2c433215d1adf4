"""From an experiment to its record: load the data, train, and keep the result if asked to."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actlab.data.dataset import DataError, Dataset
from actlab.experiment import Experiment
from actlab.provenance import provenance
from actlab.record import Record
from actlab.store import is_finished, open_record, save
from actlab.training import Watcher, train

log = logging.getLogger(__name__)


def run(
    experiment: Experiment,
    results: str | os.PathLike[str] | None = None,
    *,
    data: Dataset | None = None,
    force: bool = False,
    watcher: Watcher | None = None,
) -> Record:
    """Train an experiment and return its record.

    With `results` the record is also kept in `results/<name>/<label>-<digest>/`, and a run that is
    finished there is read back instead of trained again, unless `force`. A run that fails is kept
    with its traceback in log.txt; without `results` its exception is raised. `data` is what
    `load_data` gives, if it is at hand already. Raises DataError.
    """
    if results is None:
        return train(experiment, data or load_data(experiment), watcher)
    results = Path(results)
    if is_finished(experiment, results) and not force:
        return open_record(results / experiment.directory)
    data = data or load_data(experiment)
    directory = results / experiment.directory
    with _log_file(directory):
        log.info("training %s", experiment.directory)
        try:
            record = train(experiment, data, watcher)
        except Exception as error:
            log.exception("the run failed")
            record = Record(experiment, "failed", fault=f"{type(error).__name__}: {error}")
        save(record, directory, provenance(experiment))
        log.info("%s in %.1f s", record.status, record.seconds)
    return record


def load_data(experiment: Experiment) -> Dataset:
    """The data of an experiment; DataError if they are not there or leave nothing to train on."""
    data, path = experiment.data, experiment.data.path
    dataset = data.source.load(experiment.seed, Path(path) if path else None)
    if not len(dataset.train):
        raise DataError("the training split is empty; ask for at least one training example")
    return dataset


@contextmanager
def _log_file(directory: Path) -> Iterator[None]:
    """Everything that actlab logs meanwhile goes to log.txt as well."""
    directory.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(directory / "log.txt", mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("actlab")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
