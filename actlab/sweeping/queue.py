"""Hand jobs to a crew of workers until every one is settled, whatever dies meanwhile."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import replace

from actlab.execution import Crew
from actlab.working import BUSY, Job, Outcome, work

MOST_DEATHS = 3
"""A job that ends its worker this often is given up."""
KILLER = "ended its worker process"


class Queue:
    """Jobs that wait, jobs that run, and jobs that somebody else is at."""

    def __init__(
        self, jobs: Iterable[Job], crew: Crew, started: Callable[[Job], None] = lambda job: None
    ) -> None:
        self.crew, self.started = crew, started
        self.waiting: dict[object, deque[Job]] = {}
        """By the data that they need, in order of arrival."""
        for job in jobs:
            self.waiting.setdefault(job.data, deque()).append(job)
        self.at_hand: dict[int, object] = {}
        """The data that each worker loaded last."""
        self.elsewhere: deque[Job] = deque()
        self.running: dict[Future[Outcome], tuple[Job, int]] = {}
        self.deaths: Counter[str] = Counter()
        self.seconds = 0.0
        """That workers were occupied, their start-up included."""
        self._since: dict[Future[Outcome], float] = {}

    def outcomes(self) -> Iterator[tuple[Job, Outcome]]:
        """Every job with what came of it, as they end."""
        while self.waiting or self.elsewhere or self.running:
            self._hand_out()
            done, _ = wait(self.running, return_when=FIRST_COMPLETED)
            for future in done:
                job, place = self.running.pop(future)
                self.seconds += time.perf_counter() - self._since.pop(future)
                outcome = self._outcome(future, job, place)
                if outcome is not None:
                    yield job, outcome

    def stop(self) -> None:
        """Start no further job; those that run come to their end."""
        self.waiting.clear()
        self.elsewhere.clear()

    def _hand_out(self) -> None:
        """A job to every idle worker; what is done elsewhere is waited for last."""
        taken = {place for _, place in self.running.values()}
        for place in range(self.crew.places):
            if place in taken:
                continue
            job = self._next(place)
            if job is None:
                return
            self.started(job)
            future = self.crew.submit(place, work, job)
            self.running[future] = (job, place)
            self._since[future] = time.perf_counter()

    def _next(self, place: int) -> Job | None:
        """A job with the data at hand in this place, or else with data that nobody has at hand."""
        if not self.waiting:
            return replace(self.elsewhere.popleft(), wait=True) if self.elsewhere else None
        key = self.at_hand.get(place)
        if key not in self.waiting:
            taken = set(self.at_hand.values())
            key = next((k for k in self.waiting if k not in taken), next(iter(self.waiting)))
        self.at_hand[place] = key
        job = self.waiting[key].popleft()
        if not self.waiting[key]:
            del self.waiting[key]
        return job

    def _outcome(self, future: Future[Outcome], job: Job, place: int) -> Outcome | None:
        """What came of a job; None if it is to be tried again."""
        try:
            outcome = future.result()
        except BrokenExecutor:
            return self._after_death(job, place)
        except Exception as error:
            word = type(error).__name__
            fault = f"{KILLER} too often" if word == "KilledWorker" else f"{word}: {error}"
            return Outcome("failed", fault)
        if outcome.status == BUSY:
            self.elsewhere.append(job)
            return None
        return outcome

    def _after_death(self, job: Job, place: int) -> Outcome | None:
        self.crew.mend(place)
        self.deaths[job.experiment.digest] += 1
        if self.deaths[job.experiment.digest] < MOST_DEATHS:
            self.waiting.setdefault(job.data, deque()).appendleft(job)
            return None
        return Outcome("failed", f"{KILLER} {MOST_DEATHS} times (out of memory?)")
