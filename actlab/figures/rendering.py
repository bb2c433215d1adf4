"""Drawings as bytes, the same for the same drawing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from actlab.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

SMALL = 100
"""Points per inch."""
COLOURS = 128
_NO_DATES: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


@house_style()
def small_png(drawing: Drawing) -> bytes:
    """A PNG of fewer points and colours, a tenth as large: for pages of many figures."""
    from PIL import Image

    drawn, file = io.BytesIO(), io.BytesIO()
    drawing.savefig(drawn, format="png", dpi=SMALL, metadata=_NO_DATES["png"])
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return file.getvalue()


@house_style()
def rendered(drawing: Drawing, format: str = "png") -> bytes:
    """The bytes of a drawing, the same for the same drawing: without date or version."""
    file = io.BytesIO()
    drawing.savefig(file, format=format, metadata=_NO_DATES.get(format))
    return file.getvalue()
