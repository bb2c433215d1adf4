"""What the numbers say of a check, and the checks of a claim."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import exp, inf, isfinite, log
from typing import Any

import numpy as np

from actlab.claims.claim import Check, Claim, Selection, Threshold
from actlab.claims.evidence import Evidence, Measured
from actlab.claims.measures import Exact
from actlab.claims.measures.base import Unmeasured
from actlab.comparing import Estimate, estimate


class Word(StrEnum):
    """What can be said of a claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    DEPENDS = "depends"
    UNKNOWN = "not measurable here"


@dataclass(frozen=True)
class Effect:
    """What a check compares: the mean over seeds, and the ends of its 95% interval."""

    mean: float
    low: float
    high: float
    by_seed: tuple[float, ...] = ()

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.mean:.4g}"
        if not isfinite(self.high - self.low):
            return f"{self.mean:.4g} (no interval)"
        return f"{self.mean:.4g} [{self.low:.4g}, {self.high:.4g}]"


@dataclass(frozen=True)
class Finding:
    """A check with what came out."""

    check: Check
    word: Word
    effect: Effect | None = None
    why: str = ""
    """Why there is no answer, where there is none; else which runs were left out."""
    measured: tuple[Measured, ...] = ()
    """The measure of every run that the check looks at."""


@dataclass(frozen=True)
class Verdict:
    """A claim with what came out."""

    claim: Claim
    findings: tuple[Finding, ...]
    word: Word
    why: str = ""
    """On what it depends, or why there is no answer, or which check fails."""
    setting: dict[str, Any] = field(default_factory=dict)
    """What it was measured on."""

    @property
    def decisive(self) -> Finding:
        """The finding to show where there is room for one: the first that goes against it."""
        return self.findings[decisive(self.word, [finding.word for finding in self.findings])]


def decisive(verdict: str, words: Sequence[str]) -> int:
    """Which of the checks with these words decides a verdict: the first that goes against it."""
    order = [Word.FAILS, Word.UNKNOWN, Word.HOLDS]
    order = order[1:] if verdict == Word.UNKNOWN else order
    return next((words.index(word) for word in order if word in words), 0)


def judge(claim: Claim, evidence: Evidence) -> Verdict:
    """The verdict on a claim, given the records of its runs.

    It holds if every check holds and fails if one does; where checks name conditions, it depends on
    them if it holds under some and not, or not measurably, under others.
    """
    findings = tuple(examine(check, evidence) for check in claim.checks)
    word, why = _together(findings)
    return Verdict(claim, findings, word, why, evidence.setting)


def examine(check: Check, evidence: Evidence) -> Finding:
    """The effect of a check, and where it lies: its whole interval must lie on one side."""
    evidence.left_out.clear()
    try:
        effect, measured = _effect(check, evidence)
    except Unmeasured as reason:
        return Finding(check, Word.UNKNOWN, why=str(reason))
    word = placed(effect, check.holds)
    why = "; ".join(dict.fromkeys(evidence.left_out))
    if word is Word.UNKNOWN:
        why = (
            f"the interval {effect.low:.3g} to {effect.high:.3g} of {len(effect.by_seed)} seeds "
            f"does not tell the effect from the threshold ({check.holds})"
            if isfinite(effect.high - effect.low)
            else "a single seed gives no interval"
        )
    return Finding(check, word, effect, why, tuple(measured))


def placed(effect: Effect, threshold: Threshold) -> Word:
    """Holds if the whole interval lies within the range, fails if all of it lies outside."""
    if threshold.low <= effect.low and effect.high <= threshold.high:
        return Word.HOLDS
    if effect.high < threshold.low or threshold.high < effect.low:
        return Word.FAILS
    return Word.UNKNOWN


def _together(findings: Sequence[Finding]) -> tuple[Word, str]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.check.when, []).append(finding)
    words = {when: _word(group) for when, group in groups.items()}
    always = words.pop("", Word.HOLDS)
    if always is not Word.HOLDS:
        return always, _first(groups[""], always)
    if not words or set(words.values()) == {Word.HOLDS}:
        return Word.HOLDS, ""
    holding, failing, open_ = (
        _listed([when for when, word in words.items() if word is wanted])
        for wanted in (Word.HOLDS, Word.FAILS, Word.UNKNOWN)
    )
    parts = [f"holds {holding}" if holding else "", f"not {failing}" if failing else ""]
    parts.append(f"the seeds do not tell {open_}" if open_ else "")
    if holding:
        return Word.DEPENDS, "; ".join(filter(None, parts))
    found = Word.FAILS if failing else Word.UNKNOWN
    first = _first([f for group in groups.values() for f in group], found)
    return found, "; ".join(filter(None, [first, *(parts if failing and open_ else ())]))


