"""How the gradient fares on its way down."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from actlab.figures.base import Figure
from actlab.figures.by_layer import Lines, draw_by_layer, use_decades
from actlab.figures.states import states
from actlab.figures.style import house_style, sheet, short
from actlab.figures.theory_line import draw_theory
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


class GradientFlow(Figure):
    """Std of the loss gradient reaching each layer's activations, on a logarithmic axis.

    The line of the theory starts from what was measured at the top layer.

    Source: Glorot and Bengio (2010), figure 7; CS231n lecture 6 (2017).
    """

    name: ClassVar[str] = "gradient_flow"

    @house_style()
    def draw(self, record: Record) -> Drawing | None:
        shown = states(record, "activation_gradient.std")
        if not shown:
            return None
        lines = [
            (state, record.statistics["activation_gradient.std"][state.snapshot]) for state in shown
        ]
        drawing = sheet(record, "Gradients reaching the activations, by layer", 4.2, _notes(lines))
        axes = drawing.subplots()
        draw_by_layer(axes, lines)
        use_decades(axes, lines)
        draw_theory(axes, record, "activation_gradient.std")
        axes.set_ylabel("std of the loss gradient")
        drawing.legend(loc="outside lower center", ncols=4)
        return drawing


def _notes(lines: Lines) -> list[str]:
    """How much of the top layer's gradient is left at the bottom one."""
    ratios = [
        f"{short(values[0] / values[-1])} {state.label}"
        for state, values in lines
        if len(values) > 1 and np.isfinite(values[[0, -1]]).all() and values[-1] > 0
    ]
    return [f"first hidden layer / last: {', '.join(ratios)}"] if ratios else []
