"""`actlab bench` measures, and says so in words or in JSON."""

import json

import pytest
from typer.testing import CliRunner

from actlab.benchmarking import Timing, profiling, race, suite
from actlab.benchmarking.report import Mismatch
from actlab.benchmarking.workloads import Workload
from actlab.cli import app
from actlab.cli.completion import benchmarks, peers

TINY = Workload("tiny", 2, 12, "tanh", 16, 0.01, examples=80)


@pytest.fixture
def tiny_workload(monkeypatch):
    """A training workload of its own, which takes milliseconds."""
    monkeypatch.setitem(suite.WORKLOADS, "tiny", TINY)
    monkeypatch.setattr(suite, "NAMES", (*suite.NAMES, "tiny"))
    monkeypatch.setattr(race, "TURN", 0.01)
    monkeypatch.setattr(race, "REST", 0.0)
    monkeypatch.setattr(profiling, "SECONDS", 0.02)


def test_ratios_are_taken_pair_by_pair():
    timing = Timing((1.0, 2.0, 4.0), (2.0, 2.0, 12.0))
    assert timing.ratios == [2.0, 1.0, 3.0] and timing.ratio == 2.0


def test_augmentation_is_timed_against_the_plain_step():
    done = CliRunner().invoke(app, ["bench", "augmentation", "--rounds", "3", "--json"])
    found = json.loads(done.output)
    assert len(found["ratios"]) == 3 and found["ratio"] == pytest.approx(sorted(found["ratios"])[1])
    assert all(ms > 0 for ms in found["base_ms"])


def test_unknown_workloads_are_refused():
    assert CliRunner().invoke(app, ["bench", "nothing"]).exit_code == 2


def test_names_near_a_known_one_are_suggested():
    done = CliRunner().invoke(app, ["bench", "lectur"], env={"COLUMNS": "200"})
    assert done.exit_code == 2 and "did you mean 'lecture'?" in done.output
    done = CliRunner().invoke(app, ["bench", "--against", "pytorch"], env={"COLUMNS": "200"})
    assert done.exit_code == 2 and "did you mean 'torch'?" in done.output
    done = CliRunner().invoke(app, ["bench", "memory", "--profile"], env={"COLUMNS": "200"})
    assert done.exit_code == 2 and "no training workload" in done.output


def test_training_is_raced_and_told_in_json(tiny_workload):
    done = CliRunner().invoke(app, ["bench", "tiny", "--rounds", "3", "--json"])
    found = json.loads(done.stdout)
    assert {"cpu", "cores", "numpy", "blas", "blas_version", "blas_architecture"} <= set(
        found["machine"]
    )
    assert found["base"] == "actlab" and set(found["contenders"]) == {"actlab", "numpy", "limit"}
    ours, limit = found["contenders"]["actlab"], found["contenders"]["limit"]
    assert ours["ratio"] == 1 and limit["limit_share"] == 1 and len(ours["ms_rounds"]) == 3
    assert found["contenders"]["numpy"]["agreement"]["gradient_error"] < 1e-5
    assert limit["agreement"] is None


def test_a_mismatch_ends_with_1_and_plain_words(tiny_workload, monkeypatch):
    def differ(*_):
        raise Mismatch("numpy and actlab differ in the gradient of W of layer 1")

    monkeypatch.setattr(race, "agreements", differ)
    done = CliRunner().invoke(app, ["bench", "tiny", "--rounds", "3"])
    assert done.exit_code == 1 and "Traceback" not in done.output
    assert "tiny: numpy and actlab differ in the gradient of W of layer" in done.stderr


def test_a_profile_is_a_table_to_be_pasted(tiny_workload):
    done = CliRunner().invoke(app, ["bench", "tiny", "--profile", "--md"])
    assert "| percent of a training step | tiny |" in done.stdout
    assert "| products x W | " in done.stdout


def test_help_and_completion_know_every_name():
    shown = CliRunner().invoke(app, ["bench", "--help"], env={"COLUMNS": "200"}).output
    assert all(name in shown for name in suite.NAMES)
    assert benchmarks("s") == ["small", "statistics", "startup", "scaling"]
    assert peers("jax,torch") == ["jax,torch", "jax,torch-compiled"]
