"""The theory on the figures: its line over measured points, and its phase diagram."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from test_figures import draw, shown_texts, trained

from actlab import activation
from actlab.figures.phase_diagram import draw_phase_diagram
from actlab.figures.style import house_style
from actlab.figures.theory_line import LABEL, expected
from actlab.theory import phase_diagram

KINDS = ("layers", "gradient_flow")


def lines(drawing):
    """The lines that are labelled as the theory's."""
    return [line for axes in drawing.axes for line in axes.lines if line.get_label() == LABEL]


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_over_the_measured_points(kind):
    record = trained(activation="tanh", depth=4)
    found = lines(draw(kind, record))
    assert len(found) == (2 if kind == "layers" else 1)
    for line in found:
        assert len(line.get_xdata()) == 4 and np.isfinite(line.get_ydata()).all()


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_where_nothing_is_predicted(kind):
    for record in (trained(activation="softmax"), trained(epochs=0, model={"residual": True})):
        assert lines(draw(kind, record)) == []
    older = trained()
    del older.statistics["input.squares"]
    assert lines(draw(kind, older)) == []


def test_the_line_starts_from_the_measured_top_gradient():
    record = trained(activation="relu", depth=3)
    line = expected(record, "activation_gradient.std")
    assert line[-1] == pytest.approx(record.statistics["activation_gradient.std"][0, -1])


def test_a_linear_axis_makes_room_for_the_line():
    record = trained(activation="relu", depth=3)
    record.statistics["input.squares"] *= 9
    axes = draw("layers", record).axes[1]
    (line,) = [line for line in axes.lines if line.get_label() == LABEL]
    assert axes.get_ylim()[1] > line.get_ydata().max()


@pytest.mark.parametrize(
    "points", [(), [(1.2, 0.1, 30.0), (2.0, 0.2, np.nan)]], ids=["none", "two"]
)
@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_phase_diagrams_are_drawn(name, points):
    found = phase_diagram(activation(name), np.linspace(0.5, 3, 6), np.linspace(0, 0.5, 4))
    drawing = draw_phase_diagram(
        found.sigma_w, found.sigma_b, found.xi_c, found.edge, points, measured_label="accuracy"
    )
    with house_style():
        canvas = FigureCanvasAgg(drawing)
        canvas.draw()
    words = [text.get_text() for text in shown_texts(drawing)]
    assert r"edge of chaos: $\chi_1 = 1$" in words and any("chaotic" in word for word in words)
    assert ("not measured" in words) == bool(points)
    for text in shown_texts(drawing):
        box = text.get_window_extent(canvas.get_renderer())
        assert drawing.bbox.padded(2).contains(*box.min), text
        assert drawing.bbox.padded(2).contains(*box.max), text


def test_a_diagram_without_an_edge_or_any_depth():
    nothing = np.full((2, 3), np.nan)
    drawing = draw_phase_diagram([1, 2, 3], [0, 1], nothing, [np.nan, np.nan], [(2, 0.5, 1.0)])
    FigureCanvasAgg(drawing).draw()
