"""How much memory an epoch takes, beside what data, parameters and activations come to."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

from actlab.benchmarking.report import Report
from actlab.benchmarking.workloads import WORKLOADS
from actlab.data import cifar10_files
from actlab.data.dataset import DataError, Source
from actlab.data.sources.cifar10 import Cifar10, cifar10_places
from actlab.data.sources.synthetic import Synthetic
from actlab.execution import THREAD_VARIABLES, cores
from actlab.experiment import Experiment, load
from actlab.running import run

SPARE = 200e6
"""Bytes for the interpreter, the libraries and everything else."""
COPIES = 4
"""Of the parameters (themselves, their gradient, the velocity, one to spare) and of a batch."""


@dataclass(frozen=True)
class Bound:
    """What an epoch may take: the data, four copies of parameters and of activations, 200 MB."""

    data: int
    parameters: int
    activations: int

    @property
    def bytes(self) -> float:
        """The sum."""
        return self.data + COPIES * (self.parameters + self.activations) + SPARE


def report(rounds: int, experiment: Experiment | None = None) -> Report:
    """Peak resident memory of one epoch in a process of its own; once, whatever the rounds."""
    experiment = experiment or epoch()
    limit, peak = bound(experiment), peak_of(experiment)
    row = {
        "network": experiment.model.shape_label,
        "data": experiment.data.source.name,
        "peak, MB": f"{peak / 1e6:.0f}",
        "bound, MB": f"{limit.bytes / 1e6:.0f}",
        "share of bound": f"{peak / limit.bytes:.0%}",
    }
    parts = (
        f"the bound is {limit.data / 1e6:.0f} MB of data + {COPIES} x {limit.parameters / 1e6:.1f} "
        f"of parameters + {COPIES} x {limit.activations / 1e6:.1f} of a batch's activations "
        f"+ {SPARE / 1e6:.0f}"
    )
    numbers: dict[str, Any] = {"peak_bytes": peak, "bound_bytes": limit.bytes}
    numbers |= {"data_bytes": limit.data, "parameter_bytes": limit.parameters}
    numbers |= {"activation_bytes": limit.activations, "source": experiment.data.source.name}
    return Report("memory of one epoch and its statistics", [row], numbers, [parts])


def epoch() -> Experiment:
    """An epoch of the lecture's network on CIFAR-10, or on synthetic images of the same size."""
    resolved = WORKLOADS["lecture"].experiment.resolved()
    return load(resolved | {"data": {"source": _source().written()}})


def bound(experiment: Experiment) -> Bound:
    """From the sizes in the config: bytes of images, and numbers of four or eight bytes."""
    source, model, batch = experiment.data.source, experiment.model, experiment.train.batch_size
    widths = [experiment.data.features, *model.hidden_widths, source.n_classes]
    number = int(model.dtype.removeprefix("float")) // 8
    parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(widths))
    pixels = sum(source.sizes) * prod(source.shape)
    return Bound(
        pixels * (1 if source.images else 4), number * parameters, number * batch * sum(widths)
    )


def peak_of(experiment: Experiment) -> int:
    """Bytes that a new process at its peak has in memory, once it has run the experiment."""
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(cores()))
    command = [sys.executable, "-m", "actlab.benchmarking.memory"]
    text = json.dumps(experiment.resolved())
    done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the measured process failed: {done.stderr.strip().splitlines()[-1]}")
    return int(done.stdout.splitlines()[-1])


def peak() -> int:
    """Most bytes of this process that were in memory at one time.

    The kernel's own mark is of this program alone; ru_maxrss, where that is missing, also remembers
    the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        if marks:
            return int(marks[0].split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _source() -> Source:
    try:
        cifar10_files.find(cifar10_places(None))
    except DataError:
        return Synthetic(train=50_000, validation=0, test=10_000)
    return Cifar10()


if __name__ == "__main__":
    run(load(json.load(sys.stdin)))
    print(peak())
