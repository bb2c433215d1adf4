"""JAX: the whole step in one compiled function, its parameters updated in place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from actlab.arrays import Array
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.workloads import Task, Workload


class Jitted(Contender):
    """jax.jit of gather, gradient and update, with the buffers of parameters donated."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.images, self.labels = jnp.asarray(task.images), jnp.asarray(task.labels)
        affine = task.preprocessing
        self.affine = jnp.asarray(affine.scale), jnp.asarray(affine.shift)
        # copies, since what is donated must not be the task's
        self.parameters: Any = [[jnp.array(a, copy=True) for a in pair] for pair in task.weights]
        self.velocities: Any = jax.tree.map(jnp.zeros_like, self.parameters)
        self.key = jax.random.key(0)
        self.right = 0

    def step(self, rows: Array) -> float:
        self.parameters, self.velocities, self.key, loss, right = _step(
            self.parameters, self.velocities, self.key, *self._batch(rows), self.task.workload
        )
        self.right += int(right)
        return float(loss)

    def gradients(self, rows: Array) -> Sequence[Array]:
        gradient = jax.grad(
            partial(_loss, workload=self.task.workload.without_dropout), has_aux=True
        )
        found, _ = gradient(self.parameters, self.key, *self._batch(rows))
        return [np.asarray(array) for pair in found for array in pair]

    def _batch(self, rows: Array) -> tuple[Any, ...]:
        return self.images, self.labels, self.affine, jnp.asarray(rows, jnp.int32)


def _loss(
    parameters: Any, key: Any, images: Any, labels: Any, affine: Any, rows: Any, workload: Workload
) -> Any:
    """The loss without penalties, and how many were right."""
    scale, shift = affine
    x = images[rows].astype(jnp.float32) * scale + shift
    for W, b in parameters[:-1]:
        x = x @ W + b
        x = jnp.tanh(x) if workload.activation == "tanh" else jax.nn.relu(x)
        if workload.dropout:
            key, own = jax.random.split(key)
            kept = jax.random.bernoulli(own, 1 - workload.dropout, x.shape)
            x = jnp.where(kept, x / (1 - workload.dropout), 0)
    W, b = parameters[-1]
    scores, right = x @ W + b, labels[rows]
    picked = jnp.take_along_axis(jax.nn.log_softmax(scores), right[:, None], axis=1)
    return -picked.mean(), (scores.argmax(axis=1) == right).sum()


@partial(jax.jit, static_argnames="workload", donate_argnums=(0, 1))
def _step(
    parameters: Any,
    velocities: Any,
    key: Any,
    images: Any,
    labels: Any,
    affine: Any,
    rows: Any,
    workload: Workload,
) -> Any:
    key, own = jax.random.split(key)
    value_and_gradient = jax.value_and_grad(partial(_loss, workload=workload), has_aux=True)
    (loss, right), gradients = value_and_gradient(parameters, own, images, labels, affine, rows)

    def moved(v: Any, g: Any, p: Any) -> Any:
        return workload.momentum * v + (g + workload.l2 * p if p.ndim == 2 else g)

    velocities = jax.tree.map(moved, velocities, gradients, parameters)
    parameters = jax.tree.map(lambda p, v: p - workload.lr * v, parameters, velocities)
    return parameters, velocities, key, loss, right
