"""Verdicts as a table to read, and as numbers for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from actlab.claims.claim import place
from actlab.claims.judging import Finding, Verdict, Word, decisive
from actlab.costs import counted, duration
from actlab.store import to_json, write
from actlab.sweeping.spec import VARIANT
from actlab.sweeping.values import shown

Numbers = Mapping[str, Any]
"""What verdicts.json holds of a claim, or of a check."""
TABLE, NUMBERS = "verdicts.md", "verdicts.json"
FIGURES = "figures"
FORMAT = 1
"""Of verdicts.json."""


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
    """Write verdicts.md and verdicts.json; verdicts on other claims that stand there are kept."""
    directory.mkdir(parents=True, exist_ok=True)
    table, numbers = directory / TABLE, directory / NUMBERS
    before = read_numbers(directory)
    found = {one["id"]: one for one in before.get("claims", ())}
    made = {"command": circumstances.command}
    found |= {verdict.claim.id: made | as_numbers(verdict) for verdict in verdicts}
    content = {"format": FORMAT, **vars(circumstances)}
    content["claims"] = sorted(found.values(), key=_place)
    content["note"] = circumstances.note or before.get("note", "")
    write(numbers, to_json(content))
    write(table, "\n".join(page(content, directory)) + "\n")
    return table, numbers


def read_numbers(directory: Path) -> dict[str, Any]:
    """What verdicts.json in a folder holds; empty if there is none, or one of another format."""
    try:
        found = json.loads((directory / NUMBERS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if found.get("format") == FORMAT else {}


def counts(words: Iterable[str]) -> str:
    """`54 claims: 30 hold, 1 does not hold, ...`, in the order of the words."""
    found = Counter(words)
    parts = [f"{found[word]} {_said_of(found[word], word)}" for word in Word if found[word]]
    return f"{found.total()} claim{'s' * (found.total() != 1)}: {', '.join(parts)}"


def _said_of(number: int, word: Word) -> str:
    """`holds` of one, `hold` of several."""
    several = {Word.HOLDS: "hold", Word.FAILS: "do not hold", Word.DEPENDS: "depend"}
    return str(word) if number == 1 else several.get(word, str(word))


def as_numbers(verdict: Verdict) -> dict[str, Any]:
    """All that a verdict rests on, in plain values."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "topic": claim.topic,
        "says": claim.says,
        "source": claim.source,
        "expected": claim.expected,
        "otherwise": claim.otherwise,
        "verdict": str(verdict.word),
        "why": verdict.why,
        "setting": verdict.setting,
        "checks": [_finding_as_numbers(finding) for finding in verdict.findings],
    }


def measured_on(setting: Mapping[str, Any]) -> str:
    """`synthetic, 2,000 images, 5 epochs, 12 runs`, or that it is mathematics."""
    if not setting:
        return "no data"
    number = {word: counted(setting[f"{word}s"], word) for word in ("epoch", "run", "seed")}
    trained = number["epoch"] if setting["epochs"] else "untrained"
    examples = counted(setting["train"], "example")
    return ", ".join((setting["source"], examples, trained, number["run"], number["seed"]))


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


def in_words(settings: Mapping[str, Any]) -> str:
    """`depth 10, lr 0.1`: values by the last words of their paths, a variant by its name alone."""
    return ", ".join(
        shown(value) if key == VARIANT else f"{key.split('.')[-1]} {shown(value)}"
        for key, value in settings.items()
    )


def _selected(selection: Mapping[str, Any]) -> str:
    return in_words(selection) or "all"


def _finding_as_numbers(finding: Finding) -> dict[str, Any]:
    check, effect = finding.check, finding.effect
    return {
        "check": check.title,
        "when": check.when,
        "measure": check.measure.written(),
        "compared": compared(finding),
        "holds": str(check.holds),
        "because": check.because,
        "verdict": str(finding.word),
        "why": finding.why,
        "effect": effect.mean if effect else None,
        "low": effect.low if effect else None,
        "high": effect.high if effect else None,
        "shown": str(effect) if effect else "-",
        "by_seed": list(effect.by_seed) if effect else [],
        "measured": [[dict(one.settings), one.seed, one.value] for one in finding.measured],
    }


