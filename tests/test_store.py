"""Run directories: whole or not at all, and all that is needed to go on from."""

import dataclasses
import json
import zipfile

import numpy as np
import pytest

from actlab import store
from actlab.experiment import load
from actlab.provenance import provenance
from actlab.running import run


@pytest.fixture
def kept(tiny, tmp_path):
    """A record, and the directory that holds it."""
    experiment = load(tiny)
    return run(experiment, tmp_path), tmp_path / experiment.directory


def test_a_record_comes_back_as_it_was(kept):
    record, directory = kept
    again = store.open_record(directory)
    assert again.experiment == record.experiment and again.metrics == list(record.metrics)
    assert again.final == record.final and again.status == "finished"
    assert set(again.statistics) == set(record.statistics)
    for name, array in record.statistics.items():
        np.testing.assert_array_equal(array, again.statistics[name])


def test_the_same_run_gives_the_same_bytes(kept, tiny, tmp_path):
    _, directory = kept
    run(load(tiny), tmp_path / "other")
    for name in ("metrics.csv", "stats.npz", "config.yaml"):
        other = tmp_path / "other" / load(tiny).directory / name
        assert (directory / name).read_bytes() == other.read_bytes()


def test_no_temporary_file_is_left(kept):
    assert [path for path in kept[1].iterdir() if path.name.startswith(".")] == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "f").write_text("old")
    monkeypatch.setattr(store.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        store.write(tmp_path / "f", "new")
    assert [p.name for p in tmp_path.iterdir()] == ["f"] and (tmp_path / "f").read_text() == "old"


def test_numbers_that_are_not_finite_become_null(kept, tmp_path):
    record = dataclasses.replace(kept[0], final={"test_loss": float("inf")})
    store.save(record, tmp_path / "d", {})
    assert json.loads((tmp_path / "d" / "summary.json").read_text())["metrics"] == {
        "test_loss": None
    }
    assert np.isnan(store.open_record(tmp_path / "d").final["test_loss"])


def test_a_damaged_directory_says_so(kept, tmp_path):
    _, directory = kept
    (directory / "stats.npz").write_bytes(b"not a zip")
    with pytest.raises(store.StoreError, match="is damaged"):
        store.open_record(directory)
    with pytest.raises(store.StoreError, match="is no run directory"):
        store.open_record(tmp_path)


def test_stats_hold_no_pickles(kept):
    with zipfile.ZipFile(kept[1] / "stats.npz") as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    np.load(kept[1] / "stats.npz", allow_pickle=False)


def test_a_failing_run_is_kept_with_its_traceback(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("actlab.training.build", lambda *_: 1 / 0)
    experiment = load(tiny)
    record = run(experiment, tmp_path)
    assert record.status == "failed" and "ZeroDivisionError" in record.fault
    assert "Traceback" in (tmp_path / experiment.directory / "log.txt").read_text()
    assert store.read_summary(tmp_path / experiment.directory)["status"] == "failed"


def test_provenance_names_versions_machine_and_command(tiny):
    found = provenance(load(tiny))
    assert found["versions"]["numpy"] == np.__version__ and found["cpu"] and found["blas"]
    json.dumps(found)
