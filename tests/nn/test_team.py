"""A team does every task once, whoever does it, and passes faults on."""

import threading
from functools import partial

import numpy as np
import pytest

from actlab.nn.team import Team

SECONDS = 20
"""After which a test gives up waiting for a thread that should have come."""


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_task_is_done_once(threads):
    seen = []
    with Team(threads) as team:
        for count in (0, 1, 5):
            seen.clear()
            team.together(partial(seen.append, k) for k in range(count))
            assert sorted(seen) == list(range(count))


def test_tasks_are_done_at_the_same_time():
    met = threading.Barrier(2)
    with Team(2) as team:
        team.together([partial(met.wait, SECONDS), partial(met.wait, SECONDS)])


def test_a_helper_does_what_was_started_while_the_caller_is_busy():
    done = threading.Event()
    with Team(2) as team:
        team.start(done.set)
        assert done.wait(SECONDS)
        team.finish()


def test_alone_the_caller_does_what_was_started_in_the_end():
    seen = []
    with Team(1) as team:
        team.together([partial(seen.append, "now")], later=[partial(seen.append, "later")])
        assert seen == ["now"]
        team.finish()
        assert seen == ["now", "later"]
        team.finish()
    assert seen == ["now", "later"]


def test_nobody_waits_for_what_may_come_later():
    begun, go_on = threading.Event(), threading.Event()

    def later():
        begun.set()
        assert go_on.wait(SECONDS)

    with Team(2) as team:
        team.together([lambda: None], later=[later])
        assert begun.wait(SECONDS)
        go_on.set()
        team.finish()


def test_tasks_may_start_tasks_and_share_their_own():
    seen = []
    with Team(2) as team:

        def task(k):
            team.start(partial(seen.append, 10 + k))
            team.together([partial(seen.append, k), partial(seen.append, 5 + k)])

        team.together([partial(task, 0), partial(task, 1)])
        team.finish()
    assert sorted(seen) == [0, 1, 5, 6, 10, 11]


def test_results_come_in_the_order_of_their_arguments():
    with Team(3) as team:
        assert team.each(divmod, [(7, 2), (9, 4)]) == [(3, 1), (2, 1)]
        assert team.each(divmod, []) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_a_fault_is_raised_when_all_have_ended(threads):
    seen = []
    with Team(threads) as team:
        with pytest.raises(ZeroDivisionError):
            team.together([lambda: 1 / 0, partial(seen.append, 1), partial(seen.append, 2)])
        assert sorted(seen) == [1, 2]
        with pytest.raises(KeyError):
            team.together([partial(seen.append, 3), lambda: {}["x"]])
        team.start(lambda: [][0])
        with pytest.raises(IndexError):
            team.finish()
        team.together([partial(seen.append, 4)])
    assert seen[-1] == 4


@pytest.mark.parametrize("threads", [1, 2])
def test_numpy_warns_of_nothing_in_a_task(threads):
    zero = np.zeros(2)
    with Team(threads) as team:
        team.together([lambda: 1 / zero, lambda: np.log(zero)])
        team.start(lambda: 1 / zero)
        team.finish()
    with pytest.warns(RuntimeWarning, match="divide"):
        1 / zero
