"""actlab: the university lecture "Training neural networks" made executable.

    import actlab

    experiment = actlab.load("configs/quickstart.yaml")
    record = actlab.run(experiment)
    record.layer_statistics()

Names are imported when first used, so that the command line starts quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actlab.architecture import build
    from actlab.claims.lecture import verdicts
    from actlab.config import ConfigError
    from actlab.data.dataset import DataError
    from actlab.experiment import Experiment, load
    from actlab.explaining import explain
    from actlab.naming import activation, initializer
    from actlab.nn.activations import Activation, Elementwise
    from actlab.nn.initializers import Initializer
    from actlab.nn.network import Network
    from actlab.record import Record
    from actlab.running import run
    from actlab.store import open_record
    from actlab.sweeping.plan import plan
    from actlab.sweeping.sweep import sweep

_HOMES = {
    "Activation": "actlab.nn.activations",
    "ConfigError": "actlab.config",
    "DataError": "actlab.data.dataset",
    "Elementwise": "actlab.nn.activations",
    "Experiment": "actlab.experiment",
    "Initializer": "actlab.nn.initializers",
    "Network": "actlab.nn.network",
    "Record": "actlab.record",
    "activation": "actlab.naming",
    "build": "actlab.architecture",
    "explain": "actlab.explaining",
    "initializer": "actlab.naming",
    "load": "actlab.experiment",
    "open_record": "actlab.store",
    "plan": "actlab.sweeping.plan",
    "run": "actlab.running",
    "sweep": "actlab.sweeping.sweep",
    "verdicts": "actlab.claims.lecture",
}

__all__ = [
    "Activation",
    "ConfigError",
    "DataError",
    "Elementwise",
    "Experiment",
    "Initializer",
    "Network",
    "Record",
    "activation",
    "build",
    "explain",
    "initializer",
    "load",
    "open_record",
    "plan",
    "run",
    "sweep",
    "verdicts",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'actlab' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
