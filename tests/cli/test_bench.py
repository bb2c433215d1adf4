"""`actlab bench` measures, and says so in words or in JSON."""

import json

import pytest
from typer.testing import CliRunner

from actlab.benchmarking import Timing
from actlab.cli import app


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
