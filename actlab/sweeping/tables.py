"""A sweep before it starts: its jobs, their number, and what they will cost."""

from __future__ import annotations

from pathlib import Path

from actlab.costs import costs, counted, duration
from actlab.execution import cores
from actlab.experiment import Experiment
from actlab.sweeping.plan import Plan
from actlab.sweeping.sweep import Orders, job_of
from actlab.sweeping.tuning import trials, tuned

START_UP = 0.05
"""Seconds that a run takes besides its arithmetic."""


def jobs_listed(plan: Plan, results: Path) -> list[str]:
    """A line per job: its id, how it ended if it did, and its label."""
    orders = Orders(results)
    tried = [job_of(orders, one.label, one.experiment) for one in trials(plan)]
    open_trials = any(job.settled() is None for job in tried)
    variants = plan.variants if open_trials else tuned(plan, results).variants
    runs = [job_of(orders, one.label, one.experiment) for one in variants]
    lines = [f"{job.experiment.digest}  {job.settled() or 'open':9}  {job.label}" for job in tried]
    for job in runs:
        ident = "tuned   " if open_trials else job.experiment.digest
        lines.append(f"{ident}  {job.settled() or 'open':9}  {job.label}")
    return lines


def estimate(plan: Plan, results: Path | None = None, workers: int | None = None) -> str:
    """How many runs, how many of them are still to be trained, and about how long that takes."""
    experiments = [trial.experiment for trial in trials(plan)]
    experiments += [one.experiment for one in plan.variants]
    left = experiments
    if results is not None:
        orders = Orders(results)
        left = [one for one in experiments if job_of(orders, "", one).settled() is None]
    count = counted(len(plan.variants), "run")
    if plan.tune:
        count += f", {counted(len(trials(plan)), 'trial')}"
    done = f", {len(experiments) - len(left)} of them done" if len(left) < len(experiments) else ""
    seconds = sum(map(_seconds, left)) / min(workers or cores(), max(len(left), 1))
    return f"{count}{done}; about {duration(seconds)} on {counted(workers or cores(), 'worker')}"


def _seconds(experiment: Experiment) -> float:
    """On one core: the estimate of `costs` is for all of them together."""
    return costs(experiment).seconds * cores() + START_UP
