"""PCA, whitening and ZCA: covariances, components, few rows, and what they cost."""

import tracemalloc

import numpy as np
import pytest

from actlab.config import ConfigError
from actlab.costs import costs
from actlab.data.dataset import DataError, Split
from actlab.data.preprocessing import pipeline
from actlab.data.preprocessing.centering import MeanImage, Scale, Standardize
from actlab.data.preprocessing.rows import Rows
from actlab.data.preprocessing.transforms import Affine, Linear
from actlab.data.preprocessing.whitening import PCA, ZCA, Whiten
from actlab.experiment import load
from actlab.running import run

FEATURES = 48
ROTATIONS = pytest.mark.parametrize("step", [PCA(), Whiten(), ZCA()], ids=lambda s: s.name)


@pytest.fixture(scope="module")
def train():
    """Bytes whose features are correlated and differ in mean and spread."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=(2500, 12)) @ rng.normal(size=(12, FEATURES)) * 9
    x = base + rng.normal(size=base.shape) * 12 + rng.uniform(90, 150, FEATURES)
    return Split(np.clip(x, 0, 255).astype(np.uint8), np.zeros(2500, np.int64))


def fitted(train, *steps, dtype=np.float64):
    return pipeline.fit(steps, train, (3, 4, 4), dtype=dtype)


def covariance(y):
    return np.cov(y.T, bias=True)


def test_sums_of_bytes_are_those_of_float64(train):
    x = train.x.astype(float)
    rows = Rows(train.x, np.arange(len(x)))
    mean, variance = rows.moments()
    np.testing.assert_allclose(mean, x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(variance, x.var(axis=0), rtol=1e-13)
    np.testing.assert_allclose(rows.covariance()[1], covariance(x), rtol=1e-12, atol=1e-10)


def test_statistics_pass_through_an_affine_step(train):
    affine = Affine(np.linspace(-1, 2, FEATURES), np.arange(FEATURES))
    y = affine.apply(train.x)
    rows = Rows(train.x, np.arange(len(y)), (affine,))
    for found, expected in zip(rows.moments(), (y.mean(axis=0), y.var(axis=0)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(rows.covariance()[0], y.mean(axis=0))
    np.testing.assert_allclose(rows.covariance()[1], covariance(y), rtol=1e-10, atol=1e-9)


def test_the_extremes_of_bytes_still_add_up_exactly():
    x = np.zeros((3000, 2), np.uint8)
    x[::2, 0] = 255
    mean, found = Rows(x, np.arange(3000)).covariance()
    np.testing.assert_array_equal(mean, [127.5, 0])
    np.testing.assert_array_equal(found, [[127.5**2, 0], [0, 0]])


@pytest.mark.parametrize("value", [0.1, 1e7 + 0.3])
def test_a_constant_float_feature_has_no_variance(value):
    x = np.full((2500, 2), value)
    x[:, 1] = np.arange(2500)
    done = fitted(Split(x, np.zeros(2500, np.int64)), Standardize())
    assert Rows(x, np.arange(2500)).moments()[1][0] == 0
    np.testing.assert_allclose(done.apply(x)[:, 0], 0, atol=1e-8)


def test_pca_decorrelates_and_puts_the_largest_first(train):
    found = covariance(fitted(train, PCA()).apply(train.x))
    variances = np.diag(found)
    np.testing.assert_allclose(found, np.diag(variances), atol=1e-9)
    assert (np.diff(variances) < 0).all()
    assert variances.sum() == pytest.approx(train.x.var(axis=0).sum())


@pytest.mark.parametrize("step", [Whiten(), ZCA()], ids=lambda s: s.name)
def test_whitened_rows_have_the_identity_covariance_up_to_epsilon(train, step):
    y = fitted(train, step).apply(train.x)
    np.testing.assert_allclose(covariance(y), np.eye(FEATURES), atol=1e-6)
    blurred = fitted(train, step.model_copy(update={"epsilon": 50.0})).apply(train.x)
    values = np.linalg.eigvalsh(covariance(train.x))
    expected = np.sort(values / (values + 50))
    np.testing.assert_allclose(np.linalg.eigvalsh(covariance(blurred)), expected, atol=1e-10)


def test_components_keep_most_of_the_variance_and_come_back(train):
    done = fitted(train, PCA(components=20))
    y = done.apply(train.x)
    assert y.shape == (2500, 20) and done.features == 20
    np.testing.assert_allclose(y, fitted(train, PCA()).apply(train.x)[:, :20])
    lost = np.square(done.invert(y) - train.x).sum(axis=1).mean()
    dropped = np.linalg.eigvalsh(covariance(train.x))[: FEATURES - 20].sum()
    assert lost == pytest.approx(dropped)
    np.testing.assert_allclose(done.apply(done.invert(y)), y, atol=1e-9)


def test_zca_is_symmetric_and_moves_rows_least(train):
    zca, whiten = (fitted(train, step).steps[0] for step in (ZCA(), Whiten()))
    np.testing.assert_array_equal(zca.matrix, zca.matrix.T)
    assert np.linalg.eigvalsh(zca.matrix).min() > 0
    standard = fitted(train, Standardize()).apply(train.x)
    moved = [np.square(done.apply(train.x) - standard).mean() for done in (zca, whiten)]
    assert moved[0] < 0.6 * moved[1]
    y = zca.apply(train.x)
    likeness = np.array([np.corrcoef(standard[:, k], y[:, k])[0, 1] for k in range(FEATURES)])
    assert likeness.min() > 0.3


@ROTATIONS
def test_fewer_rows_than_features(train, step):
    few = fitted(train, Scale(), step.model_copy(update={"sample": 20}), dtype=np.float32)
    y = few.apply(train.x)
    assert y.shape == (2500, FEATURES) and np.isfinite(y).all()
    tiny = Split(train.x[:5], train.labels[:5])
    done = fitted(tiny, Scale(), step)
    np.testing.assert_allclose(done.invert(done.apply(tiny.x)), tiny.x, atol=1e-6)
    one = fitted(Split(train.x[:1], train.labels[:1]), step)
    np.testing.assert_allclose(one.apply(train.x[:1]), 0, atol=1e-9)


@ROTATIONS
def test_only_the_training_split_and_only_the_sample_counts(train, step):
    sampled = step.model_copy(update={"sample": 400})
    one, again, other = (
        pipeline.fit([sampled], train, (3, 4, 4), seed=seed).apply(train.x[:9])
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other)


@ROTATIONS
def test_earlier_affine_steps_fold_into_one_map(train, step):
    done = fitted(train, Scale(), MeanImage(), step)
    (only,) = done.steps
    assert isinstance(only, Linear)
    x = fitted(train, Scale(), MeanImage()).apply(train.x)
    apart = fitted(Split(x, train.labels), step)
    np.testing.assert_allclose(np.abs(done.apply(train.x)), np.abs(apart.apply(x)), atol=1e-7)
    np.testing.assert_allclose(done.invert(done.apply(train.x)), train.x, atol=1e-7)


def test_steps_after_a_rotation_see_rotated_rows(train):
    y = fitted(train, Scale(), PCA(components=6), Standardize()).apply(train.x)
    assert y.shape == (2500, 6)
    np.testing.assert_allclose(covariance(y), np.eye(6), atol=1e-9)


@ROTATIONS
def test_the_sign_does_not_depend_on_chance(train, step, monkeypatch):
    eigh = np.linalg.eigh
    y = fitted(train, step).apply(train.x)
    monkeypatch.setattr(np.linalg, "eigh", lambda a: (eigh(a)[0], -eigh(a)[1]))
    np.testing.assert_allclose(fitted(train, step).apply(train.x), y)


@ROTATIONS
def test_a_batch_allocates_no_more_than_one_work_array(train, step):
    done = fitted(train, Scale(), MeanImage(), step, dtype=np.float32)
    x, out = train.x, np.empty(train.x.shape, np.float32)
    done.apply(x, out)
    tracemalloc.start()
    assert done.apply(x, out) is out
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.2 * out.nbytes


def test_the_network_is_as_wide_as_the_components(tiny):
    tiny["data"]["preprocess"] = {"name": "pca", "components": 7}
    experiment = load(tiny)
    assert experiment.data.features == 7
    assert costs(experiment).parameters == 7 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10
    assert run(experiment).status == "finished"


def test_more_components_than_features_are_refused(tiny):
    tiny["data"]["preprocess"] = {"name": "pca", "components": 30}
    with pytest.raises(DataError, match="cannot keep 30 components of 20 features; set components"):
        costs(load(tiny))


def test_channels_are_gone_after_a_rotation():
    load({"data": {"preprocess": ["zca", "channel_mean"]}})
    with pytest.raises(ConfigError, match="'channel_mean' needs images, which 'pca' does not give"):
        load({"data": {"preprocess": ["scale", "pca", "channel_mean"]}})
