"""`actlab explain` as a user types it."""

import json

import pytest
from typer.testing import CliRunner

import actlab
from actlab.cli import app
from actlab.running import run


@pytest.fixture(scope="module")
def results(tmp_path_factory, tiny_config):
    """A folder with a run that is healthy and one that collapsed."""
    folder = tmp_path_factory.mktemp("results")
    for name, model in {
        "well": {"init": "he_normal"},
        "ill": {"activation": "tanh", "init": {"name": "gaussian", "std": 1e-4}},
    }.items():
        settings = {**tiny_config, "name": name, "train": {"epochs": 0}}
        run(actlab.load({**settings, "model": {**settings["model"], **model}}), folder)
    return folder


def explained(*words):
    return CliRunner().invoke(app, ["explain", *map(str, words)])


def test_one_run_is_explained_with_one_command(results):
    (directory,) = (results / "ill").iterdir()
    done = explained(directory)
    assert done.exit_code == 0 and "layers 1 and 2: activations collapse" in done.output
    (command,) = (line for line in done.output.splitlines() if "next: " in line)
    assert command == f"  next: actlab run {directory}/config.yaml model.init=xavier_normal"


def test_the_command_can_be_typed(results, tmp_path):
    (directory,) = (results / "ill").iterdir()
    arguments = json.loads(explained(directory, "--json").output)["next"].split()[1:]
    done = CliRunner().invoke(app, [*arguments, "--results", str(tmp_path), "--quiet"])
    assert done.exit_code == 0
    assert explained(tmp_path).output.count("healthy before training") == 1


def test_a_folder_is_explained_run_by_run(results):
    done = explained(results)
    assert "healthy before training" in done.output and "activations collapse" in done.output
    assert done.output.count("\n\n") == 1


def test_json_has_an_object_a_line(results):
    found = [json.loads(line) for line in explained(results, "--json").output.splitlines()]
    ill, well = found
    assert well["healthy"] and well["findings"] == [] and well["next"] is None and well["signs"]
    assert not ill["healthy"] and ill["status"] == "finished"
    (finding,) = ill["findings"]
    assert finding["rule"] == "collapse" and finding["layers"] == [1, 2]
    assert finding["command"] == ill["next"]


def test_something_else_says_so(tmp_path):
    done = explained(tmp_path)
    assert done.exit_code == 1 and "holds no run" in str(done.exception)


def test_python_has_it_too(results):
    (directory,) = (results / "ill").iterdir()
    (finding,) = actlab.explain(actlab.open_record(directory))
    assert finding.rule == "collapse" and finding.place == "layers 1 and 2"
