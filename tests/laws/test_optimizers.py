"""The laws of optimizers: step for step those of their papers, in place, element by element."""

import tracemalloc

import numpy as np
import pytest
from cases import parts, title

from actlab.nn.optimizers import driver
from actlab.nn.optimizers.driver import Driver
from actlab.nn.optimizers.nesterov import Nesterov

OPTIMIZERS = parts("optimizer")
EVERY = pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=title)
STEPS = 60


def sgd(o, w, gradients, rates):
    """Polyak (1964), as CS231n writes it for a constant rate: v = mu v - lr g, w += v."""
    v = np.zeros_like(w)
    for g, lr in zip(gradients, rates, strict=True):
        v = o.momentum * v + g
        w = w - lr * v
        yield w


def nesterov(o, w, gradients, rates):
    """Nesterov (1983) as ONNX's operator of momentum has it, which keeps the rate outside."""
    v = np.zeros_like(w)
    for g, lr in zip(gradients, rates, strict=True):
        v = o.momentum * v + g
        w = w - lr * (g + o.momentum * v)
        yield w


def rmsprop(o, w, gradients, rates):
    """Tieleman and Hinton (2012), slide 29, and CS231n's epsilon."""
    mean_square = np.zeros_like(w)
    for g, lr in zip(gradients, rates, strict=True):
        mean_square = o.decay * mean_square + (1 - o.decay) * g**2
        w = w - lr * g / (np.sqrt(mean_square) + o.epsilon)
        yield w


def adam(o, w, gradients, rates, decoupled=0.0):
    """Kingma and Ba (2014), algorithm 1, line by line; Loshchilov and Hutter's decay beside it."""
    m, v, t = np.zeros_like(w), np.zeros_like(w), 0
    for g, lr in zip(gradients, rates, strict=True):
        t = t + 1
        m = o.beta1 * m + (1 - o.beta1) * g
        v = o.beta2 * v + (1 - o.beta2) * g * g
        m_hat = m / (1 - o.beta1**t)
        v_hat = v / (1 - o.beta2**t)
        w = w - lr * m_hat / (np.sqrt(v_hat) + o.epsilon) - lr * decoupled * w
        yield w


TEXTBOOK = {
    "sgd": sgd,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": lambda o, *rest: adam(o, *rest, decoupled=o.weight_decay),
}
"""The methods once more, from their papers; an optimizer without one here fails."""


def gradients(size=37, dtype=np.float64):
    """Of very different sizes from element to element, some always zero, of changing signs."""
    rng = np.random.default_rng(8)
    scales = np.exp(rng.uniform(-12, 4, size)) * (np.arange(size) % 9 > 0)
    return [(scales * rng.normal(0.3, 1, size)).astype(dtype) for _ in range(STEPS)]


def rates(lr):
    """Changing, as under a schedule."""
    return [lr * (1 + 0.5 * np.cos(k)) for k in range(STEPS)]


def updated(optimizer, theta, grads, lrs):
    """theta after every step."""
    slots = [np.zeros_like(theta) for _ in range(optimizer.slots)]
    for step, (g, lr) in enumerate(zip(grads, lrs, strict=True), start=1):
        optimizer.shrink(theta, lr)
        optimizer.update(theta, g.copy(), slots, lr, step)
        yield theta


def variations(optimizer):
    """The defaults, and every share that a step keeps set to something else."""
    yield optimizer
    shares = {"momentum": 0.0, "decay": 0.5, "beta1": 0.0, "beta2": 0.6, "weight_decay": 0.3}
    for name in shares.keys() & type(optimizer).model_fields.keys():
        yield optimizer.model_copy(update={name: shares[name], "lr": 0.07})


@EVERY
def test_step_for_step_as_in_the_paper(optimizer):
    assert optimizer.name in TEXTBOOK, f"write '{optimizer.name}' down from its paper in TEXTBOOK"
    start = np.random.default_rng(1).normal(size=37)
    for o in variations(optimizer):
        lrs = rates(o.lr)
        expected = TEXTBOOK[o.name](o, start, gradients(), lrs)
        found = updated(o, start.copy(), gradients(), lrs)
        for step, (one, other) in enumerate(zip(found, expected, strict=True), start=1):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13, err_msg=f"{o}, {step}")


