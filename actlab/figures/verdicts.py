"""A claim's figure: for each check what was measured, and the effect beside its threshold."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.claims.evidence import Evidence, Measured, unseeded
from actlab.claims.judging import Finding, Verdict
from actlab.claims.measures import Exact, Series
from actlab.claims.publishing import compared, in_words
from actlab.experiment import Experiment
from actlab.figures.phase_diagram import draw_phase_diagram
from actlab.figures.rendering import small_png
from actlab.figures.style import (
    BLUE,
    FAINT,
    INK,
    WIDTH,
    fill_with_words,
    house_style,
    tick,
    titled,
)
from actlab.figures.sweeps.panels import looks
from actlab.store import write
from actlab.theory import phase_diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

ROW = 1.9
"""Inches of a check from top to bottom."""
COLUMN = 5.6
"""Inches of a check from left to right, where there are several columns of them."""
MOST_ROWS = 6
MOST_LINES = 8
HOLDS = "#D9EFE4"
GRID = 41
"""Points of the phase diagram on each side."""

Lines = dict[str, list[Series]]
"""By label, a curve for each seed."""
Looks = Mapping[str, Mapping[str, Any]]
"""By label, colour, marker and dash."""


def draw_verdict(verdict: Verdict, evidence: Evidence, path: Path) -> None:
    """Write the figure of a verdict as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = phases_figure if verdict.claim.figure == "phase_diagram" else verdict_figure
    write(path, small_png(draw(verdict, evidence)))


@house_style()
def verdict_figure(verdict: Verdict, evidence: Evidence) -> Drawing:
    """For each check, on the left what was measured, on the right the effect.

    Checks stand one below the other, in as many columns as a page wider than high takes.
    """
    claim = verdict.claim
    columns = ceil(len(verdict.findings) / MOST_ROWS)
    rows = ceil(len(verdict.findings) / columns)
    words = textwrap.wrap(claim.says, 84)
    height, width = 1.1 + 0.12 * len(words) + ROW * rows, COLUMN * columns
    drawing = titled([f"{claim.id}: {verdict.word}", *words], height, max(width, WIDTH))
    grid = drawing.subplots(rows, 2 * columns, squeeze=False, width_ratios=(1.5, 1) * columns)
    pairs = np.concatenate(np.split(grid, columns, axis=1))
    for left, right in pairs[len(verdict.findings) :]:
        left.set_axis_off()
        right.set_axis_off()
    letters = 62 if columns == 1 else 46
    known = _looks_of_variants(evidence)
    for finding, (left, right) in zip(verdict.findings, pairs, strict=False):
        condition = f" ({finding.check.when})" if finding.check.when else ""
        left.set_title(
            "\n".join(textwrap.wrap(finding.check.title + condition, letters)), fontsize=8.5
        )
        _draw_measured(left, finding, evidence, known)
        _draw_effect(right, finding)
    return drawing


def phases_figure(verdict: Verdict, evidence: Evidence) -> Drawing:
    """The phase diagram of the claim's activation, its networks coloured by the first check's
    measure."""
    finding = verdict.findings[0]
    points: dict[tuple[float, float], list[float]] = {}
    for variant in evidence.case.chosen(finding.check.of):
        points.setdefault(_sigmas(variant.experiment), [])
        points[_sigmas(variant.experiment)] += evidence.values(finding.check.measure, variant)
    w, b = (np.array(values) for values in zip(*points, strict=True))
    wide = np.linspace(0.9 * w.min(), 1.05 * w.max(), GRID)
    high = np.linspace(0, max(1.05 * b.max(), 0.1), GRID)
    diagram = phase_diagram(evidence.case.plan.variants[0].experiment.model.activation, wide, high)
    return draw_phase_diagram(
        wide,
        high,
        diagram.xi_c,
        diagram.edge,
        [(*at, float(np.mean(found)) if found else np.nan) for at, found in points.items()],
        title=f"{verdict.claim.id}: {verdict.word}",
        measured_label=finding.check.measure.label,
        notes=[verdict.claim.says],
    )


