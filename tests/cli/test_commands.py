"""The commands as a user types them."""

import json
import shutil
import subprocess
import sys

import pytest
import yaml
from typer.testing import CliRunner

from actlab.cli import app


class Result:
    """What a command printed and how it ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


def actlab(*arguments, cwd=None):
    """Run the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "actlab", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def config(tiny, tmp_path):
    """A config that trains in milliseconds, as a file."""
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(tiny))
    return path


@pytest.fixture
def finished(config, tmp_path):
    """The run directory of a finished run."""
    done = actlab("run", config, "--results", tmp_path / "results", "--json")
    return tmp_path / json.loads(done.out)["run_dir"]


def test_run_writes_a_whole_run_directory_and_shows_the_layers(config, tmp_path):
    done = actlab("run", config, cwd=tmp_path)
    assert done.code == 0 and done.err == ""
    assert "hidden2" in done.out and "test accuracy" in done.out
    (directory,) = (tmp_path / "results" / "tiny").iterdir()
    assert str(directory.relative_to(tmp_path)) in done.out
    assert {path.name for path in directory.iterdir()} == {
        "config.yaml", "provenance.json", "metrics.csv", "stats.npz", "summary.json",
        "log.txt", "plots",
    }  # fmt: skip
    assert len(list((directory / "plots").glob("*.png"))) >= 5


def test_json_is_one_object_with_the_layers_in_order(config, tmp_path):
    done = actlab("run", config, "--json", cwd=tmp_path)
    found = json.loads(done.out)
    assert found["status"] == "finished" and 0 <= found["metrics"]["test_accuracy"] <= 1
    assert [layer["name"] for layer in found["layers"]] == ["hidden1", "hidden2"]
    for layer in found["layers"]:
        for when in ("initial", "final"):
            assert set(layer[when]) == {
                "mean", "std", "zero_fraction", "saturated_fraction", "dead_fraction"
            }  # fmt: skip


def test_a_finished_run_is_not_trained_again_unless_forced(config, finished, tmp_path):
    before = (finished / "stats.npz").stat().st_mtime_ns
    again = actlab("run", config, "--results", tmp_path / "results")
    assert again.code == 0 and "already finished" in again.err and "hidden2" in again.out
    assert (finished / "stats.npz").stat().st_mtime_ns == before
    assert actlab("run", config, "--results", tmp_path / "results", "--force").code == 0
    assert (finished / "stats.npz").stat().st_mtime_ns > before


def test_overrides_change_the_run(config, tmp_path):
    done = actlab(
        "run", config, "model.activation=tanh", "model.init={name: gaussian, std: 0.5}", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    directory = tmp_path / json.loads(done.out)["run_dir"]
    written = yaml.safe_load((directory / "config.yaml").read_text())
    assert written["model"]["init"] == {"name": "gaussian", "std": 0.5}
    assert directory.name.startswith("tanh-gaussian-2x16-")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model.activation=relux"], "command line: model.activation: unknown 'relux'; did you"),
        (
            ["model.depht=3"],
            "command line: model.depht: unknown key 'depht'; did you mean 'depth'?",
        ),
        (["nonsense"], "command line: cannot read 'nonsense'; write KEY=VALUE"),
    ],
)
def test_bad_overrides_end_with_two(config, tmp_path, arguments, message):
    done = actlab("run", config, *arguments, cwd=tmp_path)
    assert done.code == 2 and message in done.err and done.out == ""
    assert not (tmp_path / "results").exists()


def test_missing_file_and_missing_data_end_with_two(tmp_path):
    assert actlab("run", "none.yaml", cwd=tmp_path).code == 2
    (tmp_path / "c.yaml").write_text("data: {source: cifar10}")
    done = actlab("run", "c.yaml", cwd=tmp_path)
    assert done.code == 2 and "actlab data fetch cifar10" in done.err


def test_a_diverged_run_ends_with_one_and_keeps_what_it_recorded(config, tmp_path):
    done = actlab("run", config, "train.lr=1e38", "--json", cwd=tmp_path)
    found = json.loads(done.out)
    assert done.code == 1 and found["status"] == "diverged" and "hidden2" in found["fault"]
    assert "smaller train.lr" in done.err
    assert (tmp_path / found["run_dir"] / "metrics.csv").read_text().count("\n") == 2


def test_smoke_finishes_in_seconds_with_the_same_model(tmp_path):
    (tmp_path / "big.yaml").write_text(
        "model: {depth: 5, width: 40, activation: elu}\ntrain: {epochs: 1000}"
    )
    done = actlab("run", "big.yaml", "--smoke", "--json", cwd=tmp_path)
    assert done.code == 0 and len(json.loads(done.out)["layers"]) == 5


