"""A workload trained by several contenders in turn, after a check that they compute the same."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from actlab.benchmarking.agreement import STEPS, TOLERANCE, Agreement, agreements
from actlab.benchmarking.contenders import ENTRIES
from actlab.benchmarking.remote import ContenderFailed, Remote, Turn, remotes
from actlab.benchmarking.report import Report, ratio_shown
from actlab.benchmarking.timing import Timing, against, quartiles
from actlab.benchmarking.workloads import Task, Workload, task

TURN = 0.5
"""Seconds that a turn is to last, so that its clock, and a moment of other work, weigh little."""
REST = 0.05
"""Seconds between turns: threads that wait for work spin for less, and then sleep."""


@dataclass(frozen=True)
class Race:
    """What came out of it, turn by turn."""

    workload: Workload
    turns: Mapping[str, Sequence[Turn]]
    steps: int
    """Timed in each turn."""
    agreed: Mapping[str, Agreement]
    left_out: Sequence[str]

    @property
    def base(self) -> str:
        """Whose time the ratios are over: PyTorch as people use it, if it is there."""
        return "torch" if "torch" in self.turns else "actlab"

    @property
    def ms(self) -> dict[str, tuple[float, ...]]:
        """Milliseconds of a step, round by round."""
        return {name: tuple(turn.ms for turn in turns) for name, turns in self.turns.items()}

    @property
    def ratios(self) -> dict[str, Timing]:
        """Against the base, round by round."""
        return against(self.ms, self.base)

    @property
    def shares(self) -> dict[str, float]:
        """The limit's time over each one's."""
        return {name: 1 / timing.ratio for name, timing in against(self.ms, "limit").items()}


def race(workload: Workload, names: Sequence[str], rounds: int) -> Race:
    """Check, warm up and time the contenders of these names. Raises Mismatch, ContenderFailed."""
    given = task(workload)
    with remotes(names) as started:
        running, left_out = _able(given, started)
        checked = [running[name] for name in running if ENTRIES[name].checked]
        agreed = agreements(given, checked[0], checked[1:])
        for name, remote in running.items():
            if workload.dropout or name not in agreed:
                remote.ask("open", given)
            remote.ask("turn", 1)
        steps = _steps(running["actlab"])
        return Race(workload, taken_in_turn(running, steps, rounds), steps, agreed, left_out)


def taken_in_turn(
    running: Mapping[str, Remote], steps: int, rounds: int
) -> dict[str, tuple[Turn, ...]]:
    """So many rounds after one to warm up, in each a turn for everybody while the others wait."""
    found: dict[str, list[Turn]] = {name: [] for name in running}
    for _ in range(rounds + 1):
        for name, remote in running.items():
            time.sleep(REST)
            found[name].append(remote.ask("turn", steps))
    return {name: tuple(turns[1:]) for name, turns in found.items()}


def _able(given: Task, started: Mapping[str, Remote]) -> tuple[dict[str, Remote], list[str]]:
    """Those that can do the task, and a line on each of the others."""
    able, left_out = {}, []
    for name, remote in started.items():
        try:
            reason = remote.ask("cannot", given)
            if reason is None and ENTRIES[name].optional:
                remote.ask("open", given)
                remote.ask("turn", 1)
        except ContenderFailed as error:
            if not ENTRIES[name].optional:
                raise
            reason = str(error)
        if reason is None:
            able[name] = remote
        else:
            left_out.append(f"{name} is left out: {reason}")
    return able, left_out


def _steps(ours: Remote) -> int:
    """How many of our steps fill a turn."""
    ms = min(ours.ask("turn", steps).ms for steps in (2, 10))
    return min(max(round(TURN * 1e3 / ms), 1), 500)


def report(workload: Workload, names: Sequence[str], rounds: int) -> Report:
    """The race as a table: the fastest first."""
    found = race(workload, names, rounds)
    order = sorted(found.turns, key=lambda name: found.ratios[name].ratio)
    rows = [_row(found, name) for name in order]
    return Report(str(workload), rows, _numbers(found), _notes(found))


def _row(found: Race, name: str) -> dict[str, str]:
    ms, agreed = found.ms[name], found.agreed.get(name)
    low, high = quartiles(ms)
    return {
        "contender": ENTRIES[name].title,
        f"times {ENTRIES[found.base].title}": ratio_shown(found.ratios[name]),
        "ms a step": f"{median(ms):.3g} ({low:.3g}-{high:.3g})",
        "least": f"{min(ms):.3g}",
        "share of limit": f"{found.shares[name]:.0%}",
        "gradients off by": f"{agreed.gradient_error:.0e}" if agreed else "",
        f"loss after {STEPS} steps": f"{agreed.loss:.6f}" if agreed else "",
    }


def _notes(found: Race) -> list[str]:
    rounds = len(found.turns["actlab"])
    notes = [
        f"medians (quartiles) of {rounds} rounds, {found.steps} steps a turn; ratios by round",
        "where medians are far above the least, the machine was busy with something else",
        *found.left_out,
    ]
    if found.workload.dropout:
        notes.append("gradients and losses were compared without dropout, since masks differ")
    if found.workload.activation == "relu":
        notes.append("gradients were compared on images whose units are clear of the kink of ReLU")
    return notes


def _numbers(found: Race) -> dict[str, Any]:
    contenders = {name: _contender_numbers(found, name) for name in found.turns}
    return {
        "workload": asdict(found.workload),
        "base": found.base,
        "steps": found.steps,
        "tolerance": TOLERANCE,
        "contenders": contenders,
        "left_out": list(found.left_out),
    }


def _contender_numbers(found: Race, name: str) -> dict[str, Any]:
    ms, timing = found.ms[name], found.ratios[name]
    agreed = found.agreed.get(name)
    return {
        "title": ENTRIES[name].title,
        "ms": median(ms),
        "ms_quartiles": quartiles(ms),
        "ms_least": min(ms),
        "ms_rounds": ms,
        "ratio": timing.ratio,
        "ratio_quartiles": timing.spread,
        "limit_share": found.shares[name],
        "idle_cores": median(turn.idle for turn in found.turns[name]),
        "agreement": asdict(agreed) if agreed else None,
    }
