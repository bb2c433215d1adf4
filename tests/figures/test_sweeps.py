"""The figures of sweeps draw every kind of sweep."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from actlab.cli import app
from actlab.config import ConfigError, members
from actlab.figures.sweeps import draw_sweep
from actlab.figures.sweeps.records import gathered_records
from actlab.sweeping.plan import plan
from actlab.sweeping.sweep import sweep

KINDS = list(members("sweep_figure"))
SWEEPS = {
    "one key": ["model.init=he_normal,xavier_normal"],
    "seeds only": ["seed=range(3)"],
    "three keys": ["model.activation=tanh,relu", "model.depth=1,3", "model.init=he_normal,zeros"],
    "numbers": ["train.lr=logspace(-3,0,12)", "seed=0,1"],
    "before training": ["train.epochs=0", "model.init=he_normal,zeros"],
    "some diverged": ["train.lr=0.1,1e38", "model.depth=1,2"],
    "all diverged": ["train.lr=1e38", "model.depth=1,2"],
    "no hidden layer": ["model.depth=0,1"],
    "many": ["model.init=he_normal,zeros", "model.depth=range(1,18)", "train.epochs=0"],
}
DRAWN = {
    "seeds only": {"loss_curves", "activation_std", "histogram_grid"},
    "one key": set(KINDS) - {"heat_map"},
    "three keys": set(KINDS),
    "before training": set(KINDS) - {"heat_map", "loss_curves"},
    "all diverged": {"loss_curves", "activation_std", "histogram_grid"},
}


def swept(tiny, results, assignments):
    """The directory of a small sweep."""
    with ThreadPoolExecutor(1) as executor:
        made = plan({"name": "swept", **tiny}, assignments)
        sweep(made, results, executor=executor, workers=1)
    return results / "swept"


@pytest.mark.parametrize("case", SWEEPS)
def test_every_kind_draws_every_sweep(tiny, tmp_path, case):
    directory = swept(tiny, tmp_path, SWEEPS[case])
    paths = draw_sweep(directory, directory / "plots")
    assert all(path.stat().st_size > 5000 for path in paths)
    if case in DRAWN:
        assert {path.stem for path in paths} - {"metric_over"} == DRAWN[case] - {"metric_over"}


def test_panels_hold_what_axes_and_lines_do_not(tiny, tmp_path):
    records = gathered_records(swept(tiny, tmp_path, [*SWEEPS["three keys"], "seed=0,1"]))
    assert records.line_key == "model.init" and records.seeds == 2
    assert list(records.panels("model.init", "model.depth")) == [
        "activation tanh", "activation relu"
    ]  # fmt: skip
    assert records.values("model.depth") == ["1", "3"]


def test_the_command_draws_sweeps_by_metric_and_path(tiny, tmp_path):
    directory = swept(tiny, tmp_path, SWEEPS["three keys"])
    arguments = ["--kind", "metric_over", "--metric", "test_loss", "--over", "model.activation"]
    done = CliRunner().invoke(app, ["plot", str(directory), *arguments, "--format", "svg"])
    assert done.exit_code == 0 and done.output.strip().endswith("plots/metric_over.svg")
    text = (directory / "plots" / "metric_over.svg").read_text()
    assert "test loss over model.activation" in text or len(text) > 10_000


def test_an_unknown_kind_says_the_nearest(tiny, tmp_path):
    directory = swept(tiny, tmp_path, SWEEPS["one key"])
    with pytest.raises(ConfigError, match="did you mean 'heat_map'"):
        draw_sweep(directory, tmp_path / "plots", ["heatmap"])


def test_the_theory_is_drawn_for_every_variant(tiny, tmp_path):
    sweep = gathered_records(swept(tiny, tmp_path, SWEEPS["one key"]))
    drawing = members("sweep_figure")["activation_std"]().draw(sweep)
    (axes,) = drawing.axes
    assert [line.get_label() for line in axes.lines].count("theory") == 2
