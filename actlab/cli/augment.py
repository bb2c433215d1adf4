"""`actlab plot augment CONFIG`: look at what a config does to its training images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def draw(config: Path, overrides: Sequence[str], out: Path | None, format: str) -> Path:
    """Draw the contact sheet of a config; returns the file."""
    from actlab.config import ConfigError, Fault
    from actlab.experiment import load
    from actlab.figures.contact_sheet import contact_sheet
    from actlab.figures.rendering import rendered
    from actlab.store import write

    experiment = load(config, overrides)
    if not experiment.data.augment:
        remedy = "data.augment: no steps to draw; write such as augment: [flip, crop]"
        raise ConfigError([Fault(str(config), "", remedy)])
    path = Path(experiment.data.path) if experiment.data.path else None
    data = experiment.data.source.load(experiment.seed, path)
    out = out or Path("results") / experiment.name
    if out.suffix != f".{format}":
        out = out / f"augment.{format}"
    out.parent.mkdir(parents=True, exist_ok=True)
    write(out, rendered(contact_sheet(experiment, data), format))
    return out
