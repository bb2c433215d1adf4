"""Train every variant of a plan that is not trained yet."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from actlab.execution import Borrowed, Crew, Processes, cores
from actlab.experiment import Experiment
from actlab.provenance import provenance
from actlab.record import Record
from actlab.store import save, write
from actlab.sweeping.ledger import write_results, write_sweep
from actlab.sweeping.plan import Plan
from actlab.sweeping.queue import KILLER, Queue
from actlab.sweeping.tuning import trials, tuned
from actlab.working import Job, Outcome


class Listener(Protocol):
    """Is told how a sweep goes on."""

    def stage(self, title: str, total: int, settled: int) -> None:
        """At the start of the trials and of the runs: how many, and how many of them are done."""
        ...

    def started(self, job: Job) -> None:
        """When a worker takes up a job."""
        ...

    def ended(self, job: Job, outcome: Outcome) -> None:
        """When a job is settled."""
        ...


@dataclass
class Report:
    """What came of a sweep."""

    plan: Plan
    statuses: Counter[str] = field(default_factory=Counter)
    """Of all variants, those settled earlier included."""
    trained: int = 0
    training: float = 0.0
    """Seconds of training proper."""
    occupied: float = 0.0
    """Seconds that workers were occupied."""
    stopped: bool = False
    """After too many failures."""


@dataclass(frozen=True)
class Orders:
    """How to go about a sweep."""

    results: Path
    threads: int = 1
    """Threads of each worker, which share its steps; their number changes no bit."""
    again: frozenset[str] = frozenset()
    most_failures: int | None = None
    collect: bool = False


def sweep(
    plan: Plan,
    results: str | os.PathLike[str] = "results",
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    threads: int = 1,
    rerun: Collection[str] = (),
) -> Report:
    """Train the variants of a plan that are not finished in `results/<name>/`.

    They run in `workers` processes of `threads` BLAS threads each (as many as the cores allow), or
    on any `concurrent.futures.Executor`. `rerun` names how runs ended that are trained anew:
    failed, diverged, finished.
    """
    orders = Orders(Path(results), threads, frozenset(rerun))
    places = workers or max(cores() // threads, 1)
    if executor is not None:
        return conduct(plan, orders, Borrowed(executor, lambda: places))
    with closing(Processes(places, threads)) as crew:
        return conduct(plan, orders, crew)


def conduct(plan: Plan, orders: Orders, crew: Crew, listener: Listener | None = None) -> Report:
    """Trials if the plan asks for them, then the variants; the tables are written in any case."""
    report = Report(plan)
    if plan.tune:
        tried = [job_of(orders, one.label, one.experiment) for one in trials(plan)]
        settle("tuning", tried, orders, crew, report, listener)
        report.statuses.clear()
        plan = report.plan = tuned(plan, orders.results)
    write_sweep(plan, orders.results, orders.threads)
    jobs = [job_of(orders, one.label, one.experiment) for one in plan.variants]
    try:
        if not report.stopped:
            settle("training", jobs, orders, crew, report, listener)
    finally:
        write_results(plan, orders.results)
    return report


def job_of(orders: Orders, label: str, experiment: Experiment) -> Job:
    """The job of one experiment."""
    return Job(
        label, experiment, orders.results, orders.threads, orders.again, collect=orders.collect
    )


def settle(
    title: str,
    jobs: Sequence[Job],
    orders: Orders,
    crew: Crew,
    report: Report,
    listener: Listener | None,
) -> None:
    """Do the jobs that are not done yet, and count in the report how all of them ended."""
    done = {job.directory: status for job in jobs if (status := job.settled())}
    report.statuses.update(done.values())
    if listener:
        listener.stage(title, len(jobs), len(done))
    open_jobs = [job for job in jobs if job.directory not in done]
    queue = Queue(open_jobs, crew, listener.started if listener else lambda job: None)
    failures = 0
    for job, outcome in queue.outcomes():
        _keep(job, outcome)
        report.statuses[outcome.status] += 1
        report.trained += outcome.trained
        report.training += outcome.seconds
        failures += outcome.status == "failed"
        if listener:
            listener.ended(job, outcome)
        if orders.most_failures is not None and failures >= orders.most_failures:
            report.stopped = True
            queue.stop()
    report.occupied += queue.seconds


def _keep(job: Job, outcome: Outcome) -> None:
    """Write what the worker could not: collected files, and that a job is past saving."""
    if outcome.files:
        job.directory.mkdir(parents=True, exist_ok=True)
        (job.directory / "summary.json").unlink(missing_ok=True)
        for name in sorted(outcome.files, key=lambda name: name == "summary.json"):
            write(job.directory / name, outcome.files[name])
    elif outcome.fault.startswith(KILLER):
        record = Record(job.experiment, "failed", fault=outcome.fault)
        save(record, job.directory, provenance(job.experiment))
