"""How the learning rate changes over training."""

from actlab.config import import_parts
from actlab.nn.schedules.base import Schedule

__all__ = ["Schedule"]

import_parts(__name__, __path__)
