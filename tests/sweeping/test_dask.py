"""A real scheduler and real workers: nothing is lost when one dies, and no bit differs."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from actlab.sweeping.plan import plan
from actlab.sweeping.sweep import sweep

pytest.importorskip("distributed", reason="needs the extra: pip install 'actlab[dask]'")


def started(module, *arguments):
    """A process of Dask's command line, in a group of its own."""
    command = [sys.executable, "-m", f"distributed.cli.{module}", *map(str, arguments)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, start_new_session=True, **quiet)


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, and its two workers."""
    file = tmp_path / "scheduler.json"
    here = ("--host", "127.0.0.1")
    scheduler = started(
        "dask_scheduler", *here, "--port", 0, "--no-dashboard", "--scheduler-file", file
    )
    options = (*here, "--scheduler-file", file, "--nthreads", 1, "--no-nanny", "--no-dashboard")
    workers = [
        started("dask_worker", *options, "--local-directory", tmp_path / str(n)) for n in (1, 2)
    ]
    until = time.monotonic() + 30
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.05)
    yield yaml.safe_load(file.read_text())["address"], workers
    for process in (*workers, scheduler):
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()


@pytest.fixture
def config(tiny, tmp_path):
    """A sweep of 24 quick runs, as a file."""
    parameters = {"model.init": ["he_normal", "xavier_normal"], "seed": "range(12)"}
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump({**tiny, "sweep": {"parameters": parameters}}))
    return path


def content(results):
    """The bytes that a sweep promises, by file."""
    paths = [p for name in ("metrics.csv", "stats.npz") for p in results.glob(f"*/*/{name}")]
    return {path.relative_to(results): path.read_bytes() for path in paths}


def swept_with_a_death(config, results, address, victim, *more):
    """Sweep on a cluster, and kill a worker when some runs are done."""
    command = [sys.executable, "-m", "actlab", "sweep", config, "--results", results, "--no-plot"]
    command += ["--executor", "dask", "--scheduler", address, *more]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(list(map(str, command)), **pipe)
    until = time.monotonic() + 60
    while len(list(results.glob("*/*/summary.json"))) < 4 and time.monotonic() < until:
        time.sleep(0.005)
    os.killpg(victim.pid, signal.SIGKILL)
    said = "\n".join(process.communicate(timeout=100))
    assert process.returncode == 0 and "24 finished" in said, said


@pytest.mark.parametrize("more", [[], ["--collect"]], ids=["shared", "collected"])
def test_a_dying_worker_loses_nothing(config, cluster, tmp_path, more):
    with ThreadPoolExecutor(1) as executor:
        sweep(plan(config), tmp_path / "here", executor=executor, workers=1)
    address, workers = cluster
    swept_with_a_death(config, tmp_path / "there", address, workers[0], *more)
    assert content(tmp_path / "there") == content(tmp_path / "here")
    assert len(content(tmp_path / "here")) == 48


def test_a_cluster_of_its_own(config, tmp_path):
    command = [sys.executable, "-m", "actlab", "sweep", str(config), "seed=0,1", "--no-plot"]
    command += ["--results", str(tmp_path / "r"), "--executor", "dask", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0 and "4 finished" in done.stdout, done.stderr


def test_a_scheduler_that_is_not_there_is_said(config, tmp_path):
    command = [sys.executable, "-m", "actlab", "sweep", str(config), "--results", str(tmp_path)]
    command += ["--scheduler", "nonsense://127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 2 and "cannot reach" in done.stderr, done.stderr