def test_plot_redraws_from_a_moved_run_directory(finished, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.move(finished, moved)
    shutil.rmtree(moved / "plots")
    done = actlab("plot", moved)
    assert done.code == 0
    assert sorted(p.name for p in (moved / "plots").iterdir()) == sorted(
        line.rsplit("/", 1)[1] for line in done.out.split()
    )
    done = actlab("plot", moved, "--kind", "curves", "--format", "svg", "--out", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["curves.svg"]


def test_plot_of_something_else_says_so(tmp_path, finished):
    (tmp_path / "empty").mkdir()
    done = actlab("plot", tmp_path / "empty")
    assert done.code == 2 and "holds no run" in done.err
    done = actlab("plot", finished, "--kind", "curvse")
    assert done.code == 2 and "did you mean 'curves'?" in done.err


def test_list_shows_families_parts_and_their_settings():
    assert "activations: " in actlab("list").out
    assert "leaky_relu" in actlab("list", "activations").out
    one = actlab("list", "activations", "leaky_relu").out
    for word in ("slope", "0.01", "Maas", "f'(0) = 0.01"):
        assert word in one
    wrong = actlab("list", "activatoins")
    assert wrong.code == 2 and "did you mean 'activations'?" in wrong.err


def test_check_resolves_without_training(config, tmp_path):
    done = actlab("check", config, cwd=tmp_path)
    assert done.code == 0 and "778 parameters" in done.out and "MB" in done.out
    assert not (tmp_path / "results").exists()
    assert yaml.safe_load(done.out)["train"]["epochs"] == 2


def test_check_names_every_faulty_file_of_a_folder(tmp_path):
    (tmp_path / "good.yaml").write_text("model: {depth: 1}")
    (tmp_path / "bad.yaml").write_text("model: {activation: relux}")
    (tmp_path / "worse.yml").write_text("modle: 3")
    done = actlab("check", tmp_path)
    assert done.code == 2 and "good.yaml" in done.out
    assert "bad.yaml:1:21" in done.err and "worse.yml:1:1" in done.err
    assert done.out.splitlines()[-1] == "3 configs, 2 faults"


CLAIM = """
sweep: {parameters: {seed: [0, 1]}}
claims:
  - id: mine
    says: A tiny network is above chance.
    checks:
      - measure: {name: metric, metric: test_accuracy}
        holds: {above: 0.1}
        because: there are ten classes
"""


def test_check_of_several_has_a_line_each_and_faults_last(config, tmp_path):
    (tmp_path / "many.yaml").write_text(
        config.read_text() + "sweep: {parameters: {model.width: [8, 16], seed: [0, 1]}}"
    )
    (tmp_path / "claim.yaml").write_text(config.read_text() + CLAIM)
    (tmp_path / "data.yaml").write_text("data: {source: {name: npz, file: none.npz}}")
    done = subprocess.run(
        [sys.executable, "-m", "actlab", "check", "."],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    claim, many, one, fault, last = done.stdout.splitlines()
    assert done.returncode == 2
    assert claim.startswith("claim.yaml: claim mine (1 check); 2 runs; ")
    assert "778 parameters" in claim
    assert many.startswith("many.yaml: sweep; 4 runs; about ")
    assert "at most 778 parameters and 1" in many and "MB a run" in many
    assert one.startswith("tiny.yaml: one run; 778 parameters, about ")
    assert fault.startswith("data.yaml: ") and "none.npz" in fault
    assert last == "4 configs, 1 fault"


def test_check_prints_several_configs_resolved_if_asked(config, tmp_path):
    (tmp_path / "other.yaml").write_text("model: {depth: 1}")
    done = actlab("check", tmp_path, "--resolved")
    assert done.code == 0 and done.out.splitlines()[-1] == "2 configs, 0 faults"
    *_, last = done.out.rpartition("other.yaml")
    assert "depth: 1" in last and "batch_size: 25" in done.out
    brief = actlab("check", config, tmp_path / "other.yaml").out
    assert len(brief.splitlines()) == 3 and "depth" not in brief


def test_schema_is_json():
    assert "properties" in json.loads(actlab("schema").out)


def test_help_of_every_command():
    for command in ([], ["run"], ["plot"], ["list"], ["check"], ["schema"], ["data"]):
        assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0


def test_usage_errors_end_with_two():
    assert actlab("run").code == 2
    assert actlab("runn", "x").code == 2
    assert actlab("run", "x.yaml", "--nope").code == 2


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("actlab list act", "activations"),
        ("actlab list activations lea", "leaky_relu"),
        ("actlab plot x --kind cur", "curves"),
        ("actlab run x.yaml model.act", "model.activation="),
        ("actlab run x.yaml model.activation=re", "model.activation=relu"),
    ],
)
def test_completion_comes_from_the_registries(typed, offered, monkeypatch):
    monkeypatch.setenv("_ACTLAB_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
    done = actlab()
    assert offered in done.out.split()
