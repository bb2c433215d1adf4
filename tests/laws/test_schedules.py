"""The laws of schedules: a share of the rate, the full one after warm-up, from paper to factor."""

from math import cos, pi

import numpy as np
import pytest
from cases import parts, title

from actlab.config import ConfigError
from actlab.experiment import load
from actlab.nn.schedules.constant import ConstantRate
from actlab.nn.schedules.cosine import CosineRate
from actlab.nn.schedules.step import StepRate
from actlab.running import run

EVERY = pytest.mark.parametrize("schedule", parts("schedule"), ids=title)
TIMES = np.linspace(0, 1, 1001)


@EVERY
def test_starts_at_the_full_rate_and_never_rises(schedule):
    factors = [schedule.factor(t) for t in TIMES]
    assert factors[0] == 1 and min(factors) >= 0
    assert (np.diff(factors) <= 1e-15).all()


@EVERY
def test_warm_up_rises_linearly_to_the_full_rate(schedule):
    warm = type(schedule)(warmup=0.2)
    assert [warm.factor(t) for t in (0, 0.05, 0.1, 0.15)] == pytest.approx([0, 0.25, 0.5, 0.75])
    assert warm.factor(0.2) == 1
    assert warm.factor(1.0) == pytest.approx(schedule.factor(1.0))


def test_constant():
    assert {ConstantRate().factor(t) for t in TIMES} == {1.0}


def test_step_drops_at_its_milestones():
    schedule = StepRate(milestones=(0.3, 0.6, 0.9), drop=0.5)
    at = [schedule.factor(t) for t in (0, 0.299, 0.3, 0.599, 0.6, 0.9, 1)]
    assert at == [1, 1, 0.5, 0.5, 0.25, 0.125, 0.125]


@pytest.mark.parametrize("final", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("warmup", [0.0, 0.25])
def test_cosine_is_that_of_the_paper(final, warmup):
    """eta_t = eta_min + (eta_max - eta_min) (1 + cos(T_cur / T_i pi)) / 2."""
    schedule, steps = CosineRate(final=final, warmup=warmup), 80
    warm = round(warmup * steps)
    for step in range(warm, steps + 1):
        wave = 1 + cos((step - warm) / (steps - warm) * pi)
        expected = final + (1 - final) * wave / 2
        assert schedule.factor(step / steps) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"name": "step", "milestones": [0.6, 0.5]}, "milestones must rise between"),
        ({"name": "step", "milestones": [0.5, 1.0]}, "milestones must rise between"),
        ({"name": "step", "milestones": []}, "milestones must rise between"),
        ({"name": "step", "milestones": [0.1], "warmup": 0.2}, "the end of warm-up (0.2) and 1"),
        ({"name": "step", "drop": 1.5}, "must be below 1"),
        ({"name": "cosine", "final": 2}, "must be at most 1"),
        ({"name": "constant", "warmup": 1}, "must be below 1"),
    ],
)
def test_faults(schedule, message):
    with pytest.raises(ConfigError) as caught:
        load({"train": {"schedule": schedule}})
    (fault,) = caught.value.faults
    assert message in str(fault) and "train.schedule" in str(fault)


def test_a_run_follows_its_schedule(tiny):
    tiny["train"] |= {"epochs": 4, "lr": 0.2, "schedule": {"name": "step", "warmup": 0.25}}
    assert [row["lr"] for row in run(load(tiny)).metrics] == pytest.approx(
        [0, 0.2, 0.02, 0.002, 0.002]
    )
