"""One file per random change of training images; `data.augment` in a config lists them."""

from actlab.config import import_parts
from actlab.data.augmentation.base import Augmentation

__all__ = ["Augmentation"]

import_parts(__name__, __path__)
