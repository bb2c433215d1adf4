"""Sweeps train every variant once, whatever happens to the processes that do it."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from actlab import working
from actlab.execution import Processes, _inherited
from actlab.locks import locked
from actlab.store import read_summary
from actlab.sweeping.plan import plan
from actlab.sweeping.queue import Queue
from actlab.sweeping.sweep import Orders, conduct, job_of, sweep


@pytest.fixture
def config(tiny, tmp_path):
    """A sweep of eight quick runs, as a file."""
    swept = {"parameters": {"model.init": ["he_normal", "xavier_normal"], "seed": "range(4)"}}
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump({**tiny, "sweep": swept}))
    return path


def in_threads(config, results, *assignments, **orders):
    """A sweep without processes."""
    with ThreadPoolExecutor(2) as executor:
        return sweep(plan(config, assignments), results, executor=executor, workers=2, **orders)


def content(results):
    """The bytes that a sweep promises, by file."""
    paths = [p for name in ("metrics.csv", "stats.npz") for p in results.glob(f"*/*/{name}")]
    return {path.relative_to(results): path.read_bytes() for path in paths}


@pytest.fixture
def undisturbed(config, tmp_path):
    """The bytes of all runs of a sweep that nothing disturbed."""
    in_threads(config, tmp_path / "undisturbed")
    return content(tmp_path / "undisturbed")


def command(config, results, *more):
    """The command that trains it with two workers."""
    more = ("--results", str(results), "--workers", "2", "--no-plot", *more)
    return [sys.executable, "-m", "actlab", "sweep", str(config), *more]


def test_processes_and_threads_give_the_same_bytes(config, undisturbed, tmp_path):
    report = sweep(plan(config), tmp_path / "r", workers=2)
    assert report.statuses == {"finished": 8} and report.trained == 8
    assert content(tmp_path / "r") == undisturbed and len(undisturbed) == 16
    assert in_threads(config, tmp_path / "r").trained == 0


def test_what_a_sweep_leaves_behind(config, tmp_path):
    in_threads(config, tmp_path)
    found = yaml.safe_load((tmp_path / "s" / "sweep.yaml").read_text())
    assert found["keys"] == ["model.init", "seed"] and found["versions"]["numpy"]
    assert set(found["variants"]) == {p.name for p in (tmp_path / "s").iterdir() if p.is_dir()} - {
        ".locks"
    }
    rows = (tmp_path / "s" / "results.csv").read_text().splitlines()
    assert len(rows) == 9 and rows[0].startswith("label,model.init,seed,status,train_loss")
    assert list((tmp_path / "s" / ".locks").iterdir()) == []


def test_diverged_is_a_result_and_can_be_run_again(config, tmp_path):
    report = in_threads(config, tmp_path, "train.lr=1e38")
    assert report.statuses == {"diverged": 8}
    assert in_threads(config, tmp_path, "train.lr=1e38").trained == 0
    assert in_threads(config, tmp_path, "train.lr=1e38", rerun=["diverged"]).trained == 8


def test_failures_do_not_stop_the_others(config, tmp_path, monkeypatch):
    train = working.run

    def sometimes(experiment, *arguments, **settings):
        if experiment.seed == 1:
            monkeypatch.setattr("actlab.training.build", lambda *_: 1 / 0)
        record = train(experiment, *arguments, **settings)
        monkeypatch.undo()
        monkeypatch.setattr(working, "run", sometimes)
        return record

    monkeypatch.setattr(working, "run", sometimes)
    with ThreadPoolExecutor(1) as executor:
        report = sweep(plan(config), tmp_path, executor=executor, workers=1)
        assert report.statuses == {"finished": 6, "failed": 2}
    monkeypatch.setattr(working, "run", train)
    assert in_threads(config, tmp_path).statuses["failed"] == 2
    assert in_threads(config, tmp_path, rerun=["failed"]).statuses == {"finished": 8}


def test_too_many_failures_stop_a_sweep(config, tmp_path, monkeypatch):
    monkeypatch.setattr("actlab.training.build", lambda *_: 1 / 0)
    from actlab.execution import Borrowed

    with ThreadPoolExecutor(1) as executor:
        orders = Orders(tmp_path, most_failures=2)
        report = conduct(plan(config), orders, Borrowed(executor, lambda: 1))
    assert report.stopped and report.statuses == {"failed": 2}


def killing(job):
    """Ends the worker that trains the third seed; otherwise works as it should."""
    if job.experiment.seed == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return working.work(job)


def test_a_job_that_kills_its_worker_three_times_fails_and_the_others_do_not(
    config, tmp_path, monkeypatch
):
    monkeypatch.setattr("actlab.sweeping.queue.work", killing)
    crew = Processes(2, 1)
    try:
        report = conduct(plan(config), Orders(tmp_path), crew)
    finally:
        crew.close()
    assert report.statuses == {"finished": 6, "failed": 2}
    failed = [s for p in (tmp_path / "s").iterdir() if (s := read_summary(p)) and s["fault"]]
    assert [s["fault"] for s in failed] == ["ended its worker process 3 times (out of memory?)"] * 2


def test_a_run_that_another_sweep_is_at_is_waited_for_and_not_trained(config, tmp_path):
    made = plan(config, ["seed=0,1"])
    jobs = [job_of(Orders(tmp_path), one.label, one.experiment) for one in made.variants]
    held = jobs[0].results / "s" / ".locks" / jobs[0].experiment.digest
    from actlab.execution import Borrowed

    with ThreadPoolExecutor(1) as executor:
        ended = Queue(jobs, Borrowed(executor, lambda: 1)).outcomes()
        with locked(held, wait=True):
            others = [next(ended)[0].label for _ in jobs[1:]]
            assert jobs[0].label not in others
            working.run(jobs[0].experiment, tmp_path)
        job, outcome = next(ended)
    assert job.label == jobs[0].label and outcome.status == "finished" and not outcome.trained


def test_two_sweeps_at_once_train_each_variant_once(config, undisturbed, tmp_path):
    both = [
        subprocess.Popen(command(config, tmp_path / "r"), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=100)[1] for process in both]
    trained = [
        int(line.split()[0]) for text in said for line in text.splitlines() if " trained" in line
    ]
    assert sum(trained) == 8 and [process.returncode for process in both] == [0, 0], said
    assert content(tmp_path / "r") == undisturbed


def killed_somewhere(arguments, results, moment):
    """Start a sweep and kill its whole process group about when `moment` runs are done."""
    process = subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if len(list(results.glob("*/*/summary.json"))) >= moment:
            break
        time.sleep(0.002)
    time.sleep(random.uniform(0, 0.03))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_and_resume(config, tmp_path, moments):
    """The bytes of a sweep that was killed at these moments, and then left to finish."""
    for moment in moments:
        killed_somewhere(command(config, tmp_path / "r"), tmp_path / "r", moment)
    done = subprocess.run(
        command(config, tmp_path / "r"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "8 finished" in done.stdout, done.stderr
    assert [p for p in (tmp_path / "r").glob("*/*/.*")] == []
    return content(tmp_path / "r")


def test_a_killed_sweep_goes_on_to_the_same_bytes(config, undisturbed, tmp_path):
    assert kill_and_resume(config, tmp_path, [1, 3, 6]) == undisturbed


@pytest.mark.long
@pytest.mark.parametrize("trial", range(10))
def test_a_sweep_killed_at_any_moment_goes_on_to_the_same_bytes(
    config, undisturbed, tmp_path, trial
):
    moments = sorted(random.Random(trial).sample(range(8), 4))
    assert kill_and_resume(config, tmp_path, moments) == undisturbed


def test_workers_end_with_a_killed_parent(config, tmp_path):
    """They hold its stderr open while they live."""
    arguments = command(config, tmp_path / "r")
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while not list((tmp_path / "r").glob("*/*/summary.json")):
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=20)


def test_an_interrupt_while_a_worker_starts_is_not_lost_and_does_not_reach_the_worker():
    with pytest.raises(KeyboardInterrupt), _inherited(1):
        os.kill(os.getpid(), signal.SIGINT)
    crew = Processes(1, 1)
    try:
        mask = crew.submit(0, signal.pthread_sigmask, signal.SIG_BLOCK, []).result(timeout=60)
    finally:
        crew.close()
    assert signal.SIGINT in mask


def test_interrupting_keeps_what_is_finished(config, tmp_path):
    arguments = command(config, tmp_path / "r", "seed=range(300)")
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a shell's background jobs ignore the signal, and hand that on to us
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while len(list((tmp_path / "r").glob("*/*/summary.json"))) < 3:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "goes on from here" in said and "Traceback" not in said
    rows = (tmp_path / "r" / "s" / "results.csv").read_text()
    assert rows.count(",finished,") >= 3 and ",missing," in rows


def test_tuning_chooses_by_trials_that_are_runs_themselves(config, tmp_path):
    tune = "tune={train.lr: [1e38, 0.05, 1.0e-9], by: val_loss, epochs: 1}"
    report = in_threads(config, tmp_path, tune)
    assert report.trained == 2 * 3 + 8 and report.statuses == {"finished": 8}
    assert {one.experiment.train.optimizer.lr for one in report.plan.variants} == {0.05}
    assert len([p for p in (tmp_path / "s-tuning").iterdir() if read_summary(p)]) == 6
    found = yaml.safe_load((tmp_path / "s" / "sweep.yaml").read_text())
    assert len(found["tuning"]) == 6
    assert in_threads(config, tmp_path, tune).trained == 0
    assert ",train.lr," in (tmp_path / "s" / "results.csv").read_text().splitlines()[0]


def test_missing_data_fail_and_are_tried_again_when_they_are_there(config, tmp_path):
    report = in_threads(config, tmp_path, "data.source=cifar10", "data.path=/nowhere")
    assert report.statuses == {"failed": 8}
    report = in_threads(config, tmp_path, "data.source=cifar10", "data.path=/nowhere")
    assert report.statuses == {"failed": 8} and report.trained == 0


def test_the_command_lists_its_jobs_before(config, tmp_path):
    done = subprocess.run(
        command(config, tmp_path / "r", "--dry-run"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 8
    assert "8 runs; about" in done.stderr and not (tmp_path / "r").exists()
    assert "init=he_normal,seed=0" in done.stdout.splitlines()[0]


def test_run_and_check_say_what_a_sweep_is(config):
    for name, code, words in (("run", 2, "actlab sweep CONFIG"), ("check", 0, "8 runs; about")):
        done = subprocess.run(
            [sys.executable, "-m", "actlab", name, str(config)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code and words in done.stdout + done.stderr
