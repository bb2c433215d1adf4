"""The one type that the mathematics speaks."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def whole(parts: Sequence[Array]) -> Array | None:
    """The array whose rows, from the first on, are those of the parts one after another.

    A view; None if the parts do not lie like that in one array.
    """
    base = parts[0].base
    if len(parts) == 1:
        return parts[0]
    if base is None or base.ndim != 2 or base.shape[1] != parts[0].shape[1]:
        return None
    at = base.ctypes.data
    for part in parts:
        if part.base is not base or part.ctypes.data != at:
            return None
        at += part.nbytes
    return base[: sum(map(len, parts))]
