"""Changes of a config that mend a run, chosen by what the theory expects of them."""

from __future__ import annotations

from math import log10

import numpy as np

from actlab.config import ConfigError
from actlab.experiment import load
from actlab.explaining.reading import Reading
from actlab.theory import predict

STEADY = 10.0
"""Between the first hidden layer and the last, activations may shrink or grow by this factor."""
REACHED = 1e-3
"""Share of the top layer's gradient that must reach the first."""
COMPUTED = "model.init={name: he_normal, gain: auto}"


def steady_init(run: Reading) -> tuple[str, ...]:
    """The first well-known initializer that keeps activations and gradients steady, in theory.

    Xavier for bounded functions and He for others, as in the lecture; then the computed gain; then
    ReLU in place of an activation that no initializer helps.
    """
    if run.model.residual:
        return ("model.norm=layer_norm",)
    xavier, he = "model.init=xavier_normal", "model.init=he_normal"
    words = (xavier, he) if np.isfinite(run.activation.bounds).all() else (he, xavier)
    for word in (*words, COMPUTED):
        if _keeps_steady(run, word):
            return (word,)
    if run.activation.name == "relu":
        return ("model.norm=batch_norm",)
    return ("model.activation=relu", he)


def _keeps_steady(run: Reading, change: str) -> bool:
    """Whether the theory expects neither collapse nor explosion of the run with this change."""
    try:
        changed = load(run.experiment.resolved(), [change])
    except ConfigError:
        return False
    if changed.model.init == run.model.init:
        return False
    size = run.input_size**2 if run.input_size > 0 else 1.0
    features = run.first("input.features")
    n_in = int(features) if features.size else run.model.hidden_widths[0]
    found = predict(changed, size, n_in).statistics
    stds, gradients = found["activation.std"], found["activation_gradient.std"]
    if not (np.isfinite(stds).all() and np.isfinite(gradients).all()):
        return False
    kept = stds.min() > max(stds[0] / STEADY, 1e-3) and stds.max() < stds[0] * STEADY
    return bool(kept and REACHED < gradients[0] < 1 / REACHED)


def smaller_rate(run: Reading, factor: float = 10.0) -> tuple[str, ...]:
    """The learning rate divided."""
    return (f"train.lr={run.lr / factor:.3g}",)


def larger_rate(run: Reading, ratio: float, healthy: float = 1e-3) -> tuple[str, ...]:
    """The learning rate by powers of ten nearer to a healthy ratio of updates to weights."""
    if not run.lr > 0 or not ratio > 0:
        return ("train.lr=0.01",)
    return (f"train.lr={run.lr * 10 ** max(1, round(log10(healthy / ratio))):.3g}",)


def centring(run: Reading) -> tuple[str, ...]:
    """The usual preprocessing of such inputs."""
    steps = "[scale, mean_image]" if run.experiment.data.source.images else "[standardize]"
    return (f"data.preprocess={steps}",)
