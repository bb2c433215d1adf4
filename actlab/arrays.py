"""The one type that the mathematics speaks."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
