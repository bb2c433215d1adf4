"""Comparisons pool, pair and mark as they say; `ls` finds what is asked for."""

import json
from math import isinf, sqrt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actlab.cli import app
from actlab.comparing import compare, estimate, gathered, legend, part_shown, table
from actlab.config import ConfigError
from actlab.experiment import load
from actlab.runs import Run, differing, find_runs
from actlab.store import StoreError

EFFECT = {"he_normal": 0.5, "xavier_normal": 0.4}


def made(init="he_normal", seed=0, status="finished", accuracy=None, **model):
    """A run whose seed moves every accuracy alike."""
    config = load({"seed": seed, "model": {"init": init, **model}}).resolved()
    name = init if isinstance(init, str) else init["name"]
    value = EFFECT.get(name, 0.1) + 0.1 * seed if accuracy is None else accuracy
    metrics = {"val_accuracy": value, "val_loss": 1 - value} if status == "finished" else {}
    return Run(Path(f"{init}-{seed}"), config, status, metrics, 1.0)


@pytest.fixture
def runs():
    """Two initializers, three seeds each."""
    return [made(init, seed) for init in EFFECT for seed in range(3)]


def test_seeds_are_pooled_to_mean_and_t_interval(runs):
    first, second = compare(runs).rows
    assert dict(first.settings) == {"model.init": "he_normal"} and first.metric.n == 3
    assert first.metric.mean == pytest.approx(0.6)
    assert first.metric.half == pytest.approx(4.302653 * 0.1 / sqrt(3), rel=1e-6)
    assert first.best and not second.best


def test_differences_are_paired_by_seed(runs):
    first, second = compare(runs).rows
    assert first.difference is None
    assert second.difference.mean == pytest.approx(-0.1)
    assert second.difference.half == pytest.approx(0, abs=1e-12)
    last, base = compare(runs, baseline="model.init=xavier_normal").rows
    assert base.difference is None and last.difference.mean == pytest.approx(0.1)


def test_seeds_without_a_partner_are_left_out_of_differences(runs):
    second = compare([*runs, made("xavier_normal", 9)]).rows[1]
    assert second.metric.n == 4 and second.difference.n == 3


def test_lower_losses_are_better(runs):
    assert [row.best for row in compare(runs, "val_loss").rows] == [True, False]


def test_rows_with_diverged_runs_are_not_the_best(runs):
    runs[0] = made("he_normal", 0, "diverged")
    first, second = compare(runs).rows
    assert first.unfinished == 1 and second.best and not first.best
    assert table(compare(runs))[0]["finished"] == "2 of 3"


def test_a_legend_says_what_the_marks_mean(runs):
    mean, difference = legend(compare(runs, "val_loss"))
    assert mean.startswith("val_loss: mean of the finished runs, ± its 95%") and "lowest" in mean
    assert "at the same seed" in difference and "the row called baseline" in difference
    runs[0] = made("he_normal", 0, "diverged")
    _, finished, _ = legend(compare(runs))
    assert '"2 of 3"' in finished and "star is for rows that finished whole" in finished
    assert "star" not in legend(compare([runs[0], made("xavier_normal", 0, "failed")]))[1]
    (only,) = legend(compare([made()]))
    assert "±" not in only and "highest" in only


def test_long_columns_wrap_and_nothing_is_cut(swept, monkeypatch):
    monkeypatch.setattr("actlab.cli.reporting.PIPED_WIDTH", 60)
    keys = ["train.optimizer", "record.probe_examples", "data.source", "model.init"]
    printed = said("compare", swept, *[f"--group-by={key}" for key in keys])
    cells = [
        [cell.strip() for cell in line.strip("┃│").split(line[0])]
        for line in printed.splitlines()
        if line[0] in "┃│"
    ]
    columns = ["".join(column) for column in zip(*cells, strict=True)]
    assert "…" not in printed
    assert [c.startswith(key) for c, key in zip(columns, keys, strict=False)] == [True] * 4
    assert columns[3] == "model.initgaussianhe_normalxavier_normal"


def test_one_seed_has_no_interval():
    found = estimate([0.25, None])
    assert found.n == 1 and isinf(found.half) and str(found) == "0.2500"
    assert str(estimate([])) == "-"


def test_group_by_pools_everything_else_and_still_pairs():
    runs = [
        made(init, seed, depth=d, accuracy=EFFECT[init] + d * seed)
        for init in EFFECT for d in (1, 2) for seed in (0, 1)
    ]  # fmt: skip
    first, second = compare(runs, group_by=["model.init"]).rows
    assert first.metric.n == 4 and second.difference.n == 4
    assert second.difference.mean == pytest.approx(-0.1)


def test_only_what_differs_has_a_column():
    runs = [made({"name": "gaussian", "std": s}, depth=d) for s in (0.1, 0.2) for d in (1, 2)]
    assert differing([run.config for run in runs]) == ["model.depth", "model.init.std"]
    both = [made("he_normal"), made("xavier_normal")]
    assert differing([run.config for run in both]) == ["model.init"]


