"""How much of each layer is at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from actlab.arrays import Array
from actlab.figures.base import Figure
from actlab.figures.by_layer import draw_by_layer
from actlab.figures.states import State, states
from actlab.figures.style import house_style, sheet
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_PANELS = {
    "zero_fraction": "zero activations\nf exactly 0",
    "saturated_fraction": "saturated activations\n|f '| < 1% of its maximum",
    "dead_fraction": "dead units\nf ' = 0 on every example",
}


class Fractions(Figure):
    """Share of zero activations, saturated activations and dead units by layer.

    Source: Glorot and Bengio (2010), section 3; CS231n lecture 6 (2017), "Dead ReLU".
    """

    name: ClassVar[str] = "fractions"

    @house_style()
    def draw(self, record: Record) -> Drawing | None:
        from matplotlib.ticker import PercentFormatter

        shown = states(record, *_PANELS)
        if not shown:
            return None
        drawing = sheet(record, "Zero, saturated and dead, by layer", 4.2)
        panels = drawing.subplots(1, 3, sharey=True)
        for axes, (name, words) in zip(panels, _PANELS.items(), strict=True):
            draw_by_layer(axes, [(state, _values(record, name, state)) for state in shown])
            axes.set_title(words, fontsize=9)
            axes.set_xlabel("hidden layer")
        panels[0].set_ylim(-0.03, 1.03)
        panels[0].yaxis.set_major_formatter(PercentFormatter(1))
        panels[0].set_ylabel("share of the layer")
        legend = panels[0].get_legend_handles_labels()
        drawing.legend(*legend, loc="outside lower center", ncols=4, title=_note(record, shown))
        return drawing


def _values(record: Record, name: str, state: State) -> Array:
    """The fraction in a state; dead units at the end over the whole training set, if counted."""
    if name == "dead_fraction" and _counted_on_all(record) and _is_last(record, state):
        return record.statistics["dead_fraction_training_set"]
    return record.statistics[name][state.snapshot]


def _note(record: Record, shown: list[State]) -> str:
    """Which examples a dead unit is dead on."""
    if not _counted_on_all(record):
        return "dead on every probe example"
    probes = f"every probe example ({shown[0].label}), " if len(shown) > 1 else ""
    return f"dead on {probes}every training example ({shown[-1].label})"


def _counted_on_all(record: Record) -> bool:
    return len(record.statistics.get("dead_fraction_training_set", ())) > 0


def _is_last(record: Record, state: State) -> bool:
    return state.snapshot == len(record.statistics["step"]) - 1
