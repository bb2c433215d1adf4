"""One file per normalization layer."""

from actlab.config import import_parts
from actlab.nn.norms.base import Norm

__all__ = ["Norm"]

import_parts(__name__, __path__)
