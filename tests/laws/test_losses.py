"""The laws of losses: the formula, its gradient, its scale, and what huge scores do to it."""

import numpy as np
import pytest
from cases import parts, title
from scipy.special import log_softmax

from actlab.nn.gradcheck import numerical_gradient, relative_error
from actlab.nn.losses import CrossEntropy, Hinge

BATCH, CLASSES = 6, 5
LOSSES = [*parts("loss"), CrossEntropy(label_smoothing=0.3), Hinge(margin=0.4)]
EVERY = pytest.mark.parametrize("loss", LOSSES, ids=title)
LABELS = np.array([0, 4, 2, 2, 1, 3])


def cross_entropy(loss, scores, labels):
    """Szegedy et al. (2015), section 7: H(q, p) with q = (1 - e) delta + e / K."""
    e, total = loss.label_smoothing, 0.0
    for s, label in zip(scores, labels, strict=True):
        q = [(1 - e) * (k == label) + e / len(s) for k in range(len(s))]
        total -= sum(q_k * log_p for q_k, log_p in zip(q, log_softmax(s), strict=True))
    return total / len(scores)


def hinge(loss, scores, labels):
    """The two loops of CS231n."""
    total = 0.0
    for s, label in zip(scores, labels, strict=True):
        for k in range(len(s)):
            if k != label:
                total += max(0.0, s[k] - s[label] + loss.margin)
    return total / len(scores)


TEXTBOOK = {"cross_entropy": cross_entropy, "hinge": hinge}
"""The formulas once more; a loss without one here fails."""


def scores(size=3.0, dtype=np.float64):
    return (size * np.random.default_rng(2).normal(size=(BATCH, CLASSES))).astype(dtype)


def evaluated(loss, s, labels=LABELS, **keywords):
    return loss.value_and_gradient(s.copy(), labels, **keywords)


@EVERY
def test_value_is_that_of_the_formula(loss):
    assert loss.name in TEXTBOOK, f"write '{loss.name}' down from its paper in TEXTBOOK"
    for size in (0.0, 0.1, 3.0, 100.0):
        expected = TEXTBOOK[loss.name](loss, scores(size), LABELS)
        assert evaluated(loss, scores(size))[0] == pytest.approx(expected, rel=1e-12)


@EVERY
def test_gradient_matches_centred_differences(loss):
    s = scores()
    _, ds = evaluated(loss, s)
    numerical = numerical_gradient(lambda: evaluated(loss, s)[0], s)
    assert relative_error(ds, numerical) < 1e-7


@EVERY
@pytest.mark.parametrize("label", range(CLASSES))
def test_a_gradient_step_favours_the_label_whichever_class_it_is(loss, label):
    s, labels = np.zeros((3, CLASSES)), np.full(3, label)
    value, ds = evaluated(loss, s, labels)
    assert (ds.argmin(axis=1) == label).all() and (ds[:, label] < 0).all()
    assert evaluated(loss, s - 0.1 * ds, labels)[0] < value


@EVERY
def test_gradient_of_each_row_adds_up_to_nothing(loss):
    """Adding the same number to all scores of a row changes no loss."""
    np.testing.assert_allclose(evaluated(loss, scores())[1].sum(axis=1), 0, atol=1e-15)
    shifted = evaluated(loss, scores() + 7.0)[0]
    assert shifted == pytest.approx(evaluated(loss, scores())[0], rel=1e-12)


@EVERY
def test_mean_over_the_batch(loss):
    value, ds = evaluated(loss, scores())
    each = [evaluated(loss, scores()[[k]], LABELS[[k]]) for k in range(BATCH)]
    assert value == pytest.approx(np.mean([v for v, _ in each]), rel=1e-13)
    np.testing.assert_allclose(ds, np.vstack([d for _, d in each]) / BATCH, rtol=1e-12, atol=1e-17)


@EVERY
def test_shares_of_a_batch_add_up_to_the_whole(loss):
    value, ds = evaluated(loss, scores())
    shares = [
        evaluated(loss, scores()[k], LABELS[k], rows=BATCH) for k in (slice(2), slice(2, None))
    ]
    assert sum(v for v, _ in shares) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(np.vstack([d for _, d in shares]), ds, rtol=1e-12)


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_the_gradient_takes_the_place_of_the_scores(loss, dtype):
    s = scores(dtype=dtype)
    value, ds = loss.value_and_gradient(s, LABELS)
    assert ds is s and ds.dtype == dtype and type(value) is float
    expected, gradient = evaluated(loss, scores())
    assert value == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(ds, gradient, atol=1e-6)


@EVERY
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_huge_scores_in_float32(loss, size):
    """Exact in float32: a one-sided row costs the whole lead, or nothing."""
    s = np.zeros((2, CLASSES), np.float32)
    s[:, 3] = size
    for label in (3, 1):
        labels = np.array([label, label])
        value, ds = evaluated(loss, s, labels)
        assert np.isfinite(value) and np.isfinite(ds).all()
        expected = TEXTBOOK[loss.name](loss, s.astype(np.float64), labels)
        assert value == pytest.approx(expected, rel=1e-5, abs=1e-6)


@EVERY
def test_nan_comes_through(loss):
    for column in range(CLASSES):
        s = scores()
        s[1, column] = np.nan
        assert np.isnan(evaluated(loss, s)[0])


def test_first_losses_of_small_weights():
    """ln K for softmax and K - 1 for the hinge: the lecture's sanity check."""
    zeros = np.zeros((BATCH, 10))
    assert CrossEntropy().value_and_gradient(zeros.copy(), LABELS)[0] == pytest.approx(np.log(10))
    assert Hinge().value_and_gradient(zeros.copy(), LABELS)[0] == 9


def test_the_example_of_cs231n():
    """Cat, car and frog; the lecture rounds the losses to 2.9, 0, 12.9 and their mean to 5.27."""
    s = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    each = [Hinge().value_and_gradient(s[[k]], np.array([k]))[0] for k in range(3)]
    assert each == pytest.approx([2.9, 0, 12.9])


def test_smoothing_bounds_what_certainty_can_gain():
    """The loss is least at finite scores, where softmax is the smoothed target."""
    loss, labels = CrossEntropy(label_smoothing=0.1), np.array([2])
    q = np.full((1, CLASSES), 0.1 / CLASSES)
    q[0, 2] += 0.9
    value, ds = loss.value_and_gradient(np.log(q), labels)
    np.testing.assert_allclose(ds, 0, atol=1e-15)
    assert value == pytest.approx(-(q * np.log(q)).sum())
