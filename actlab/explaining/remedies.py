"""Changes of a config that mend a run, chosen by what the theory expects of them."""

from __future__ import annotations

from contextlib import suppress
from math import floor, log10

import numpy as np

from actlab.config import ConfigError
from actlab.experiment import Experiment, load
from actlab.explaining.reading import Reading
from actlab.theory import predict

STEADY = 10.0
"""Activations and gradients may shrink or grow by this factor through the layers: what is advised
keeps well within what rules call a fault, 1e-3 for gradients."""
COMPUTED = "model.init={name: he_normal, gain: auto}"


def steady_init(run: Reading) -> tuple[str, ...]:
    """The first well-known initializer that keeps activations and gradients steady, in theory.

    Xavier for bounded functions and He for others, as in the lecture; then the computed gain; then
    another activation. One that the config has is not advised again, nor those before it.
    """
    if run.model.residual:
        return ("model.norm=layer_norm",)
    for word in _untried(run):
        if keeps_steady(run, word):
            return (word,)
    return other_activation(run)


def other_activation(run: Reading) -> tuple[str, ...]:
    """ReLU with He in place of an activation that no initializer helps; then batch norm."""
    if run.activation.name in ("relu", "leaky_relu"):
        return ("model.norm=batch_norm",)
    return ("model.activation=relu", "model.init=he_normal")


def _untried(run: Reading) -> tuple[str, ...]:
    """The well-known initializers for this activation, from behind the config's own."""
    xavier, he = "model.init=xavier_normal", "model.init=he_normal"
    bounded = np.isfinite(run.activation.bounds).all()
    words = (xavier, he, COMPUTED) if bounded else (he, xavier, COMPUTED)
    for at, word in enumerate(words):
        changed = _changed(run, word)
        if changed and changed.model.init == run.model.init:
            return words[at + 1 :]
    return words


def _changed(run: Reading, *changes: str) -> Experiment | None:
    """The run's config with some changes; None if it cannot take them."""
    with suppress(ConfigError):
        return load(run.experiment.resolved(), changes)
    return None


def keeps_steady(run: Reading, *changes: str) -> bool:
    """Whether the theory expects neither collapse nor explosion of the run with these changes."""
    changed = _changed(run, *changes)
    if changed is None:
        return False
    size = run.input_size**2 if run.input_size > 0 else 1.0
    found = predict(changed, size, run.features).statistics
    stds, gradients = found["activation.std"], found["activation_gradient.std"]
    if not (np.isfinite(stds).all() and np.isfinite(gradients).all()):
        return False
    kept = stds.min() > max(stds[0] / STEADY, 1e-3) and stds.max() < stds[0] * STEADY
    return bool(kept and 1 / STEADY < gradients[0] < STEADY)


def smaller_rate(run: Reading, factor: float = 10.0) -> tuple[str, ...]:
    """The learning rate divided."""
    return (f"train.lr={run.lr / factor:.3g}",)


def larger_rate(run: Reading, ratio: float, healthy: float = 1e-3) -> tuple[str, ...]:
    """The learning rate times 3, 30, ..., up to a healthy ratio of updates to weights.

    A rate that proves too high is divided by 10, which never gives one that was had before.
    """
    if not run.lr > 0 or not ratio > 0:
        return ("train.lr=0.01",)
    return (f"train.lr={run.lr * 3 * 10 ** max(0, floor(log10(healthy / ratio / 3))):.3g}",)


def centring(run: Reading) -> tuple[str, ...]:
    """The usual preprocessing of such inputs."""
    steps = "[scale, mean_image]" if run.experiment.data.source.images else "[standardize]"
    return (f"data.preprocess={steps}",)
