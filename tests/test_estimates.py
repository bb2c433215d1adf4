"""What is said of a run before it starts: counts and durations in words, and a steady speed."""

import time

import pytest

from actlab import costs
from actlab.experiment import load


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.1 seconds"),
        (0.34, "0.3 seconds"),
        (0.96, "1 second"),
        (1.4, "1 second"),
        (1.6, "2 seconds"),
        (119.4, "119 seconds"),
        (119.6, "2 minutes"),
        (7199, "120 minutes"),
        (9000, "2.5 hours"),
    ],
)
def test_durations_read_well_behind_about(seconds, words):
    assert costs.duration(seconds) == words


def test_one_is_singular():
    assert [costs.counted(n, "run") for n in (0, 1, 2, 1000)] == [
        "0 runs", "1 run", "2 runs", "1,000 runs"
    ]  # fmt: skip


def test_the_largest_of_several_is_named(tiny):
    wide = load({**tiny, "model": {"depth": 2, "width": 100}})
    said = costs.most([load(tiny), wide])
    assert f"{costs.costs(wide).parameters:,} parameters" in said


@pytest.fixture
def timed(monkeypatch):
    """The speed found, and the seconds rested, if the products take these times by the clock."""

    def speed(times):
        ticks, waits = iter(times), []
        started, now = [False], [0.0]

        def clock():
            now[0] += next(ticks) if started[0] else 0.0
            started[0] = not started[0]
            return now[0]

        costs._operations_per_second.cache_clear()
        monkeypatch.setattr(time, "perf_counter", clock)
        monkeypatch.setattr(time, "sleep", waits.append)
        try:
            return costs._operations_per_second(), sum(waits)
        finally:
            monkeypatch.undo()
            costs._operations_per_second.cache_clear()

    return speed


def test_the_speed_is_that_of_the_least_disturbed_product(timed):
    number = costs.ROUNDS * costs.PRODUCTS
    quiet, waited = timed([0.001] * number)
    disturbed, _ = timed([0.1] * (number - 1) + [0.001])
    slow, _ = timed([0.1] * number)
    assert disturbed == pytest.approx(quiet) and slow == pytest.approx(quiet / 100)
    assert waited < 0.1