def test_parts_are_shown_with_what_tells_them_apart():
    narrow, wide = ({"name": "gaussian", "std": std} for std in (0.01, 1.0))
    assert part_shown(narrow, [narrow, "zeros"]) == "gaussian"
    assert part_shown(narrow, [narrow, wide]) == "gaussian(std=0.01)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "val_acuracy"}, "did you mean 'val_accuracy'?"),
        ({"group_by": ["model.int"]}, "no run has 'model.int'; known: name, seed, "),
        ({"baseline": "model.init=relu"}, "no row is 'model.init=relu'; known: model.init=he"),
    ],
)
def test_what_cannot_be_compared_is_said(runs, arguments, message):
    with pytest.raises(ConfigError) as caught:
        compare(runs, **arguments)
    assert message in str(caught.value)


@pytest.fixture(scope="module")
def swept(tmp_path_factory, tiny_config):
    """The results of a small sweep."""
    from concurrent.futures import ThreadPoolExecutor

    from actlab.sweeping.plan import plan
    from actlab.sweeping.sweep import sweep

    results = tmp_path_factory.mktemp("results")
    config = {"name": "swept", **tiny_config, "sweep": {"parameters": {"seed": "range(2)"}}}
    assignments = ["model.init=xavier_normal,he_normal,{name: gaussian, std: 0.5}"]
    with ThreadPoolExecutor(1) as executor:
        sweep(plan(config, assignments), results, executor=executor, workers=1)
    return results


def said(*arguments, code=0):
    """What a command prints."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_a_sweeps_directory_gives_its_variants_in_order(swept):
    found = [run.setting("model.init") for run in gathered([swept / "swept"])]
    assert [one if isinstance(one, str) else one["name"] for one in found] == [
        "xavier_normal", "he_normal", "gaussian", "xavier_normal", "he_normal", "gaussian"
    ]  # fmt: skip
    assert len(gathered(sorted((swept / "swept").glob("relu-*")))) == 6


def test_compare_prints_tables_for_people_papers_and_programs(swept):
    assert "xavier_normal" in said("compare", swept / "swept")
    md = said("compare", swept, "--md").splitlines()
    assert md[0] == "| model.init | finished | val_accuracy | difference |"
    assert all(line.startswith("|") for line in md[:5]) and md[5] == "" and len(md) == 8
    assert r"the star (\*) marks the highest" in md[6] and md[7].startswith("difference: from the")
    assert len(said("compare", swept, "--csv", "--metric", "test_loss").splitlines()) == 4
    rows = json.loads(said("compare", swept / "swept", "--json"))
    assert rows[0]["runs"] == 2 and rows[0]["difference"] is None and rows[1]["best"] in (0, 1)


def test_ls_filters_by_setting_status_and_metric(swept):
    assert len(said("ls", "--results", swept).splitlines()) == 7
    assert len(said("ls", "--results", swept, "model.init=gaussian", "seed=1").splitlines()) == 2
    assert len(said("ls", "--results", swept, "seed>=1", "model.depth<3").splitlines()) == 4
    assert said("ls", "--results", swept, "status!=finished") == ""
    lines = said("ls", "--results", swept, "--json", "--sort", "val_loss", "--show", "val_loss")
    losses = [json.loads(line)["val_loss"] for line in lines.splitlines()]
    assert losses == sorted(losses) and len(losses) == 6
    assert "write KEY=VALUE" in said("ls", "nonsense", code=2)


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(StoreError, match="holds no run"):
        find_runs([tmp_path])


def test_ten_thousand_runs_are_listed(swept, tmp_path):
    (one, *_) = (swept / "swept").glob("relu-*")
    text = (one / "summary.json").read_text()
    for n in range(10_000):
        (tmp_path / f"run-{n}").mkdir()
        (tmp_path / f"run-{n}" / "summary.json").write_text(
            text.replace('"seed": 0', f'"seed": {n}')
        )
    assert len(said("ls", "--results", tmp_path).splitlines()) == 10_001


def test_rows_may_be_named_and_still_pair_by_seed():
    plain = [made(seed=seed) for seed in range(3)]
    other = [made("xavier_normal", seed, depth=2) for seed in range(3)]
    named = [
        Run(run.directory, {**run.config, "name": name}, run.status, run.metrics, 1.0)
        for name, group in (("plain", plain), ("other", other))
        for run in group
    ]
    second = compare(named, group_by=["name"]).rows[1]
    assert second.settings["name"] == "other"
    assert second.difference.n == 3 and second.difference.mean == pytest.approx(-0.1)


def test_the_gap_is_train_less_test_accuracy_and_better_low():
    def run(name, train, test):
        metrics = {"train_accuracy": train, "test_accuracy": test}
        return Run(Path(name), {**made().config, "name": name}, "finished", metrics, 1.0)

    rows = compare([run("a", 0.9, 0.5), run("b", 0.6, 0.5)], "gap", ["name"]).rows
    assert [row.metric.mean for row in rows] == pytest.approx([0.4, 0.1])
    assert [row.best for row in rows] == [False, True]
