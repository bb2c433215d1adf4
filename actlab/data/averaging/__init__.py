"""One file per way to look at a test image several times; `data.test_time` names one."""

from actlab.config import import_parts
from actlab.data.averaging.base import Averaging

__all__ = ["Averaging"]

import_parts(__name__, __path__)
