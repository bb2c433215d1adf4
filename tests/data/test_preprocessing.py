"""Preprocessing: fitted on the training split only, in order, invertible, and right."""

import numpy as np
import pytest
from cases import parts, title

from actlab.data.dataset import Split
from actlab.data.preprocessing import pipeline, rows
from actlab.data.preprocessing.transforms import Affine

SHAPE = (3, 4, 4)


@pytest.fixture(scope="module")
def train():
    """Images whose pixels are correlated and differ in mean and spread."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=(2500, 12)) @ rng.normal(size=(12, 48)) * 9
    x = base + rng.normal(size=(2500, 48)) * 12 + rng.uniform(90, 150, 48)
    return Split(np.clip(x, 0, 255).astype(np.uint8), np.zeros(2500, np.int64))


def fitted(train, *names, dtype=np.float64, **settings):
    steps = [part for name in names for part in parts("preprocessing") if part.name == name]
    steps = [step.model_copy(update=settings) for step in steps]
    return pipeline.fit(steps, train, SHAPE, dtype=dtype)


EVERY_STEP = pytest.mark.parametrize("step", parts("preprocessing"), ids=title)


@EVERY_STEP
def test_round_trip(step, train):
    done = pipeline.fit([step], train, SHAPE, dtype=np.float64)
    np.testing.assert_allclose(done.invert(done.apply(train.x)), train.x, atol=1e-6)


@EVERY_STEP
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_is_kept_and_input_not_written(step, train, dtype):
    done = pipeline.fit([step], train, SHAPE, dtype=dtype)
    x = train.x[:7].copy()
    x.flags.writeable = False
    y = done.apply(x)
    assert y.dtype == dtype and y.shape == (7, done.features)
    np.testing.assert_array_equal(done.apply(x, np.empty_like(y)), y)


@EVERY_STEP
def test_statistics_do_not_depend_on_the_chunks(step, train, monkeypatch):
    whole = pipeline.fit([step], train, SHAPE, dtype=np.float64).apply(train.x)
    monkeypatch.setattr(rows, "CHUNK", 311)
    np.testing.assert_allclose(
        np.abs(pipeline.fit([step], train, SHAPE, dtype=np.float64).apply(train.x)),
        np.abs(whole),
        atol=1e-6,
    )


def test_means_and_spreads(train):
    x = train.x.astype(float)
    np.testing.assert_allclose(fitted(train, "scale").apply(train.x), x / 255)
    np.testing.assert_allclose(fitted(train, "global_mean").apply(train.x), x - x.mean())
    np.testing.assert_allclose(fitted(train, "mean_image").apply(train.x), x - x.mean(axis=0))
    standard = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(fitted(train, "standardize").apply(train.x), standard, atol=1e-12)
    channels = x.reshape(-1, 3, 16)
    centred = channels - channels.mean(axis=(0, 2), keepdims=True)
    found = fitted(train, "channel_mean").apply(train.x).reshape(-1, 3, 16)
    np.testing.assert_allclose(found, centred, atol=1e-12)
    found = fitted(train, "channel_standardize").apply(train.x).reshape(-1, 3, 16)
    np.testing.assert_allclose(found.std(axis=(0, 2)), 1)


def test_whitening_gives_the_identity_covariance(train):
    y = fitted(train, "whiten").apply(train.x)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(y.T, bias=True), np.eye(48), atol=1e-5)


def test_steps_compose_in_order_and_affine_ones_fold(train):
    done = fitted(train, "scale", "mean_image", "standardize")
    assert len(done.steps) == 1 and isinstance(done.steps[0], Affine)
    x = train.x / 255
    expected = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(done.apply(train.x), expected, atol=1e-10)


def test_a_sample_estimates_the_mean(train):
    all_rows = fitted(train, "mean_image").apply(train.x)
    some = fitted(train, "mean_image", sample=400).apply(train.x)
    offset = np.abs(all_rows - some)[0]
    assert 0 < offset.max() < 5 * train.x.std() / np.sqrt(400)


def test_a_constant_feature_is_left_alone():
    x = np.tile(np.array([[7, 1], [7, 3]], np.uint8), (4, 1))
    done = pipeline.fit(
        [part for part in parts("preprocessing") if part.name == "standardize"],
        Split(x, np.zeros(8, np.int64)),
        (2,),
    )
    assert np.isfinite(done.apply(x)).all()
