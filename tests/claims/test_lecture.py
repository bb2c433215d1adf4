"""`actlab lecture` from end to end, on claims that train in milliseconds."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import actlab
from actlab.claims.lecture import read_cases
from actlab.claims.publishing import counts
from actlab.config import ConfigError

CONFIGS = Path(__file__).parents[2] / "configs" / "lecture"


def lecture(*arguments, cwd=None):
    """Run `actlab lecture` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "actlab", "lecture", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def claim(id_, low, **settings):
    """A claim that the first loss lies above a number."""
    check = {
        "measure": {"name": "metric", "metric": "train_loss", "epoch": 0},
        "holds": {"above": low},
        "because": "a made-up reason",
    }
    return {"id": id_, "says": f"Losses start above {low}.", "checks": [{**check, **settings}]}


@pytest.fixture
def folder(tiny, tmp_path):
    """Two files of claims that share their runs."""
    path = tmp_path / "mine"
    path.mkdir()
    swept = {**tiny, "sweep": {"parameters": {"seed": "range(3)"}}, "full": {"seed": "range(4)"}}
    for id_, low in (("L1", 0.5), ("L2", 100.0)):
        (path / f"{id_}.yaml").write_text(yaml.safe_dump({**swept, "claims": [claim(id_, low)]}))
    return path


def test_a_run_trains_judges_draws_and_publishes(folder, tmp_path):
    out = tmp_path / "out"
    done = lecture("run", "--from", folder, "--out", out, "--workers", 1, "--note", "Made up.")
    assert done.returncode == 0, done.stderr
    assert "L1" in done.stdout and "2 claims: 1 holds, 1 does not hold" in done.stdout
    assert len([path for path in (out / "runs").iterdir() if path.is_dir()]) == 3 + 1  # .locks
    page = (out / "verdicts.md").read_text()
    assert "Made up." in page and "a made-up reason" in page and "![L2](figures/L2.png)" in page
    assert "What is not borne out" in page
    assert (out / "figures" / "L1.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads((out / "verdicts.json").read_text())
    assert [one["verdict"] for one in found["claims"]] == ["holds", "does not hold"]
    assert len(found["claims"][0]["checks"][0]["by_seed"]) == 3

    again = lecture("run", "L1", "--from", folder, "--out", out, "--json", "--no-plot")
    assert "3 of them done already" in again.stderr
    assert [one["id"] for one in json.loads(again.stdout)["claims"]] == ["L1"]
    assert "### L2: does not hold" in (out / "verdicts.md").read_text(), "kept beside the new one"


def test_published_records_are_judged_anew_without_training(folder, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    done = lecture("run", "L1", "--from", folder, "--out", first, "--no-plot", "--records")
    assert done.returncode == 0, done.stderr
    second.mkdir()
    shutil.copy(first / "records.tar.xz", second)
    again = lecture("run", "L1", "--from", folder, "--out", second, "--no-plot", "--records")
    assert "3 of them done already" in again.stderr
    assert (first / "records.tar.xz").read_bytes() == (second / "records.tar.xz").read_bytes()
    (second / "records.tar.xz").write_bytes(b"no archive")
    shutil.rmtree(second / "runs")
    done = lecture("run", "L1", "--from", folder, "--out", second)
    assert done.returncode == 2 and "records.tar.xz is damaged" in done.stderr


def test_a_claim_of_ones_own_by_its_file(folder, tmp_path):
    done = lecture("run", folder / "L1.yaml", "--out", tmp_path / "out", "--no-plot", "-q")
    assert done.returncode == 0 and "holds" in done.stdout
    shown = lecture("show", folder / "L1.yaml", "--results", tmp_path / "out")
    assert "verdict: holds" in shown.stdout and "a made-up reason" in shown.stdout


def test_from_python(folder, tmp_path):
    (verdict,) = actlab.verdicts([str(folder / "L2.yaml")], tmp_path / "out", workers=1)
    assert verdict.word == "does not hold" and "not above 100" in verdict.why
    assert counts([verdict.word]) == "1 claim: 1 does not hold"


def test_what_is_unknown_is_said(folder):
    done = lecture("run", "L3", "--from", folder)
    assert (
        done.returncode == 2
        and "there is no claim 'L3'; see actlab lecture list, or name your file" in done.stderr
    )
    done = lecture("list", "--topic", "functoins", "--from", folder)
    assert done.returncode == 2 and "there is no topic 'functoins'" in done.stderr
    done = lecture("list", "--from", folder.parent)
    assert done.returncode == 2 and "holds no config with a claims: section" in done.stderr


def test_a_claim_may_not_stand_twice(folder):
    (folder / "again.yaml").write_text((folder / "L1.yaml").read_text())
    with pytest.raises(ConfigError, match=r"'L1' stands in .* as well"):
        read_cases(folder=folder)


def test_the_lecture_is_there_wherever_one_stands(tmp_path):
    done = lecture("list", cwd=tmp_path)
    assert done.returncode == 0 and "initialization" in done.stdout


def test_what_cannot_be_measured_has_a_verdict_and_a_figure_all_the_same(folder, tmp_path):
    nothing = {"measure": {"name": "statistic", "statistic": "no_such"}}
    text = yaml.safe_load((folder / "L1.yaml").read_text())
    text["claims"] = [claim("L4", 0.5, **nothing), claim("L5", 0.5, **nothing, over="train.lr")]
    text["sweep"]["parameters"]["train.lr"] = [0.1, 0.2, 0.3]
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(text))
    done = lecture("run", tmp_path / "mine.yaml", "--out", tmp_path / "out")
    assert done.returncode == 0 and "2 not measurable here" in done.stdout
    assert "recorded no no_such" in (tmp_path / "out" / "verdicts.md").read_text()
    assert "Warning" not in done.stderr
