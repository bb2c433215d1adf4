"""From numbers to words: effects, intervals, thresholds, conditions."""

from math import nan
from pathlib import Path

import numpy as np
import pytest

from actlab.claims.case import read_case
from actlab.claims.claim import Check, Threshold
from actlab.claims.evidence import Evidence
from actlab.claims.judging import Effect, Finding, Word, _together, examine, judge, placed
from actlab.claims.measures.base import Unmeasured
from actlab.claims.measures.cost_ratio import CostRatio
from actlab.claims.measures.metric import Metric
from actlab.config import ConfigError, write
from actlab.sweeping.spec import matches

WHY = {"holds": {"above": 0.0}, "because": "it should"}


class Numbers(Evidence):
    """Evidence whose measures are made up: a number per variant and seed."""

    def __init__(self, case, numbers):
        super().__init__(case, None)
        self.numbers = numbers

    def _of(self, measure, variant):
        settings = dict(variant.settings)
        for pattern, by_seed in self.numbers:
            if matches({k: v for k, v in settings.items() if k in pattern}, pattern):
                return by_seed[variant.experiment.seed]
        raise Unmeasured("made up no number")


@pytest.fixture
def case(tmp_path):
    """Two variants at three depths, five seeds each."""
    config = {
        "train": {"epochs": 0},
        "sweep": {
            "variants": {"plain": {}, "dropout": {"regularization": {"dropout": 0.5}}},
            "parameters": {"model.depth": [1, 2, 3], "seed": "range(5)"},
        },
        "claims": [{"id": "X", "says": "x", "checks": [{"measure": "metric", **WHY}]}],
    }
    path = tmp_path / "x.yaml"
    path.write_text(write(config))
    return read_case(path)


def check(**settings):
    return Check.model_validate({"measure": Metric(), **WHY, **settings})


PLAIN, DROPOUT = {"variant": "plain"}, {"variant": "dropout"}


def test_an_effect_is_the_mean_over_seeds_with_its_t_interval(case):
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    found = examine(check(of="plain"), Numbers(case, [(PLAIN, values)])).effect
    half = 2.776445105 * np.std(values, ddof=1) / np.sqrt(5)
    assert found.mean == 3
    assert found.high - found.mean == pytest.approx(half) == found.mean - found.low


def test_differences_are_taken_seed_by_seed(case):
    """What seeds have in common drops out: here all of the spread."""
    spread = [10.0, 20.0, 30.0, 40.0, 50.0]
    numbers = [(PLAIN, spread), (DROPOUT, [x + 1 for x in spread])]
    found = examine(check(of="dropout", against="plain"), Numbers(case, numbers))
    assert found.effect == Effect(1, 1, 1, (1,) * 5)
    assert found.word is Word.HOLDS


def test_ratios_have_a_geometric_mean(case):
    numbers = [(PLAIN, [1.0] * 5), (DROPOUT, [2.0, 8.0, 4.0, 4.0, 4.0])]
    found = examine(check(of="dropout", against="plain", by="ratio"), Numbers(case, numbers))
    assert found.effect.mean == pytest.approx(4)
    assert found.effect.low < 4 < found.effect.high
    assert found.effect.high / 4 == pytest.approx(4 / found.effect.low)


def test_no_ratio_to_zero(case):
    numbers = [(PLAIN, [0.0] * 5), (DROPOUT, [2.0] * 5)]
    found = examine(check(of="dropout", against="plain", by="ratio"), Numbers(case, numbers))
    assert found.word is Word.UNKNOWN and "no ratio" in found.why


def test_a_trend_is_spearmans_correlation_within_each_seed(case):
    depths = [({"model.depth": d}, [d**3.0 + 100 * s for s in range(5)]) for d in (1, 2, 3)]
    found = examine(check(of="plain", over="model.depth"), Numbers(case, depths))
    assert found.effect.mean == pytest.approx(1)
    falling = [({"model.depth": d}, [float(-d)] * 5) for d in (1, 2, 3)]
    found = examine(check(of="plain", over="model.depth"), Numbers(case, falling))
    assert found.effect.mean == pytest.approx(-1) and found.word is Word.FAILS


def test_a_trend_of_differences_is_not_that_of_either(case):
    """Both rise with depth; the one by less, so what it adds falls."""
    depths = [({**DROPOUT, "model.depth": d}, [10.0 * d] * 5) for d in (1, 2, 3)]
    depths += [({**PLAIN, "model.depth": d}, [11.0 * d + s for s in range(5)]) for d in (1, 2, 3)]
    asked = check(of="dropout", against="plain", over="model.depth")
    found = examine(asked, Numbers(case, depths))
    assert found.effect == Effect(-1, -1, -1, (-1,) * 5)
    assert {one.value for one in found.measured if one.seed == 0} == {-1, -2, -3}


def test_a_trend_of_equal_numbers_is_none(case):
    found = examine(check(of="plain", over="model.depth"), Numbers(case, [(PLAIN, [1.0] * 5)]))
    assert found.word is Word.UNKNOWN


