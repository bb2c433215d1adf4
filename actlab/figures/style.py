"""The looks that all figures share: for the last row of a lecture hall, and for grey paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING, Any

from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

WIDTH = 8.0
"""Inches."""
DPI = 150

SKY, BLUE, VERMILLION = "#56B4E9", "#0072B2", "#D55E00"
"""Of Okabe and Ito (2008), whom colour-blind readers can thank; SKY is the paler one in grey."""
OKABE_ITO = (BLUE, VERMILLION, "#009E73", "#CC79A7", "#E69F00", SKY, "#262626", "#8A8000")
INK, FAINT = "#262626", "#767676"

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "figure.titlesize": 11,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8.5,
    "legend.title_fontsize": 8.5,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "actlab",
}


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib with its defaults and these settings, not the user's; afterwards as it was."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)  # type: ignore[arg-type]
        yield


def sheet(record: Record, title: str, height: float, notes: Sequence[str] = ()) -> Drawing:
    """An empty drawing, `height` inches high, with title, the run's name and label, and notes."""
    lines = [title, f"{record.experiment.name}: {record.experiment.label}", *notes]
    if record.fault:
        lines.append(f"{record.status}: {record.fault}")
    return titled(lines, height)


def titled(lines: Sequence[str], height: float, width: float = WIDTH) -> Drawing:
    """An empty drawing, `width` by `height` inches, under these lines."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(width, height), dpi=DPI, layout="constrained")
    drawing.suptitle("\n".join(map(_wrapped, lines)))
    return drawing


def fill_with_words(axes: Axes, words: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center")


def short(value: float) -> str:
    """One to three significant digits in at most seven characters: `0.213`, `-1.3e-5`."""
    if not isfinite(value):
        return "not finite"
    if value == 0 or 1e-3 <= abs(value) < 999.5:
        text = f"{value:.2g}" if abs(value) < 0.1 else f"{value:.3g}"
        return text.replace("-", "\N{MINUS SIGN}")
    digits, exponent = f"{value:.{int(1e-9 < abs(value) < 1e9)}e}".split("e")
    return f"{digits}e{int(exponent)}".replace("-", "\N{MINUS SIGN}")


def tick(value: float) -> str:
    """A number beside an axis, as short as can be: `0.5`, `20`, `-2e-4`."""
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    if value and not 1e-2 <= abs(value) < 1e4:
        digits, exponent = f"{value:.2e}".split("e")
        text = f"{float(digits):g}e{int(exponent)}"
    return text.replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """A share in percent: never 0% or 100% for one that only comes near."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, 86, max_lines=2, placeholder=" ...")) or line
