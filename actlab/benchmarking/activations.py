"""Every activation, forward and backward on one thread, beside torch.nn.functional."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from math import log
from statistics import median
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.arrays import Array
from actlab.benchmarking.report import Mismatch, Report, ratio_shown
from actlab.benchmarking.timing import Timing
from actlab.config import members
from actlab.nn.activations import Activation
from actlab.nn.network import Network

PROMISE = 1.5
SHAPES = ((128, 500), (256, 4096))
TURN = 0.004
"""Seconds that a turn is to last."""
TOLERANCE = 1e-5
"""Of value and gradient, relative to their norms."""

Pass = Callable[[], tuple[Array, Array]]
"""One forward and backward pass: y and dx."""

_THEIRS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "celu": lambda f, x, a: f.celu(x),
    "elu": lambda f, x, a: f.elu(x),
    "gelu": lambda f, x, a: f.gelu(x),
    "hardshrink": lambda f, x, a: f.hardshrink(x),
    "hardsigmoid": lambda f, x, a: f.hardsigmoid(x),
    "hardswish": lambda f, x, a: f.hardswish(x),
    "hardtanh": lambda f, x, a: f.hardtanh(x),
    "leaky_relu": lambda f, x, a: f.leaky_relu(x),
    "log_softmax": lambda f, x, a: f.log_softmax(x, -1),
    "logsigmoid": lambda f, x, a: f.logsigmoid(x),
    "maxout": lambda f, x, a: x.unflatten(1, (2, -1)).amax(1),
    "mish": lambda f, x, a: f.mish(x),
    "prelu": lambda f, x, a: f.prelu(x, a),
    "relu": lambda f, x, a: f.relu(x),
    "relu6": lambda f, x, a: f.relu6(x),
    "rrelu": lambda f, x, a: f.rrelu(x, training=True),
    "selu": lambda f, x, a: f.selu(x),
    "sigmoid": lambda f, x, a: f.sigmoid(x),
    "silu": lambda f, x, a: f.silu(x),
    "softmax": lambda f, x, a: f.softmax(x, -1),
    "softmin": lambda f, x, a: f.softmin(x, -1),
    "softplus": lambda f, x, a: f.softplus(x),
    "softshrink": lambda f, x, a: f.softshrink(x),
    "softsign": lambda f, x, a: f.softsign(x),
    "tanh": lambda f, x, a: f.tanh(x),
    "tanhshrink": lambda f, x, a: f.tanhshrink(x),
    "threshold": lambda f, x, a: f.threshold(x, 1.0, 0.0),
}
"""By name, given torch.nn.functional, x, and a slope for each unit."""
RANDOM = ("rrelu",)
"""Those that draw, whose results cannot be compared."""


class Ours:
    """The layer as a network has it, its work arrays claimed, in training."""

    def __init__(self, activation: Activation, x: Array) -> None:
        network = Network([("f", activation)], x.shape[1])
        network.initialize(0)
        network.forward(x, training=True)
        (placed,) = network.placed
        self.layer, self.memory, self.x = placed.layer, placed.memory, x
        self.memory.needs_dx = True
        self.dy = np.ones_like(self.memory.y) if hasattr(self.memory, "y") else np.ones_like(x)

    def refresh(self, dy: Array) -> None:
        """Put dy where backward overwrites it, as the product before it does in a network."""
        np.copyto(self.dy, dy)

    def __call__(self) -> tuple[Array, Array]:
        return self.layer.forward(self.x, self.memory), self.layer.backward(self.dy, self.memory)


class Theirs:
    """PyTorch in eager mode: the function, and torch.autograd.grad, on tensors already there."""

    def __init__(self, name: str, x: Array) -> None:
        import torch

        torch.set_num_threads(1)
        slopes = torch.full((x.shape[1],), 0.25, requires_grad=True)
        self.function = lambda x: _THEIRS[name](torch.nn.functional, x, slopes)
        self.x = torch.from_numpy(x).requires_grad_()
        self.wanted = (self.x, slopes) if name == "prelu" else (self.x,)
        self.dy = torch.ones_like(self.function(self.x)).detach()
        self.gradient = torch.autograd.grad

    def refresh(self, dy: Array) -> None:
        """As ours, so that both find dy in the same cache."""
        np.copyto(self.dy.numpy(), dy)

    def __call__(self) -> tuple[Any, Any]:
        y = self.function(self.x)
        return y, self.gradient(y, self.wanted, self.dy)[0]


def report(
    rounds: int, names: Sequence[str] | None = None, shapes: Sequence[tuple[int, int]] = SHAPES
) -> Report:
    """Ratios to PyTorch where it is installed; otherwise nanoseconds a number, ours alone."""
    torch = _torch_is_there()
    _keep_memory()
    rows, numbers = [], {}
    with threadpool_limits(1), np.errstate(all="ignore"):
        for name in names or members("activation"):
            row, found = {"activation": name}, {}
            for shape in shapes:
                timing = timed(name, shape, rounds, torch=torch and name in _THEIRS)
                title, ns = f"{shape[0]} x {shape[1]}", 1e6 / (shape[0] * shape[1])
                ours = median(timing.other) * ns
                compared = torch and name in _THEIRS
                row[f"times PyTorch, {title}"] = ratio_shown(timing) if compared else ""
                row[f"ns, {title}"] = f"{ours:.2f}"
                ratio = timing.ratio if compared else None
                found[title] = {"ns": ours, "ratio": ratio, "quartiles": timing.spread}
            rows.append(row)
            numbers[name] = found
    return Report(
        "activations, forward and backward, on one thread", rows, numbers, _notes(numbers, torch)
    )


def timed(name: str, shape: tuple[int, int], rounds: int, *, torch: bool) -> Timing:
    """PyTorch and ours in turn; without PyTorch ours twice. Raises Mismatch."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape, np.float32)
    part = members("activation")[name]
    assert issubclass(part, Activation)
    ours = Ours(part(), x)
    theirs = Theirs(name, x) if torch else ours
    dy = rng.standard_normal(ours.dy.shape, np.float32)
    if isinstance(theirs, Theirs) and name not in RANDOM:
        _compare(name, ours, theirs, dy)
    times = max(1, round(TURN * 1e3 / _milliseconds(ours, dy, 3)))
    pairs = [
        (_milliseconds(theirs, dy, times), _milliseconds(ours, dy, times))
        for _ in range(rounds + 1)
    ]
    base, other = zip(*pairs[1:], strict=True)
    return Timing(base, other)


