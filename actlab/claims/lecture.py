"""The lecture as a whole: finding its claims, training what they need, judging them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from actlab.claims.case import Case, has_claims, read_case
from actlab.claims.claim import place
from actlab.claims.evidence import Evidence
from actlab.claims.judging import Verdict, judge
from actlab.config import ConfigError, Fault, suggestion
from actlab.execution import Crew, Processes, cores
from actlab.sweeping.plan import Plan
from actlab.sweeping.sweep import Listener, Orders, Report, job_of, settle
from actlab.sweeping.tuning import trials, tuned
from actlab.working import Job

HERE = Path("configs/lecture")


@dataclass(frozen=True)
class Judged:
    """A case with the verdicts on its claims."""

    case: Case
    verdicts: tuple[Verdict, ...]
    evidence: Evidence


def verdicts(
    wanted: Sequence[str] = (),
    out: str | os.PathLike[str] = "results/lecture-quick",
    *,
    full: bool = False,
    source: str | None = None,
    workers: int | None = None,
) -> list[Verdict]:
    """Put claims to the test, by id or YAML file, or all of the lecture, and give the verdicts.

    What they need is trained in `out`/runs, unless it is there. `full` is the longer form, `source`
    takes the place of the built-in images. Raises ConfigError.
    """
    cases = read_cases(wanted, full=full, source=source)
    with closing(Processes(workers or cores(), 1)) as crew:
        cases, _ = train(cases, Orders(Path(out).resolve()), crew)
    return [v for case in cases for v in judged(case, Path(out).resolve()).verdicts]


def claim_files(folder: Path | None = None) -> list[Path]:
    """The files with claims in a folder: by default configs/lecture here, or as installed."""
    package = Path(__file__).parents[1]
    folders = [folder] if folder else [HERE, package / HERE, package.parent / HERE]
    for one in folders:
        found = [path for path in sorted(one.glob("*.yaml")) if has_claims(path)]
        if found:
            return found
    raise ConfigError([Fault(str(folders[0]), "", "holds no config with a claims: section")])


def read_cases(
    wanted: Sequence[str] = (),
    folder: Path | None = None,
    topic: str | None = None,
    *,
    full: bool = False,
    source: str | None = None,
) -> list[Case]:
    """The claims of these ids, files or topics (all if none is named), in the order of the lecture.

    ConfigError for an id that no file has.
    """
    files = [Path(word) for word in wanted if word.endswith((".yaml", ".yml"))]
    ids = [word for word in wanted if Path(word) not in files]
    cases = [read_case(path, full=full, source=source) for path in files]
    if ids or not files:
        known = [read_case(p, full=full, source=source) for p in claim_files(folder)]
        cases += [_only(case, ids) for case in known] if ids else known
        _check_known(ids, known)
    _check_single(cases)
    if topic:
        _check_topic(topic, cases)
        cases = [
            replace(case, claims=tuple(c for c in case.claims if c.topic == topic))
            for case in cases
        ]
    return sorted((case for case in cases if case.claims), key=_place)


def train(
    cases: Iterable[Case], orders: Orders, crew: Crew, listener: Listener | None = None
) -> tuple[list[Case], Report]:
    """Train what the cases need and is not there yet: the cases as tuned, and what came of it.

    An experiment that several claims ask for is trained once.
    """
    cases = list(cases)
    report = Report(Plan("lecture", ()))
    plans = [case.plan for case in cases if case.trains]
    tried = [job_of(orders, t.label, t.experiment) for plan in plans for t in trials(plan)]
    if tried:
        settle("tuning", _once(tried), orders, crew, report, listener)
        report.statuses.clear()
    cases = [replace(case, plan=tuned(case.plan, orders.results)) for case in cases]
    jobs = [
        job_of(orders, f"{case.claims[0].id}: {one.label}", one.experiment)
        for case in cases
        if case.trains
        for one in case.plan.variants
    ]
    settle("training", _once(jobs), orders, crew, report, listener)
    return cases, report


def judged(case: Case, results: Path) -> Judged:
    """The verdicts on the claims of a case, from the runs in a results folder."""
    evidence = Evidence(case, results)
    return Judged(case, tuple(judge(claim, evidence) for claim in case.claims), evidence)


def _once(jobs: Iterable[Job]) -> list[Job]:
    return list({job.directory: job for job in jobs}.values())


def _only(case: Case, ids: Sequence[str]) -> Case:
    return replace(case, claims=tuple(claim for claim in case.claims if claim.id in ids))


def _place(case: Case) -> tuple[int, str]:
    return place(case.claims[0].topic, case.claims[0].id)


def _check_known(ids: Iterable[str], known: Iterable[Case]) -> None:
    all_ids = [claim.id for case in known for claim in case.claims]
    for word in ids:
        if word not in all_ids:
            message = f"there is no claim '{word}'; see actlab lecture list, or name your file"
            raise ConfigError([Fault("command line", "", message)])


def _check_single(cases: Iterable[Case]) -> None:
    seen: dict[str, Path] = {}
    for case in cases:
        for claim in case.claims:
            if claim.id in seen:
                message = f"'{claim.id}' stands in {seen[claim.id]} as well; give it another id"
                raise ConfigError([Fault(str(case.path), "claims", message)])
            seen[claim.id] = case.path


def _check_topic(topic: str, cases: Iterable[Case]) -> None:
    topics = list(dict.fromkeys(claim.topic for case in cases for claim in case.claims))
    if topic not in topics:
        message = f"there is no topic '{topic}'{suggestion(topic, topics)}"
        raise ConfigError([Fault("command line", "--topic", message)])
