"""Losses and optimizers of PyTorch, which must be ours where names agree."""

import numpy as np
import pytest

from actlab.nn.losses import CrossEntropy
from actlab.nn.optimizers.adam import Adam, AdamW
from actlab.nn.optimizers.nesterov import Nesterov
from actlab.nn.optimizers.rmsprop import RMSProp
from actlab.nn.optimizers.sgd import SGD

torch = pytest.importorskip("torch", reason="needs torch, to compare with")


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_cross_entropy_with_label_smoothing(smoothing):
    scores = 4 * np.random.default_rng(0).normal(size=(7, 5))
    labels = np.array([0, 4, 2, 2, 1, 3, 3])
    theirs = torch.tensor(scores, requires_grad=True)
    loss = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)(theirs, torch.tensor(labels))
    loss.backward()
    value, ds = CrossEntropy(label_smoothing=smoothing).value_and_gradient(scores, labels)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(ds, theirs.grad.numpy(), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SGD(lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
        (SGD(lr=0.1, momentum=0.0), lambda p: torch.optim.SGD(p, lr=0.1)),
        (Nesterov(lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
        (RMSProp(), lambda p: torch.optim.RMSprop(p, lr=0.001, alpha=0.9)),
        (Adam(), lambda p: torch.optim.Adam(p)),
        (AdamW(), lambda p: torch.optim.AdamW(p)),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
def test_optimizer(ours, theirs):
    rng = np.random.default_rng(1)
    theta = rng.normal(size=20)
    parameter = torch.nn.Parameter(torch.tensor(theta))
    optimizer = theirs([parameter])
    slots = [np.zeros_like(theta) for _ in range(ours.slots)]
    for step in range(1, 61):
        grad = rng.normal(0.2, 1, size=20) * np.geomspace(1e-6, 10, 20)
        parameter.grad = torch.tensor(grad.copy())
        optimizer.step()
        ours.shrink(theta, ours.lr)
        ours.update(theta, grad, slots, ours.lr, step)
        np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-10, atol=1e-13)
