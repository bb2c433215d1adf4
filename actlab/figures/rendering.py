"""Drawings as bytes, the same for the same drawing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from actlab.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NO_DATES: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


@house_style()
def rendered(drawing: Drawing, format: str = "png") -> bytes:
    """The bytes of a drawing, the same for the same drawing: without date or version."""
    file = io.BytesIO()
    drawing.savefig(file, format=format, metadata=_NO_DATES.get(format))
    return file.getvalue()
