"""Contenders train the same network, and one that does not is found out."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from actlab.benchmarking import agreement, contenders
from actlab.benchmarking.agreement import agreements, compared, sure_rows
from actlab.benchmarking.contenders.limit import Limit
from actlab.benchmarking.contenders.textbook import Textbook
from actlab.benchmarking.remote import ContenderFailed, Remote
from actlab.benchmarking.report import Mismatch
from actlab.benchmarking.serving import Service
from actlab.benchmarking.workloads import Workload, preactivations, task

TANH = Workload("tiny", 3, 12, "tanh", 16, 0.01, examples=80)
RELU = Workload("noisy", 2, 20, "relu", 16, 0.001, dropout=0.5, examples=80)


class Here:
    """A contender in this process, asked as one in another would be."""

    opened: ClassVar = []

    def __init__(self, name):
        self.name, self._service = name, Service(name)
        self.opened.append(self)

    def ask(self, deed, *arguments):
        return getattr(self._service, deed)(*arguments)


@pytest.fixture(autouse=True)
def nothing_left_open():
    """What a contender sets for its process, threads and error handling, is as before."""
    yield
    while Here.opened:
        Here.opened.pop().ask("close")


@pytest.mark.parametrize("workload", [TANH, RELU], ids=str)
@pytest.mark.parametrize("name", ["numpy", "torch", "torch-tuned", "jax", "sklearn"])
def test_contenders_agree_on_gradients_and_losses(workload, name):
    entry = contenders.ENTRIES[name]
    if entry.package:
        pytest.importorskip(entry.package, reason=f"needs {entry.package}, to compare with")
    ours, theirs = Here("actlab"), Here(name)
    given = task(workload)
    if theirs.ask("cannot", given):
        given = given.without_dropout
    found = agreements(given, ours, [theirs])[name]
    assert found.gradient_error < 1e-5 and found.loss_error < 1e-5
    for each in (ours, theirs):
        each.ask("open", given)
        assert each.ask("turn", 2).ms > 0
        each.ask("open", given)


def test_gradients_off_by_a_thousandth_are_found_out(monkeypatch):
    exact = Textbook._pass

    def wrong(self, rows, dropout):
        loss, gradients = exact(self, rows, dropout)
        gradients[2] *= 1.001
        return loss, gradients

    monkeypatch.setattr(Textbook, "_pass", wrong)
    with pytest.raises(Mismatch, match=r"differ in the gradient of W of layer 2 by 1\.0e-03"):
        agreements(task(TANH), Here("actlab"), [Here("numpy")])


def test_an_update_without_its_penalty_is_found_out(monkeypatch):
    strong, weak = replace(TANH, l2=0.1), replace(TANH, l2=0.0)
    monkeypatch.setattr(Textbook, "__init__", _with_workload(Textbook.__init__, weak))
    with pytest.raises(Mismatch, match="start alike but part: after 50 steps"):
        agreements(task(strong), Here("actlab"), [Here("numpy")])


def _with_workload(initialize, workload):
    return lambda self, given: initialize(self, replace(given, workload=workload))


@pytest.mark.parametrize(
    "wrong", [np.full((2, 3), np.nan), np.ones((3, 2)), 1.01 * np.ones((2, 3))]
)
def test_what_is_not_equal_is_no_agreement(wrong):
    found = {"right": ([np.ones((2, 3))], 1.0), "wrong": ([wrong], 1.0)}
    with pytest.raises(Mismatch, match="wrong and right differ in the gradient of W of layer 1"):
        compared(found, "right")


def test_images_at_the_kink_of_relu_are_left_out(monkeypatch):
    given = task(RELU)
    least = np.min([np.abs(z).min(axis=1) for z in preactivations(given, given.batches[0])], axis=0)
    monkeypatch.setattr(agreement, "AT_KINK", np.median(least))
    kept = sure_rows(given)
    assert set(kept) == set(given.batches[0][least >= np.median(least)])
    assert len(sure_rows(task(TANH))) == 16


def test_the_limit_is_every_product_but_the_gradient_of_the_data():
    limit = Limit(task(TANH))
    for array in (*limit.y, *limit.dx, *limit.dW):
        array[...] = np.nan
    limit.step(np.arange(16))
    assert [W.shape for _, W, _ in limit.layers] == [(3072, 12), (12, 12), (12, 12), (12, 10)]
    assert np.isnan(limit.dx[0]).all()
    assert all(np.isfinite(array).all() for array in (*limit.y, *limit.dx[1:], *limit.dW))


def test_a_fault_over_there_is_one_here():
    remote = Remote("numpy")
    try:
        with pytest.raises(ContenderFailed, match=r"numpy: AttributeError: .*'sing'"):
            remote.ask("sing")
        remote._process.kill()
        with pytest.raises(ContenderFailed, match="its process ended with code -9"):
            remote.ask("turn", 1)
    finally:
        remote.close()


def test_peers_are_called_by_name(monkeypatch):
    monkeypatch.setattr(contenders, "find_spec", lambda name: None if name == "jax" else object())
    found, missing = contenders.called("torch, jax,sklearn")
    assert found == ["actlab", "numpy", "limit", "torch", "torch-kept", "torch-tuned", "sklearn"]
    assert missing == ["jax is not installed and left out; pip install 'actlab[bench]'"]
    with pytest.raises(contenders.UnknownPeer, match="unknown 'pytorch'; did you mean 'torch'"):
        contenders.called("pytorch")
