"""The Python interface, as a notebook uses it."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import actlab

ROOT = Path(__file__).parents[1]


def test_activation_by_name_on_any_shape():
    f = actlab.activation("leaky_relu", slope=0.1)
    x = np.array([[-2.0, 3.0], [0.5, -1.0]])
    np.testing.assert_allclose(f.value(x), [[-0.2, 3.0], [0.5, -0.1]])
    np.testing.assert_allclose(f.gradient(x, np.full_like(x, 2)), [[0.2, 2], [2, 0.2]])


def test_initializer_by_name():
    W = actlab.initializer("he_normal").sample(500, 300, np.random.default_rng(0))
    assert W.shape == (500, 300) and W.var() == pytest.approx(2 / 500, rel=0.03)


def test_build_gives_named_writable_parameters():
    experiment = actlab.load({"model": {"widths": [5, 4], "activation": "prelu"}})
    network = actlab.build(experiment, n_in=7)
    assert {name: value.shape for name, value in network.parameters.items()} == {
        "hidden1.W": (7, 5), "hidden1.b": (5,), "hidden1.a": (5,),
        "hidden2.W": (5, 4), "hidden2.b": (4,), "hidden2.a": (4,),
        "output.W": (4, 10), "output.b": (10,),
    }  # fmt: skip
    x = np.random.default_rng(0).normal(size=(3, 7)).astype(np.float32)
    assert network.forward(x).shape == (3, 10)
    for value in network.parameters.values():
        value[...] = 0
    loss, gradients = network.loss_and_gradients(x, [0, 1, 2])
    assert loss == pytest.approx(np.log(10), rel=1e-6)
    assert set(gradients) == set(network.parameters)


def test_run_returns_a_record(tiny):
    record = actlab.run(actlab.load(tiny))
    assert record.status == "finished" and len(record.layer_statistics()) == 2


def test_a_record_is_shown_in_a_few_lines(tiny):
    record = actlab.run(actlab.load({"name": "tiny", **tiny}))
    shown = repr(record)
    assert len(shown.splitlines()) == 5 and max(map(len, shown.splitlines())) < 200
    accuracy = f"test_accuracy {record.final['test_accuracy']:.4g}"
    for word in ("tiny", "relu-he_normal-2x16", "finished", "epochs: 2", accuracy):
        assert word in shown, shown
    assert f"{len(record.statistics)} arrays" in shown
    failed = replace(record, status="failed", fault="OSError: gone", metrics=(), final={})
    assert "failed, OSError: gone" in repr(failed) and "epochs: 0" in repr(failed)
    assert replace(record) == record != failed


def test_the_notebook_of_the_readme_runs_as_it_stands():
    section = (ROOT / "README.md").read_text().split("## In a notebook")[1].split("\n## ")[0]
    code = "\n".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))
    assert "Elementwise" in code
    quick = "import actlab\nrun = actlab.run\nactlab.run = lambda one: run(one.smoke())\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", quick + code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Record of quickstart")


def test_unknown_names_say_the_nearest():
    with pytest.raises(actlab.ConfigError, match="did you mean 'relu'"):
        actlab.activation("relux")
    with pytest.raises(actlab.ConfigError, match="unknown key 'slop'; did you mean 'slope'"):
        actlab.activation("leaky_relu", slop=3)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = actlab.nonsense


def test_every_public_name_is_there():
    for name in actlab.__all__:
        assert getattr(actlab, name) is not None
    assert dir(actlab) == actlab.__all__