def test_nesterov_is_that_of_cs231n():
    """There the velocity contains the rate: v = mu v - lr g, w += -mu v_prev + (1 + mu) v."""
    o, w = Nesterov(), np.ones(37)
    found, v = updated(o, w.copy(), gradients(), [0.1] * STEPS), np.zeros(37)
    for theta, g in zip(found, gradients(), strict=True):
        v_prev = v
        v = 0.9 * v - 0.1 * g
        w = w - 0.9 * v_prev + 1.9 * v
        np.testing.assert_allclose(theta, w, rtol=1e-10, atol=1e-13)


@EVERY
def test_float32_stays_float32_and_close_to_float64(optimizer):
    start = np.random.default_rng(1).normal(size=37)
    single = start.astype(np.float32)
    grads = [g.astype(np.float32) for g in gradients()]
    *_, found = updated(optimizer, single, grads, rates(optimizer.lr))
    *_, expected = updated(optimizer, start, grads, rates(optimizer.lr))
    assert found is single and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=3e-5, atol=3e-5)


@EVERY
def test_no_gradient_ever_means_no_movement(optimizer):
    start = np.random.default_rng(1).normal(size=5)
    theta, slots = start.copy(), [np.zeros(5) for _ in range(optimizer.slots)]
    for step in range(1, 4):
        optimizer.update(theta, np.zeros(5), slots, 0.1, step)
    np.testing.assert_array_equal(theta, start)


@EVERY
def test_zero_rate_means_no_movement(optimizer):
    start = np.random.default_rng(1).normal(size=37)
    *_, theta = updated(optimizer, start.copy(), gradients(), [0.0] * STEPS)
    np.testing.assert_array_equal(theta, start)


@EVERY
def test_nan_in_a_gradient_reaches_its_parameter_only(optimizer):
    theta, grad = np.ones(3, np.float32), np.array([1, np.nan, 1], np.float32)
    slots = [np.zeros_like(theta) for _ in range(optimizer.slots)]
    optimizer.update(theta, grad, slots, 0.1, 1)
    assert np.isnan(theta).tolist() == [False, True, False]


@EVERY
def test_a_bowl_is_descended(optimizer):
    """f(w) = sum of c w^2 / 2 with curvatures 1 to 10; a falling rate ends the signed methods."""
    curvature = np.linspace(1, 10, 7)
    theta = np.linspace(-2, 2, 7)
    slots = [np.zeros_like(theta) for _ in range(optimizer.slots)]
    for step in range(1, 1001):
        lr = 0.05 * (1 - step / 1001)
        optimizer.shrink(theta, lr)
        optimizer.update(theta, curvature * theta, slots, lr, step)
    assert np.abs(theta).max() < 1e-3


class FakeNetwork:
    """Flat parameters of which the first ones decay."""

    def __init__(self, size, n_decaying, penalties=()):
        rng = np.random.default_rng(3)
        self.theta, self.grad = rng.normal(size=(2, size))
        self.n_decaying, self.penalties, self.workspace = n_decaying, penalties, self

    def project(self):
        """Nothing bounds its weights."""


@EVERY
@pytest.mark.parametrize("n_decaying", [0, 8, 20, 23])
def test_blocks_change_nothing(optimizer, n_decaying, monkeypatch):
    def after_steps(block):
        monkeypatch.setattr(driver, "BLOCK", block)
        network = FakeNetwork(23, n_decaying)
        drive = Driver(optimizer, network)
        for _ in range(3):
            network.grad[...] = np.random.default_rng(5).normal(size=23)
            drive.step(0.1)
        return network.theta

    np.testing.assert_allclose(after_steps(8), after_steps(1000), rtol=1e-13)


@EVERY
def test_only_weights_decay_and_only_where_decay_is_decoupled(optimizer):
    network = FakeNetwork(6, 4)
    network.grad[...] = 0
    start = network.theta.copy()
    Driver(optimizer, network).step(0.1)
    share = 1 - 0.1 * getattr(optimizer, "weight_decay", 0.0)
    np.testing.assert_allclose(network.theta[:4], start[:4] * share, rtol=1e-14)
    np.testing.assert_array_equal(network.theta[4:], start[4:])


@EVERY
def test_a_step_allocates_no_more_than_a_block(optimizer):
    network = FakeNetwork(8 * driver.BLOCK, 5 * driver.BLOCK)
    drive = Driver(optimizer, network)
    drive.step(0.1)
    tracemalloc.start()
    drive.step(0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.1 * driver.BLOCK * network.theta.itemsize
