"""What the record of a run shows of its health, whatever the rules find."""

from __future__ import annotations

import numpy as np

from actlab.explaining.reading import Reading, epochs, number, share
from actlab.record import Record


def signs(record: Record) -> list[str]:
    """Spread, gradients, dead units, loss and accuracy of a run, a sentence each."""
    run = Reading(record)
    found = [_spread(run), _gradients(run), _dead(run), _steps(run), _loss(run), _accuracy(run)]
    return [sentence for sentence in found if sentence]


def _spread(run: Reading) -> str:
    before, after = run.first("activation.std"), run.last("activation.std")
    if not before.size:
        return ""
    said = f"std of the activations before training: {_range(before)}"
    return said + (f", at the end: {_range(after)}" if run.trained else "")


def _gradients(run: Reading) -> str:
    ratio = run.gradient_ratio()
    if not np.isfinite(ratio):
        return ""
    said = f"gradients in layer 1 over layer {run.depth}: {number(ratio)} before training"
    return said + (f", {number(run.gradient_ratio('last'))} at the end" if run.trained else "")


def _dead(run: Reading) -> str:
    dead = run.final_dead
    return f"dead units in the worst layer: {share(dead.max())}" if dead.size else ""


def _steps(run: Reading) -> str:
    ratios = run.update_ratios()
    if not ratios.size:
        return ""
    return f"a step changes the weights by {_range(ratios)} of their norm; 1e-3 is healthy"


def _loss(run: Reading) -> str:
    if not run.trained:
        return ""
    (word, losses), when = run.told, epochs(len(run.losses) - 1)
    return f"{word}: {losses[0]:.3f} before training, {losses[-1]:.3f} after {when}"


def _accuracy(run: Reading) -> str:
    parts = {"train": "train", "val": "validation", "test": "test"}
    known = {word: run.record.final.get(f"{key}_accuracy") for key, word in parts.items()}
    said = [f"{word} {value:.1%}" for word, value in known.items() if value is not None]
    return f"accuracy: {', '.join(said)}" if said and run.trained else ""


def _range(values: np.ndarray) -> str:
    low, high = number(float(values.min())), number(float(values.max()))
    return low if low == high else f"{low} to {high}"