def test_an_order_is_as_good_as_its_worst_step(case):
    depths = [({"model.depth": d}, [float(v)] * 5) for d, v in ((1, 9), (2, 5), (3, 4.5))]
    order = [{"model.depth": d} for d in (1, 2, 3)]
    found = examine(check(order=order), Numbers(case, depths))
    assert found.effect.mean == pytest.approx(0.5) and found.word is Word.HOLDS
    wrong = examine(check(order=order[::-1]), Numbers(case, depths))
    assert wrong.effect.mean == pytest.approx(-4) and wrong.word is Word.FAILS


def test_what_two_checks_ask_for_is_measured_once(case):
    """A time would otherwise hold in one check and fail in the next."""
    evidence, measure = Evidence(case, Path()), CostRatio(activation="tanh", rounds=1, units=2)
    assert evidence.exact(measure) == evidence.exact(measure)
    assert {one.seed for one in evidence.exact(measure)} == {0, 1, 2, 3, 4}


def test_runs_without_a_number_are_left_out_and_said_so(case):
    numbers = [({"model.depth": [1, 2]}, [1.0] * 5)]
    found = examine(check(of="plain"), Numbers(case, numbers))
    assert found.word is Word.HOLDS and "without 5 of 15 runs" in found.why
    most = examine(check(of="plain"), Numbers(case, [({"model.depth": 1}, [1.0] * 5)]))
    assert most.word is Word.UNKNOWN and "10 of 15" in most.why


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.1, 0.2, Word.HOLDS), (-0.2, -0.1, Word.FAILS), (-0.1, 0.1, Word.UNKNOWN)],
)
def test_the_whole_interval_must_lie_on_one_side(low, high, word):
    assert placed(Effect((low + high) / 2, low, high), Threshold(above=0.0)) is word


def test_equality_needs_the_whole_interval_within():
    near = Threshold(equals=1.0, within=0.1)
    assert placed(Effect(1, 0.95, 1.05), near) is Word.HOLDS
    assert placed(Effect(1, 0.8, 1.2), near) is Word.UNKNOWN
    assert placed(Effect(2, 1.9, 2.1), near) is Word.FAILS


def test_one_seed_tells_nothing(tmp_path):
    path = tmp_path / "x.yaml"
    claims = [{"id": "X", "says": "x", "checks": [{"measure": "metric", **WHY}]}]
    config = {"train": {"epochs": 0}, "claims": claims}
    path.write_text(write(config))
    with pytest.raises(ConfigError, match="a single seed gives no interval; sweep more"):
        read_case(path)
    path.write_text(write(config | {"sweep": {"parameters": {"seed": "range(2)"}}}))
    found = examine(check(), Numbers(read_case(path), [({"seed": 1}, [nan, 1.0])]))
    assert found.word is Word.UNKNOWN and "single seed" in found.why


def finding(word, when=""):
    return Finding(check(when=when), word, Effect(0, 0, 0), "why")


@pytest.mark.parametrize(
    ("findings", "word"),
    [
        ([(Word.HOLDS, ""), (Word.HOLDS, "")], Word.HOLDS),
        ([(Word.HOLDS, ""), (Word.FAILS, "")], Word.FAILS),
        ([(Word.HOLDS, ""), (Word.UNKNOWN, "")], Word.UNKNOWN),
        ([(Word.FAILS, ""), (Word.UNKNOWN, "")], Word.FAILS),
        ([(Word.HOLDS, "wide"), (Word.FAILS, "narrow")], Word.DEPENDS),
        ([(Word.HOLDS, "wide"), (Word.HOLDS, "narrow")], Word.HOLDS),
        ([(Word.FAILS, "wide"), (Word.FAILS, "narrow")], Word.FAILS),
        ([(Word.HOLDS, "narrow"), (Word.UNKNOWN, "wide")], Word.DEPENDS),
        ([(Word.FAILS, "wide"), (Word.UNKNOWN, "narrow")], Word.FAILS),
        ([(Word.FAILS, ""), (Word.HOLDS, "wide"), (Word.FAILS, "narrow")], Word.FAILS),
    ],
)
def test_conditions_make_a_claim_depend(findings, word):
    found, why = _together([finding(*one) for one in findings])
    assert found is word
    if word is Word.DEPENDS:
        assert why in ("holds wide; not narrow", "holds narrow; the seeds do not tell wide")


def test_a_verdict_shows_what_goes_against_it(case):
    claim = case.claims[0].model_copy(
        update={"checks": (check(of="plain"), check(of="dropout", says="the second"))}
    )
    numbers = Numbers(case, [(PLAIN, [1.0] * 5), (DROPOUT, [-1.0] * 5)])
    verdict = judge(claim, numbers)
    assert verdict.word is Word.FAILS
    assert verdict.decisive.check.says == "the second" and "the second" in verdict.why
