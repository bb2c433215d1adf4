"""Update rules, and what drives one over a network's parameters."""

from actlab.config import import_parts
from actlab.nn.optimizers.base import Optimizer

__all__ = ["Optimizer"]

import_parts(__name__, __path__)
