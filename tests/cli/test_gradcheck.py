"""`actlab gradcheck`: green over all parts, red where a slope is wrong by a thousandth."""

import numpy as np
import pytest
from typer.testing import CliRunner

from actlab.checking import check_experiment, check_parts
from actlab.cli import app
from actlab.config import members
from actlab.experiment import load
from actlab.nn.activations.tanh import Tanh


def test_every_part_is_checked_and_right():
    checks = dict(check_parts())
    for family in ("activation", "initializer", "norm", "loss", "regularizer"):
        for name in members(family):
            assert f"{family} {name}" in checks
    for title, findings in checks.items():
        assert all(finding.passed and finding.checked for finding in findings), (title, findings)


def test_a_slope_wrong_by_a_thousandth_fails(monkeypatch):
    right = Tanh.slope_into

    def wrong(self, x, y, out):
        right(self, x, y, out)
        np.multiply(out, 1.001, out=out)

    monkeypatch.setattr(Tanh, "slope_into", wrong)
    done = CliRunner().invoke(app, ["gradcheck"])
    assert done.exit_code == 1 and "doubtful" in done.output


def test_kinks_are_found_and_left_out():
    experiment = load({"model": {"depth": 2, "width": 5, "bias_init": 0.0, "init": "he_normal"}})
    assert sum(finding.at_kinks for finding in check_experiment(experiment)) == 0
    # biases of zero behind weights of zero put every pre-activation right on the kink of ReLU
    at_kink = load({"model": {"depth": 1, "width": 5, "init": "zeros"}})
    findings = {finding.what: finding for finding in check_experiment(at_kink)}
    assert findings["hidden1.b"].at_kinks == 5 and findings["hidden1.b"].checked == 0


def test_a_config_with_everything(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "model: {depth: 9, width: 300, residual: true, norm: layer_norm, activation: elu}\n"
        "regularization: {l2: 0.1, dropout: 0.1}"
    )
    done = CliRunner().invoke(app, ["gradcheck", str(tmp_path / "c.yaml"), "seed=3"])
    assert done.exit_code == 0 and "hidden5.scale" in done.output


@pytest.mark.parametrize(
    "error", [(1e-8, "right"), (1e-5, "fair"), (1e-3, "doubtful"), (1, "wrong")]
)
def test_verdict_bands_of_the_lecture(error):
    from actlab.nn.gradcheck import Finding

    assert Finding("it", error[0], 10, 0).verdict == error[1]
    assert Finding("it", error[0], 10, 0).passed == (error[0] <= 1e-4)
    assert Finding("it", 0.0, 0, 10).verdict == "all at kinks"