def _sigmas(experiment: Experiment) -> tuple[float, float]:
    """sigma_w and sigma_b of an experiment's hidden layers."""
    model = experiment.model
    width = model.hidden_widths[-1]
    std = model.init.weight_std(width, width, model.activation)
    return round(std * width**0.5, 9), model.bias_init.weight_std(1, width)


def _looks_of_variants(evidence: Evidence) -> Looks:
    """The same look for a variant in every panel, if there are looks enough for all."""
    words = dict.fromkeys(in_words(unseeded(one)) for one in evidence.case.plan.variants)
    return looks(list(words)) if len(words) <= MOST_LINES else {}


def _looks(words: Iterable[str], known: Looks) -> Looks:
    """Those known of, if all are; otherwise some of their own."""
    words = list(words)
    return {word: known[word] for word in words} if known.keys() >= set(words) else looks(words)


def _draw_measured(axes: Axes, finding: Finding, evidence: Evidence, known: Looks) -> None:
    lines = _lines(finding, evidence)
    if not finding.measured and not lines:
        axes.set_axis_off()
        fill_with_words(axes, "nothing measured")
        return
    label = finding.check.measure.label
    if 0 < len(lines) <= MOST_LINES:
        _draw_lines(axes, lines, known)
        label = next(iter(lines.values()))[0].up or label
    elif finding.check.over is not None:
        path = finding.check.over
        _draw_points(axes, [(float(one.settings[path]), one.value) for one in finding.measured])
        axes.set_xlabel(path)
        if finding.check.against is not None:
            label += {"difference": ", difference", "ratio": ", log ratio"}[finding.check.by]
    else:
        _draw_groups(axes, finding.measured, known)
    axes.set_ylabel("\n".join(textwrap.wrap(label, 26)), fontsize=7.5)


def _lines(finding: Finding, evidence: Evidence) -> Lines:
    """The curves behind the measured numbers, where there are some."""
    check, found = finding.check, Lines()
    if isinstance(check.measure, Exact):
        for label, series in check.measure.series(evidence.seeds[0]):
            found.setdefault(label, []).append(series)
        return found
    if check.over is not None or check.correlates is not None or check.order is not None:
        return found
    groups = {_key(one) for one in finding.measured}
    for variant in evidence.case.plan.variants if len(groups) <= MOST_LINES else ():
        settings = unseeded(variant)
        series_of = evidence.series(check.measure, variant)
        if json.dumps(settings, sort_keys=True) in groups and series_of is not None:
            found.setdefault(in_words(settings), []).append(series_of)
    return found


def _draw_lines(axes: Axes, lines: Lines, known: Looks) -> None:
    from matplotlib.ticker import MaxNLocator

    for (label, several), look in zip(lines.items(), _looks(lines, known).values(), strict=True):
        length = min(len(series.x) for series in several)
        x = np.asarray(several[0].x[:length], float)
        y = np.array([series.y[:length] for series in several], float)
        marker = look["marker"] if length <= 40 else ""
        axes.plot(x, np.nanmean(y, axis=0), label=label, **{**look, "marker": marker})
        if len(several) > 1:
            axes.fill_between(x, y.min(axis=0), y.max(axis=0), color=look["color"], alpha=0.2, lw=0)
    everything = [series for several in lines.values() for series in several]
    if any(series.logarithmic for series in everything):
        axes.set_yscale("log")
    axes.set_xlabel(everything[0].along)
    if any(series.logarithmic_x for series in everything):
        axes.set_xscale("log")
    elif all(float(v).is_integer() for series in everything for v in series.x):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if everything[0].in_plane:
        axes.set_aspect("equal", adjustable="datalim")
        axes.legend(fontsize=6.5, loc="center left")
    elif len(lines) > 1 or next(iter(lines)):
        axes.legend(fontsize=6.5, ncols=2 if len(lines) > 4 else 1)