def page(content: Mapping[str, Any], directory: Path) -> Iterator[str]:
    """verdicts.md, line by line."""
    claims = content["claims"]
    yield "# The lecture, put to the test\n"
    yield f"{counts(claim['verdict'] for claim in claims)}. {content['note']}".strip() + "\n"
    yield f"Made by `{content['command']}` on {content['machine']};"
    yield f"{duration(content['seconds'])} of training, on one core each.\n"
    yield from _made_before(claims, content["command"])
    yield (
        "Effects are means over seeds with 95% t-intervals of paired runs. A check holds if its "
        "whole interval lies within the threshold, which stands in the YAML with its reason; "
        "fails if all of it lies outside; otherwise the seeds do not tell.\n"
    )
    yield from _overview(claims)
    yield from _disagreements(claims)
    for topic, group in groupby(claims, key=lambda claim: claim["topic"]):
        yield f"\n## {topic.capitalize()}"
        for claim in group:
            yield from _section(claim, directory)


def _made_before(claims: Iterable[Numbers], command: str) -> Iterator[str]:
    """By which other commands the verdicts came about that this one left as they were."""
    others: dict[str, list[str]] = {}
    for claim in claims:
        others.setdefault(claim.get("command", command), []).append(claim["id"])
    for other, ids in others.items():
        if other != command:
            yield f"Made before, by `{other}`: {', '.join(ids)}.\n"


def _overview(claims: Iterable[Numbers]) -> Iterator[str]:
    yield "| | claim | verdict | effect, 95% interval | holds for | measured on |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for claim in claims:
        check = _decisive(claim)
        effect = f"{_cell(check['check'])}: {check['shown']}"
        yield (
            f"| [{claim['id']}](#{_anchor(claim)}) | {_cell(claim['says'])} "
            f"| {_word(claim['verdict'])} | {effect} | {check['holds']} "
            f"| {measured_on(claim['setting'])} |"
        )


def _decisive(claim: Numbers) -> Numbers:
    """The check to show where there is room for one: the first that goes against the claim."""
    checks = claim["checks"]
    return checks[decisive(claim["verdict"], [check["verdict"] for check in checks])]


def _disagreements(claims: Iterable[Numbers]) -> Iterator[str]:
    others = [one for one in claims if one["verdict"] in (Word.FAILS, Word.DEPENDS)]
    if others:
        yield "\n## What is not borne out, or only in part\n"
    for claim in others:
        meaning = f" {claim['otherwise']}" if claim["otherwise"] else ""
        yield f"- **{claim['id']}** {claim['verdict']}: {claim['why']}.{meaning}"


def _section(claim: Numbers, directory: Path) -> Iterator[str]:
    yield f"\n### {claim['id']}: {claim['verdict']}\n"
    yield f"{claim['says']}\n"
    lines = [f"Source: {claim['source']}"] if claim["source"] else []
    lines.append(f"Measured on: {measured_on(claim['setting'])}")
    if claim["why"]:
        lines.append(f"Why: {claim['why']}")
    if claim["expected"] != "holds":
        lines.append(f"Expected: {claim['expected']}")
    yield "  \n".join(lines) + "\n"
    yield "| check | compared | effect, 95% interval | holds for | | reason for the threshold |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for check in claim["checks"]:
        title = _cell(check["check"]) + (f" ({_cell(check['when'])})" if check["when"] else "")
        result = check["verdict"] + (f": {_cell(check['why'])}" if check["why"] else "")
        yield (
            f"| {title} | {_cell(check['compared'])} | {check['shown']} "
            f"| {check['holds']} | {result} | {_cell(check['because'])} |"
        )
    if (directory / FIGURES / f"{claim['id']}.png").is_file():
        yield f"\n![{claim['id']}]({FIGURES}/{claim['id']}.png)"


def _word(word: str) -> str:
    return word if word == Word.HOLDS else f"**{word}**"


def _anchor(claim: Numbers) -> str:
    """GitHub's name of the heading of a section."""
    heading = f"{claim['id']}: {claim['verdict']}".lower()
    return "".join(c for c in heading if c.isalnum() or c in " -_").replace(" ", "-")


def _place(claim: Numbers) -> tuple[int, str]:
    return place(claim["topic"], claim["id"])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
