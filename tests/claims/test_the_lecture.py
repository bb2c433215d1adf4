"""The claims of the lecture: all there, all readable, each with its reasons."""

import json
from pathlib import Path

import jsonschema
import pytest

from actlab.claims.case import read_case
from actlab.claims.claim import TOPICS
from actlab.claims.lecture import claim_files, read_cases
from actlab.claims.measures import Measure, OfRun
from actlab.cli.schema import schema
from actlab.config import parse, read, write
from actlab.config.validation import validated

CONFIGS = Path(__file__).parents[2] / "configs" / "lecture"
NUMBERS = {"A": 14, "B": 15, "C": 6, "D": 8, "E": 7, "F": 4}
"""How many claims each topic of the lecture has."""


@pytest.fixture(scope="module")
def cases():
    return read_cases(folder=CONFIGS)


def test_no_claim_of_the_lecture_is_left_out(cases):
    ids = [claim.id for case in cases for claim in case.claims]
    expected = {f"{letter}{n}" for letter, most in NUMBERS.items() for n in range(1, most + 1)}
    assert expected == set(ids) - {"theory"}


def test_they_come_in_the_order_of_the_lecture(cases):
    topics = [claim.topic for case in cases for claim in case.claims]
    assert list(dict.fromkeys(topics)) == list(TOPICS)


@pytest.mark.parametrize("path", claim_files(CONFIGS), ids=lambda path: path.stem)
def test_a_file_states_its_claim_and_source_and_can_be_run_both_ways(path):
    first, *_ = path.read_text().splitlines()
    head = path.read_text().split("\n\n")[0]
    (claim,) = read_case(path).claims
    assert first.startswith(f"# {claim.id}. ") or claim.id == "theory"
    assert "# Source: " in head and claim.source and claim.topic in TOPICS
    assert path.stem.startswith(claim.id) and claim.otherwise
    whole = read_case(path, full=True, source="cifar10")
    of_runs = any(isinstance(check.measure, OfRun) for check in whole.checks)
    assert not of_runs or len(whole.seeds) >= 3, "few seeds give no interval"
    assert all(len(check.because.split()) >= 2 for check in claim.checks)


def test_measures_are_written_as_they_are_read(cases):
    """Every measure of the lecture, with all that it needs: YAML to model to YAML."""
    measures = [check.measure for case in cases for check in case.checks]
    assert len({measure.name for measure in measures}) > 20
    for measure in measures:
        again = validated(Measure.parse, parse(write(measure.written())))
        assert again.written() == measure.written()


def test_the_schema_accepts_every_file_of_the_lecture(capsys):
    schema()
    validator = jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out))
    for path in claim_files(CONFIGS):
        validator.validate(json.loads(json.dumps(read(path).value)))