def _milliseconds(deed: Ours | Theirs, dy: Array, times: int) -> float:
    seconds = 0.0
    for _ in range(times):
        deed.refresh(dy)
        start = time.perf_counter()
        deed()
        seconds += time.perf_counter() - start
    return seconds / times * 1e3


def _compare(name: str, ours: Ours, theirs: Theirs, dy: Array) -> None:
    for side in (ours, theirs):
        side.refresh(dy)
    for what, mine, other in zip(("value", "gradient"), ours(), theirs(), strict=True):
        reference = other.detach().numpy()
        error = np.linalg.norm(mine - reference) / np.linalg.norm(reference)
        if not error <= TOLERANCE:
            raise Mismatch(
                f"the {what} of {name} differs from PyTorch's by {error:.1e} of its norm"
            )


def _notes(numbers: dict[str, Any], torch: bool) -> list[str]:
    if not torch:
        remedy = "pip install 'actlab[bench]'"
        return [f"torch is not installed, so there is nothing to compare with; {remedy}"]
    ratios = [f["ratio"] for shapes in numbers.values() for f in shapes.values() if f["ratio"]]
    slow = sum(ratio > PROMISE for ratio in ratios)
    mean = np.exp(np.mean([log(ratio) for ratio in ratios])) if ratios else np.nan
    return [
        f"promised: {PROMISE:g} at most; {slow} of {len(ratios)} are above, "
        f"the geometric mean is {mean:.2f}",
        "medians (quartiles); PyTorch eager with autograd, in memory that the C allocator keeps; "
        "values and gradients agree",
    ]


def _keep_memory() -> None:
    """Have the C allocator keep what is freed, where it is glibc's.

    Otherwise it is a matter of luck whether the system clears the pages of PyTorch's fresh arrays
    anew at every call, which takes several times as long as the arithmetic.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt:
        trim_threshold, mmap_threshold = -1, -3  # malloc.h
        mallopt(trim_threshold, 2**31 - 1)
        mallopt(mmap_threshold, 1 << 30)


def _torch_is_there() -> bool:
    return find_spec("torch") is not None
