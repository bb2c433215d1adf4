"""Every kind of figure draws every kind of record, and stays legible."""

import subprocess
import sys
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from actlab.config import ConfigError, members
from actlab.data.dataset import Dataset, Split
from actlab.experiment import load
from actlab.figures import draw_all, rendered
from actlab.figures.shares import shares
from actlab.figures.style import house_style, percent, short, tick
from actlab.probes.base import TENSORS
from actlab.record import Record
from actlab.training import train

KINDS = list(members("figure"))
BY_LAYER = [kind for kind in KINDS if kind not in ("curves", "weights")]
FEATURES, EXAMPLES, BINS = 6, 40, 20


def experiment(depth=3, epochs=2, activation="tanh", **settings):
    """A tiny experiment on Gaussian rows; `settings` are further sections."""
    sections = {
        "name": "tiny",
        "data": {"source": {"name": "gaussian", "n": EXAMPLES, "features": FEATURES}},
        "model": {"depth": depth, "width": 5, "activation": activation},
        "train": {"epochs": epochs, "batch_size": 10, "lr": 0.1},
        "record": {"bins": BINS},
    }
    return load(
        {
            key: {**sections.get(key, {}), **settings.get(key, {})} if key != "name" else value
            for key, value in (sections | settings | {"name": "tiny"}).items()
        }
    )


def trained(**settings):
    """The record of a tiny run on data of its own."""
    rng = np.random.default_rng(0)
    splits = [
        Split(rng.normal(size=(n, FEATURES)).astype(np.float32), rng.integers(10, size=n))
        for n in (EXAMPLES, 12, 12)
    ]
    names = tuple(f"class {label}" for label in range(10))
    data = Dataset(*splits, classes=names, shape=(FEATURES,))
    return train(experiment(**settings), data)


