"""A claim in words: what it says, how it is tested, and what came of it last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from actlab.claims.case import Case
from actlab.claims.claim import Claim
from actlab.claims.judging import Finding, Word
from actlab.claims.publishing import NUMBERS, compared, read_numbers
from actlab.sweeping.tables import estimate


def described(case: Case, claim: Claim) -> Iterator[str]:
    """The claim, its source, its runs, and its checks with their thresholds, line by line."""
    yield f"{claim.id}: {claim.says}"
    if claim.source:
        yield f"source: {claim.source}"
    yield f"expected: {claim.expected}"
    if claim.otherwise:
        yield f"otherwise: {claim.otherwise}"
    yield f"config: {case.path}"
    if case.trains:
        yield f"runs: {estimate(case.plan)}"
    for check in claim.checks:
        chosen = compared(Finding(check, Word.UNKNOWN))
        condition = f" (when: {check.when})" if check.when else ""
        yield f"check: {check.title}{f' of {chosen}' if chosen else ''}{condition}"
        yield f"  holds for effects {check.holds}, because {check.because}"


def last_verdict(claim_id: str, folders: Iterable[Path]) -> list[str]:
    """The verdict in the first of these folders of `lecture run` that has one on this claim."""
    for results in folders:
        for found in read_numbers(results).get("claims", ()):
            if found["id"] == claim_id:
                why = f" ({found['why']})" if found["why"] else ""
                return [f"verdict: {found['verdict']}{why}", f"  from {results / NUMBERS}"]
    return [f"no verdict yet; run: actlab lecture run {claim_id}"]
