"""Preprocessing steps, and their composition fitted on the training split."""

from actlab.config import import_parts
from actlab.data.preprocessing.base import Preprocessing

__all__ = ["Preprocessing"]

import_parts(__name__, __path__)