def _word(group: Iterable[Finding]) -> Word:
    words = {finding.word for finding in group}
    return next((w for w in (Word.FAILS, Word.UNKNOWN) if w in words), Word.HOLDS)


def _first(group: Iterable[Finding], word: Word) -> str:
    """What the first finding with this word is about."""
    finding = next(finding for finding in group if finding.word is word)
    reason = finding.why if word is Word.UNKNOWN else f"{finding.effect}, not {finding.check.holds}"
    return f"{finding.check.title}: {reason}"


def _listed(conditions: Sequence[str]) -> str:
    return ", ".join(conditions)


def _effect(check: Check, evidence: Evidence) -> tuple[Effect, list[Measured]]:
    if isinstance(check.measure, Exact):
        return _of_mathematics(check.measure, evidence)
    table = evidence.table(check.measure, check.of)
    if check.against is not None:
        return _paired(check, table, evidence.table(check.measure, check.against))
    if check.order is not None:
        return _least_step(check, evidence)
    if check.over is not None:
        x = [float(one.settings[check.over]) for one in table]
        return _pooled(_correlations(table, x)), table
    if check.correlates is not None:
        other = evidence.table(check.correlates, check.of)
        return _pooled(_correlations(table, [one.value for one in other])), table
    return _pooled(_by_seed(table)), table


def _of_mathematics(measure: Exact, evidence: Evidence) -> tuple[Effect, list[Measured]]:
    measured = evidence.exact(measure)
    if measure.drawn:
        return _pooled(_by_seed(measured)), measured
    value = measured[0].value
    return Effect(value, value, value, (value,)), measured


def _paired(
    check: Check, table: Sequence[Measured], base: Sequence[Measured]
) -> tuple[Effect, list[Measured]]:
    """Run by run where seed and all that neither selection names agree."""
    named = {key for selection in check.selections for key in selection}
    partners = {_rest(one, named): one.value for one in base}
    pairs = [
        Measured(one.settings, one.seed, _compared(check, one.value, partners[_rest(one, named)]))
        for one in table
        if _rest(one, named) in partners
    ]
    if not pairs:
        raise Unmeasured("no two runs agree in what is not compared")
    if check.over is not None:
        return _pooled(_correlations(pairs, [float(p.settings[check.over]) for p in pairs])), pairs
    effect = _pooled(_by_seed(pairs))
    if check.by == "ratio":
        low, mean, high = (exp(min(v, 700.0)) for v in (effect.low, effect.mean, effect.high))
        effect = Effect(mean, low, high, tuple(exp(value) for value in effect.by_seed))
    return effect, [*table, *base]


def _compared(check: Check, value: float, base: float) -> float:
    if check.by == "difference":
        return value - base
    if value <= 0 or base <= 0:
        raise Unmeasured(f"no ratio of {value:g} to {base:g}")
    return log(value / base)


def _least_step(check: Check, evidence: Evidence) -> tuple[Effect, list[Measured]]:
    """Of neighbours in the order, the pair whose step is the least certain to be positive."""
    order: Sequence[Selection] = check.order or ()
    steps, measured = [], evidence.table(check.measure, order[0])
    for above, below in pairwise(order):
        plain = check.model_copy(update={"of": above, "against": below, "order": None})
        effect, _ = _effect(plain, evidence)
        steps.append(effect)
        measured += evidence.table(check.measure, below)
    return min(steps, key=lambda step: step.low), measured


def _correlations(table: Sequence[Measured], x: Sequence[float]) -> list[float]:
    """Spearman's rank correlation of the measure with x, for each seed."""
    from scipy.stats import rankdata

    found = []
    for seed in dict.fromkeys(one.seed for one in table):
        rows = [n for n, one in enumerate(table) if one.seed == seed]
        ranks = [
            rankdata(values) for values in zip(*((x[n], table[n].value) for n in rows), strict=True)
        ]
        if len(rows) < 3 or any(np.ptp(rank) == 0 for rank in ranks):
            raise Unmeasured("a rank correlation needs three values or more, not all alike")
        found.append(float(np.corrcoef(ranks)[0, 1]))
    return found


def _by_seed(table: Iterable[Measured]) -> list[float]:
    """The mean over all variants of each seed."""
    seeds: dict[int, list[float]] = {}
    for one in table:
        seeds.setdefault(one.seed, []).append(one.value)
    return [float(np.mean(values)) for values in seeds.values()]


def _pooled(values: Sequence[float]) -> Effect:
    found: Estimate = estimate(values)
    half = found.half if found.n > 1 else inf
    return Effect(found.mean, found.mean - half, found.mean + half, tuple(values))


def _rest(one: Measured, named: Iterable[str]) -> str:
    left = {key: value for key, value in one.settings.items() if key not in named}
    return json.dumps({**left, "seed": one.seed}, sort_keys=True)
