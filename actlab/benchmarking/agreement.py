"""Whether contenders compute the same: gradients of one batch, and the loss after some steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from actlab.arrays import Array
from actlab.benchmarking.remote import Remote
from actlab.benchmarking.report import Mismatch
from actlab.benchmarking.workloads import Task, preactivations

TOLERANCE = 1e-4
STEPS = 50
AT_KINK = 1e-5
"""Pre-activations nearer to the kink of ReLU than this may lie on either side of it."""


@dataclass(frozen=True)
class Agreement:
    """Of one contender with the reference, in relative terms: the worst of its gradients, and the
    loss after STEPS steps."""

    gradient_error: float
    loss: float
    loss_error: float


def agreements(task: Task, reference: Remote, others: Sequence[Remote]) -> dict[str, Agreement]:
    """How far each is from the reference, all opened anew without dropout. Raises Mismatch."""
    calm, rows = task.without_dropout, sure_rows(task)
    found: dict[str, tuple[Sequence[Array], float]] = {}
    for remote in (reference, *others):
        remote.ask("open", calm)
        gradients = remote.ask("gradients", rows)
        found[remote.name] = gradients, remote.ask("losses", STEPS + 1)[-1]
    return compared(found, reference.name)


def sure_rows(task: Task) -> Array:
    """The first batch, without the images that bring a hidden unit to the kink of ReLU.

    There rounding decides about a whole term of the gradient, so nobody is right.
    """
    rows = task.batches[0]
    if task.workload.activation != "relu":
        return rows
    near = [(np.abs(z) < AT_KINK).any(axis=1) for z in preactivations(task, rows)]
    return rows[~np.any(near, axis=0)]


def compared(
    found: Mapping[str, tuple[Sequence[Array], float]], reference: str
) -> dict[str, Agreement]:
    """Everybody's gradients and loss against those of the reference. Raises Mismatch."""
    gradients, loss = found[reference]
    agreed = {}
    for name, (theirs, their_loss) in found.items():
        errors = [_error(a, b) for a, b in zip(theirs, gradients, strict=True)]
        off = abs(their_loss - loss) / abs(loss)
        agreed[name] = Agreement(max(errors), their_loss, off)
        worst = int(np.argmax(errors))
        if not errors[worst] <= TOLERANCE:
            raise Mismatch(
                f"{name} and {reference} differ in the gradient of {_called(worst)} by "
                f"{errors[worst]:.1e} of its norm, more than {TOLERANCE:g}; their times would not "
                "be those of the same computation"
            )
        if not (off <= TOLERANCE and isfinite(loss)):
            raise Mismatch(
                f"{name} and {reference} start alike but part: after {STEPS} steps their losses "
                f"are {their_loss:.6g} and {loss:.6g}, which is more than {TOLERANCE:g} apart"
            )
    return agreed


def _error(ours: Array, theirs: Array) -> float:
    """|a - b| / |b|, in Euclidean norm and float64; of arrays of other shapes infinite."""
    if ours.shape != theirs.shape:
        return np.inf
    a, b = ours.astype(np.float64), theirs.astype(np.float64)
    norm = float(np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / (norm or 1.0)


def _called(index: int) -> str:
    return f"{'b' if index % 2 else 'W'} of layer {index // 2 + 1}"