def made(depth=3, spread=1.0, activation="tanh", snapshots=2, fill=None):
    """A record made by hand, whose layers shrink or grow by `spread`; `fill` replaces all."""
    rng = np.random.default_rng(1)
    scale = spread ** np.arange(depth)
    found = {"epoch": np.arange(snapshots), "step": 4 * np.arange(snapshots)}
    found["examples"] = np.full(snapshots, 48)
    for tensor in TENSORS:
        edges = np.linspace(-1, 1, BINS + 1)
        samples = [np.clip(rng.normal(0, 0.3, 200) * s, -1, 1) for s in scale]
        counts = np.array([np.histogram(x, edges)[0] for x in samples], int).reshape(-1, BINS)
        found[f"{tensor}.edges"] = np.stack([edges] * snapshots)
        found[f"{tensor}.counts"] = np.stack([counts] * snapshots)
        found[f"{tensor}.saturated_counts"] = np.stack([counts // 3] * snapshots)
        found[f"{tensor}.zeros"] = np.full((snapshots, depth), 40)
        found[f"{tensor}.mean"] = np.stack([-0.0123 * scale] * snapshots)
        found[f"{tensor}.std"] = np.stack([0.3 * scale] * snapshots)
    for name in ("zero_fraction", "saturated_fraction", "dead_fraction"):
        found[name] = np.full((snapshots, depth), 0.25)
    for name in ("weight.norm", "weight_gradient.norm", "update_ratio"):
        found[name] = np.full((snapshots, depth + 1), 1e-3)
    if fill is not None:
        found |= {key: filled(key, array, fill) for key, array in found.items() if "." in key}
    row = {"train_loss": 2.3, "train_accuracy": 0.1, "val_loss": 2.4, "val_accuracy": 0.1}
    metrics = [{"epoch": epoch, "step": epoch, **row} for epoch in range(snapshots)]
    return Record(
        experiment(depth, snapshots - 1, activation),
        "finished",
        metrics,
        found,
        {"test_accuracy": 0.1},
    )


def filled(key, array, fill):
    """What a probe records when every value is `fill`."""
    if key.endswith("counts"):
        return array * bool(np.isfinite(fill) and fill)
    if key.endswith("zeros"):
        return np.full(array.shape, 240 * (fill == 0))
    if key.endswith("edges"):
        if not np.isfinite(fill):
            return np.full(array.shape, np.nan)
        return array * fill if fill else array
    return np.full(array.shape, fill, float)


def draw(kind, record):
    """The drawing of this kind."""
    return members("figure")[kind]().draw(record)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", [1, 3, 12, 60])
def test_draws_at_every_depth(kind, depth):
    assert draw(kind, made(depth)) is not None


@pytest.mark.parametrize("kind", BY_LAYER)
def test_nothing_to_draw_without_hidden_layers_or_probes(kind):
    assert draw(kind, made(depth=0)) is None
    assert draw(kind, trained(epochs=0, record={"probes": ()})) is None
    assert draw(kind, Record(experiment(), "failed", fault="OSError: gone")) is None


def test_softmax_regression_still_has_curves_and_weights():
    record = trained(depth=0)
    drawn = {kind for kind in KINDS if draw(kind, record) is not None}
    assert drawn == {"curves", "weights"}


def test_without_training_only_the_layers_are_drawn():
    record = trained(epochs=0)
    assert [kind for kind in KINDS if draw(kind, record) is not None] == BY_LAYER


@pytest.mark.parametrize("activation", ["relu", "maxout"])
def test_draws_real_runs(activation, tmp_path):
    paths = draw_all(trained(activation=activation), tmp_path)
    assert [path.stem for path in paths] == KINDS


def test_draws_diverged_runs(tmp_path):
    record = trained(activation="relu", train={"lr": 1e30}, record={"every": 1})
    assert record.status == "diverged"
    paths = draw_all(record, tmp_path)
    assert set(BY_LAYER) <= {path.stem for path in paths}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fill", [np.nan, np.inf, 0.0, 1e-320, 1e300])
def test_draws_whatever_the_numbers(kind, fill):
    drawing = draw(kind, made(depth=2, fill=fill))
    assert drawing is not None
    FigureCanvasAgg(drawing).draw()


def test_a_layer_that_is_not_finite_says_so():
    drawing = draw("activations", made(fill=np.nan))
    assert "not finite" in " ".join(text.get_text() for text in drawing.findobj(Text))


def test_many_layers_are_thinned_out_and_the_title_says_so():
    drawing = draw("activations", made(depth=60))
    assert len(drawing.axes) == 20
    assert "20 of 60 layers" in drawing.get_suptitle()


@pytest.mark.parametrize(
    "record",
    [
        made(depth=3, activation="relu"),
        made(depth=10, spread=0.05, snapshots=1),
        made(depth=60, spread=0.9),
    ],
    ids=["3 layers", "10 collapsed, untrained", "60 layers"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_overlaps_or_leaves_the_page(kind, record):
    drawing = draw(kind, record)
    if drawing is None:
        return
    with house_style():
        canvas = FigureCanvasAgg(drawing)
        canvas.draw()
    boxes = {text: text.get_window_extent(canvas.get_renderer()) for text in shown_texts(drawing)}
    for text, box in boxes.items():
        assert drawing.bbox.padded(2).contains(*box.min), text
        assert drawing.bbox.padded(2).contains(*box.max), text
    for (one, first), (other, second) in combinations(boxes.items(), 2):
        assert not first.padded(-1).overlaps(second.padded(-1)), (one, other)


def shown_texts(drawing):
    """All texts of a drawing but those of ticks outside the view."""
    hidden = set()
    for axes in drawing.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            outside = [t for t in ticks if not low - slack <= t.get_loc() <= high + slack]
            hidden |= {label for tick in outside for label in (tick.label1, tick.label2)}
    texts = (text for text in drawing.findobj(Text) if text.get_visible() and text not in hidden)
    return [text for text in texts if text.get_text().strip()]


def test_shares_add_up_and_compare_over_bins_of_different_width():
    record = made()
    for layer in shares(record, "activation", 0):
        assert layer.bins.sum() + layer.zero + layer.not_finite == pytest.approx(1)
        wider = np.linspace(-2, 2, BINS + 1)
        assert layer.in_bins_of(wider) == pytest.approx(2 * layer.bins)


def test_merging_bins_keeps_the_sum():
    fine, coarse = (shares(made(), "activation", 0, most)[0] for most in (None, 10))
    assert len(coarse.bins) == 10 and coarse.bins.sum() == pytest.approx(fine.bins.sum())
    assert coarse.edges == pytest.approx(fine.edges[::2])


def test_values_that_are_not_finite_are_missed():
    record = made()
    record.statistics["activation.counts"][1, 2] = 0
    assert shares(record, "activation", 1)[2].not_finite == pytest.approx(200 / 240)


def test_short_numbers():
    assert [short(x) for x in (0.2130, -1.3e-5, np.nan, 0, 12345.0)] == [
        "0.213",
        "\N{MINUS SIGN}1.3e\N{MINUS SIGN}5",
        "not finite",
        "0",
        "1.2e4",
    ]
    assert [tick(x) for x in (0.5, 20.0, 1500.0, -2e-4, 0.0)] == [
        "0.5",
        "20",
        "1500",
        "\N{MINUS SIGN}2e\N{MINUS SIGN}4",
        "0",
    ]
    assert [percent(x) for x in (0, 1e-9, 0.5, 0.999, 1)] == ["0%", "<1%", "50%", ">99%", "100%"]


def test_draw_all_leaves_no_temporary_files(tmp_path):
    paths = draw_all(made(), tmp_path / "plots", ["curves", "layers"], "svg")
    assert [path.name for path in paths] == ["curves.svg", "layers.svg"]
    assert sorted((tmp_path / "plots").iterdir()) == sorted(paths)


def test_an_unknown_kind_names_the_nearest_and_draws_nothing(tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'gradients'") as error:
        draw_all(made(), tmp_path / "plots", ["curves", "gradient"])
    assert error.value.faults[0].place == "command line"
    assert not (tmp_path / "plots").exists()


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_the_same_record_gives_the_same_bytes(format):
    first, second = (rendered(draw("layers", made()), format) for _ in range(2))
    assert first == second


def test_drawing_leaves_the_settings_of_matplotlib_alone_and_ignores_them(tmp_path):
    plain = rendered(draw("layers", made()))
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        assert rendered(draw("layers", made())) == plain
        assert dict(matplotlib.rcParams) == before


def test_importing_the_figures_does_not_import_matplotlib():
    code = "import actlab.figures, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_shows_and_whom_it_follows(kind):
    part = members("figure")[kind]
    assert part.formula() and part.source()