def _draw_points(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    x, y = zip(*points, strict=True)
    axes.plot(x, y, "o", color=BLUE, alpha=0.6)
    places = sorted(set(x))
    axes.plot(places, [np.mean([b for a, b in points if a == p]) for p in places], color=BLUE)
    if min(x) > 0 and max(x) / min(x) > 30:
        axes.set_xscale("log")


def _draw_groups(axes: Axes, measured: Iterable[Measured], known: Looks) -> None:
    """A column of points per variant, with a bar at the mean."""
    groups: dict[str, list[float]] = {}
    for one in measured:
        groups.setdefault(in_words(one.settings), []).append(one.value)
    styles = _looks(groups, known)
    for place, (word, values) in enumerate(groups.items()):
        colour = styles[word]["color"]
        axes.plot([place] * len(values), values, "o", color=colour, alpha=0.6)
        axes.plot([place - 0.25, place + 0.25], [np.mean(values)] * 2, color=colour)
    sizes = [abs(v) for values in groups.values() for v in values if v]
    positive = all(v > 0 for values in groups.values() for v in values)
    if positive and sizes and max(sizes) / min(sizes) > 100:
        axes.set_yscale("log")
    labels = ["\n".join(textwrap.wrap(label or "all", 16)) for label in groups]
    axes.set_xticks(range(len(groups)), labels, fontsize=6.5)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    if len(groups) > 5:
        axes.tick_params(axis="x", labelrotation=35)


def _draw_effect(axes: Axes, finding: Finding) -> None:
    """The interval, the seeds, and the range in which the check holds, shaded."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, ScalarFormatter

    effect, holds = finding.effect, finding.check.holds
    axes.set_title(f"{finding.word}", fontsize=8.5)
    axes.set_yticks([])
    axes.set_ylim(-1, 1)
    axes.grid(axis="y", visible=False)
    if effect is None:
        axes.set_axis_off()
        axes.text(
            0.5,
            0.5,
            "\n".join(textwrap.wrap(finding.why, 42)),
            ha="center",
            va="center",
            transform=axes.transAxes,
            fontsize=7.5,
            color=INK,
        )
        return
    ends = [v for v in (effect.low, effect.high, *effect.by_seed, holds.low, holds.high)]
    if finding.check.by == "ratio" and min(ends) > 0:
        axes.set_xscale("log")
    low, high = _limits([v for v in ends if isfinite(v)], axes.get_xscale() == "log")
    axes.set_xlim(low, high)
    if axes.get_xscale() == "log":
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,)))
        axes.xaxis.set_major_formatter(lambda value, _: tick(value))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axvspan(max(holds.low, low), min(holds.high, high), color=HOLDS, lw=0, label="holds")
    for edge in (holds.low, holds.high):
        if isfinite(edge):
            axes.axvline(edge, color=FAINT, linestyle="--", linewidth=1)
    if isfinite(effect.high - effect.low):
        axes.plot([effect.low, effect.high], [0, 0], color=INK, linewidth=2.5)
    axes.plot([effect.mean], [0], "D", color=INK, markersize=6)
    if len(effect.by_seed) > 1:
        axes.plot(effect.by_seed, [-0.45] * len(effect.by_seed), "o", color=BLUE, alpha=0.6)
    axes.text(0.5, 0.86, str(effect), transform=axes.transAxes, ha="center", fontsize=7.5)
    words = compared(finding) or "effect"
    axes.set_xlabel("\n".join(textwrap.wrap(f"{words} (shaded: holds)", 38)), fontsize=7.5)


def _limits(values: Sequence[float], logarithmic: bool) -> tuple[float, float]:
    """A margin around all of them."""
    low, high = min(values), max(values)
    if logarithmic:
        factor = max((high / low) ** 0.15, 1.2)
        return low / factor, high * factor
    margin = 0.15 * (high - low) or max(abs(high), 1e-12)
    return low - margin, high + margin


def _key(one: Measured) -> str:
    return json.dumps(dict(one.settings), sort_keys=True)
