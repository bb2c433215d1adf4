"""Gradient checks of configs and of every registered part, on small copies of their networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from actlab.architecture import build
from actlab.config import Part, members
from actlab.experiment import Experiment, load
from actlab.nn.gradcheck import Finding, check
from actlab.nn.regularizers import Regularizer
from actlab.randomness import generator

EXAMPLES, FEATURES, WIDEST, DEEPEST = 7, 6, 5, 5

PLACES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "activation": lambda written: {"model": {"activation": written}},
    "initializer": lambda written: {"model": {"init": written, "depth": 1}},
    "norm": lambda written: {"model": {"norm": written}},
    "loss": lambda written: {"train": {"loss": written}},
}
"""Where in a config a part of a family stands whose gradients can be checked."""


def check_experiment(experiment: Experiment) -> list[Finding]:
    """Check a small copy of the experiment's network: the same parts, few and narrow layers."""
    small = load(_shrunk(experiment))
    network = build(small, n_in=FEATURES, dtype="float64")
    rng = generator(experiment.seed, "probes")
    # a spread around zero, so that saturating functions are checked where they bend
    x = rng.normal(size=(EXAMPLES, FEATURES))
    labels = rng.integers(experiment.data.source.n_classes, size=EXAMPLES)
    return check(network, x, labels)


def check_parts() -> Iterator[tuple[str, list[Finding]]]:
    """Check every registered part that takes part in the gradient: its title and findings."""
    for family, config in PLACES.items():
        for part in members(family).values():
            yield f"{family} {part.name}", check_experiment(_small(config(part().written())))
    for part in members("regularizer").values():
        named: dict[str, Any] = {"regularization": {part.name: _settings(part)}}
        if issubclass(part, Regularizer) and part.needs_residual:
            named["model"] = {"residual": True}
        yield f"regularizer {part.name}", check_experiment(_small(named))
    yield "residual blocks", check_experiment(_small({"model": {"residual": True}}))


def _small(config: Mapping[str, Any]) -> Experiment:
    model = {"depth": 3, "width": WIDEST, "activation": "tanh", "init": "xavier_normal"}
    model |= {"bias_init": {"name": "gaussian", "std": 0.5}}
    return load({**config, "model": {**model, **config.get("model", {})}})


def _settings(part: type[Part]) -> Any:
    written = part().written()
    return {k: v for k, v in written.items() if k != "name"} if isinstance(written, dict) else {}


def _shrunk(experiment: Experiment) -> dict[str, Any]:
    """The resolved config with at most five hidden layers of at most five units."""
    resolved = experiment.resolved()
    model = resolved["model"]
    widths = [min(width, WIDEST) for width in experiment.model.hidden_widths[:DEEPEST]]
    if not experiment.model.residual:
        # widths that differ catch a transposed matrix
        widths = [max(2, width - index % 3) for index, width in enumerate(widths)]
    elif len(widths) % 2 == 0:
        widths = widths[:-1]
    for key in ("depth", "width"):
        model.pop(key, None)
    model |= {"widths": widths, "dtype": "float64"}
    return resolved
