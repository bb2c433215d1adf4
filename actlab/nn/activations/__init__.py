"""One file per activation. A new one is one class in one new file here."""

from actlab.config import import_parts
from actlab.nn.activations.base import Activation, Elementwise, Fused, Gate

__all__ = ["Activation", "Elementwise", "Fused", "Gate"]

import_parts(__name__, __path__)
