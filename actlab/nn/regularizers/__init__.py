"""One file per regularizer of the network; `regularization:` in a config names them."""

from actlab.config import import_parts
from actlab.nn.regularizers.base import Regularization, Regularizer

__all__ = ["Regularization", "Regularizer"]

import_parts(__name__, __path__)
