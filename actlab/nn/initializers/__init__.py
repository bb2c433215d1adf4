"""Distributions of first weights."""

from actlab.config import import_parts
from actlab.nn.initializers.base import Initializer

__all__ = ["Initializer"]

import_parts(__name__, __path__)
