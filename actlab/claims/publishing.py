"""Verdicts as a table to read, and as numbers for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from actlab.claims.judging import Effect, Finding, Verdict, Word
from actlab.store import to_json, write
from actlab.sweeping.values import shown

TABLE, NUMBERS = "verdicts.md", "verdicts.json"
FIGURES = "figures"


@dataclass(frozen=True)
class Circumstances:
    """How verdicts came about."""

    command: str
    machine: str
    seconds: float
    """Of training, on one core each, of all runs that the verdicts rest on."""
    note: str = ""
    """What a reader must know of the data."""


def publish(
    verdicts: Sequence[Verdict], directory: Path, circumstances: Circumstances
) -> tuple[Path, Path]:
    """Write verdicts.md and verdicts.json."""
    directory.mkdir(parents=True, exist_ok=True)
    table, numbers = directory / TABLE, directory / NUMBERS
    write(table, "\n".join(_page(verdicts, directory, circumstances)) + "\n")
    content = {**vars(circumstances), "claims": [as_numbers(verdict) for verdict in verdicts]}
    write(numbers, to_json(content))
    return table, numbers


def counts(verdicts: Iterable[Verdict]) -> str:
    """`54 claims: 30 holds, ...`, in the order of the words."""
    found = Counter(verdict.word for verdict in verdicts)
    parts = [f"{found[word]} {word}" for word in Word if found[word]]
    return f"{found.total()} claims: {', '.join(parts)}"


def as_numbers(verdict: Verdict) -> dict[str, Any]:
    """All that a verdict rests on, in plain values."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "topic": claim.topic,
        "says": claim.says,
        "verdict": str(verdict.word),
        "why": verdict.why,
        "setting": verdict.setting,
        "checks": [_finding_as_numbers(finding) for finding in verdict.findings],
    }


def measured_on(setting: Mapping[str, Any]) -> str:
    """`synthetic, 2,000 images, 5 epochs, 12 runs`, or that it is mathematics."""
    if not setting:
        return "no data"
    epochs = f"{setting['epochs']} epochs, " if setting["epochs"] else "untrained, "
    return (
        f"{setting['source']}, {setting['train']:,} examples, {epochs}"
        f"{setting['runs']} runs, {setting['seeds']} seeds"
    )


def compared(finding: Finding) -> str:
    """Which runs a check looks at, in a few words."""
    check = finding.check
    if check.order is not None:
        return " > ".join(map(_selected, check.order))
    if check.against is not None:
        sign = "/" if check.by == "ratio" else "\N{MINUS SIGN}"
        pair = f"{_selected(check.of)} {sign} {_selected(check.against)}"
        return f"({pair}) rank correlation with {check.over}" if check.over else pair
    chosen = _selected(check.of) if check.of else ""
    if check.over is not None:
        return f"{chosen} rank correlation with {check.over}".strip()
    if check.correlates is not None:
        return f"{chosen} rank correlation with {check.correlates.label}".strip()
    return chosen


def _selected(selection: Mapping[str, Any]) -> str:
    return (
        ", ".join(
            shown(value) if key == "variant" else f"{key.split('.')[-1]} {shown(value)}"
            for key, value in selection.items()
        )
        or "all"
    )


def _finding_as_numbers(finding: Finding) -> dict[str, Any]:
    check, effect = finding.check, finding.effect
    return {
        "check": check.title,
        "when": check.when,
        "measure": check.measure.written(),
        "compared": compared(finding),
        "threshold": check.holds.model_dump(exclude_none=True),
        "because": check.because,
        "verdict": str(finding.word),
        "why": finding.why,
        "effect": effect.mean if effect else None,
        "low": effect.low if effect else None,
        "high": effect.high if effect else None,
        "by_seed": list(effect.by_seed) if effect else [],
        "measured": [[dict(one.settings), one.seed, one.value] for one in finding.measured],
    }


def _page(
    verdicts: Sequence[Verdict], directory: Path, circumstances: Circumstances
) -> Iterable[str]:
    yield "# The lecture, put to the test\n"
    yield f"{counts(verdicts)}. {circumstances.note}".strip() + "\n"
    yield f"Made by `{circumstances.command}` on {circumstances.machine}; "
    yield f"{_duration(circumstances.seconds)} of training, on one core each.\n"
    yield (
        "Effects are means over seeds with 95% t-intervals of paired runs. A check holds if its "
        "whole interval lies within the threshold, which was written down with its reason before "
        "anything was measured; fails if all of it lies outside; otherwise the seeds do not tell.\n"
    )
    yield from _overview(verdicts)
    yield from _disagreements(verdicts)
    for topic, group in groupby(verdicts, key=lambda verdict: verdict.claim.topic):
        yield f"\n## {topic.capitalize()}\n"
        for verdict in group:
            yield from _section(verdict, directory)


def _overview(verdicts: Iterable[Verdict]) -> Iterable[str]:
    yield "| | claim | verdict | effect, 95% interval | holds for | measured on |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for verdict in verdicts:
        claim, finding = verdict.claim, verdict.decisive
        effect = f"{_cell(finding.check.title)}: {_effect(finding.effect)}"
        yield (
            f"| [{claim.id}](#{_anchor(verdict)}) | {_cell(claim.says)} | {_word(verdict.word)} "
            f"| {effect} | {finding.check.holds} | {measured_on(verdict.setting)} |"
        )


def _disagreements(verdicts: Iterable[Verdict]) -> Iterable[str]:
    others = [one for one in verdicts if one.word in (Word.FAILS, Word.DEPENDS)]
    if not others:
        return
    yield "\n## Where the lecture is not borne out\n"
    for verdict in others:
        meaning = f" {verdict.claim.otherwise}" if verdict.claim.otherwise else ""
        yield f"- **{verdict.claim.id}** {verdict.word}: {verdict.why}.{meaning}"


def _section(verdict: Verdict, directory: Path) -> Iterable[str]:
    claim = verdict.claim
    yield f"\n### {claim.id}: {verdict.word}\n"
    yield f"{claim.says}\n"
    lines = [f"Source: {claim.source}"] if claim.source else []
    lines.append(f"Measured on: {measured_on(verdict.setting)}")
    if verdict.why:
        lines.append(f"Why: {verdict.why}")
    if claim.expected != "holds":
        lines.append(f"Expected: {claim.expected}")
    yield "  \n".join(lines) + "\n"
    yield "| check | compared | effect, 95% interval | holds for | | reason for the threshold |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for finding in verdict.findings:
        check = finding.check
        title = _cell(check.title) + (f" ({_cell(check.when)})" if check.when else "")
        result = str(finding.word) + (f": {_cell(finding.why)}" if finding.why else "")
        yield (
            f"| {title} | {_cell(compared(finding))} | {_effect(finding.effect)} "
            f"| {check.holds} | {result} | {_cell(check.because)} |"
        )
    if (directory / FIGURES / f"{claim.id}.png").is_file():
        yield f"\n![{claim.id}]({FIGURES}/{claim.id}.png)"


def _effect(effect: Effect | None) -> str:
    return "-" if effect is None else str(effect).replace("|", "\\|")


def _word(word: Word) -> str:
    return f"**{word}**" if word is not Word.HOLDS else str(word)


def _anchor(verdict: Verdict) -> str:
    """GitHub's name of the heading of a section."""
    heading = f"{verdict.claim.id}: {verdict.word}".lower()
    return "".join(c for c in heading if c.isalnum() or c in " -_").replace(" ", "-")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
