"""Measures of preprocessed rows, on rows whose spreads and correlations are known."""

import numpy as np
import pytest

from actlab.claims.measures import inputs
from actlab.claims.measures.base import Unmeasured
from actlab.claims.measures.inputs import Covariance, PixelStdSpread, SamplingError
from actlab.experiment import load

ROWS = 400


@pytest.fixture
def experiment_on(tmp_path, monkeypatch):
    """A function that makes an experiment of training rows, and of steps to put them through."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(inputs, "_kept", {})

    def made(x, preprocess="none", test=None):
        labels = np.arange(len(x)) % 2
        test = x if test is None else test
        np.savez("mine.npz", x_train=x, y_train=labels, x_test=test, y_test=labels[: len(test)])
        source = {"name": "npz", "file": "mine.npz", "validation": 0}
        return load({"data": {"source": source, "preprocess": preprocess}})

    return made


def signs(n, features):
    """Columns of -1 and 1, each of mean 0 and std 1, no two of them correlated."""
    return np.array([(-1.0) ** (np.arange(n) >> k) for k in range(features)]).T


def test_spread_of_pixels(experiment_on):
    x = signs(ROWS - ROWS % 16, 3) * [1, 2, 4] + [5, 6, 7]
    stds = np.array([1, 2, 4])
    found = PixelStdSpread().of_experiment(experiment_on(x))
    assert found == pytest.approx(4)
    varied = PixelStdSpread(summary="variation").of_experiment(experiment_on(x))
    assert varied == pytest.approx(stds.std() / stds.mean())


def test_standardized_pixels_are_alike(experiment_on):
    x = signs(ROWS - ROWS % 16, 3) * [1, 2, 4]
    experiment = experiment_on(x, "standardize")
    assert PixelStdSpread().of_experiment(experiment) == pytest.approx(1)
    assert PixelStdSpread(summary="variation").of_experiment(experiment) == pytest.approx(
        0, abs=1e-9
    )


def test_a_pixel_that_never_varies_has_no_ratio(experiment_on):
    with pytest.raises(Unmeasured, match="does not vary"):
        PixelStdSpread().of_experiment(experiment_on(signs(ROWS, 3) * [1, 2, 0]))


@pytest.mark.parametrize("n", [10, 40, 160])
def test_error_of_a_mean_is_that_of_drawing_without_replacement(experiment_on, n):
    x = np.random.default_rng(0).normal(50, 3, size=(ROWS, 900))
    experiment = experiment_on(x, [{"name": "mean_image", "sample": n}])
    expected = np.sqrt((ROWS - n) / (n * (ROWS - 1)))
    assert SamplingError().of_experiment(experiment) == pytest.approx(expected, rel=0.1)


def test_all_rows_are_no_sample(experiment_on):
    x = np.random.default_rng(0).normal(size=(ROWS, 5))
    everything = experiment_on(x, [{"name": "mean_image", "sample": ROWS}])
    assert SamplingError().of_experiment(everything) == 0
    assert SamplingError().series(experiment_on(x, "mean_image")) is None


def test_the_curve_of_the_error_falls_as_the_root_of_the_sample(experiment_on):
    x = np.random.default_rng(0).normal(size=(ROWS, 900))
    series = SamplingError().series(experiment_on(x, [{"name": "mean_image", "sample": 8}]))
    n = np.array(series.x)
    assert np.allclose(series.y, np.sqrt((ROWS - n) / (n * (ROWS - 1))), rtol=0.15)


def correlated(correlation):
    """Two features of this correlation, exactly."""
    a, b = signs(16, 2).T
    return np.stack([a, correlation * a + np.sqrt(1 - correlation**2) * b], axis=1) * [3, 50]


def test_covariance_before_and_after_each_step(experiment_on):
    x = correlated(0.6)
    assert Covariance().of_experiment(experiment_on(x)) == pytest.approx(0.6)
    assert Covariance().of_experiment(experiment_on(x, "standardize")) == pytest.approx(0.6)
    assert Covariance().of_experiment(experiment_on(x, "pca")) < 1e-9
    assert Covariance().of_experiment(experiment_on(x, "whiten")) < 1e-9
    whitened = experiment_on(x, [{"name": "whiten", "epsilon": 1e-12}])
    assert Covariance(near="identity").of_experiment(whitened) < 1e-9


def test_pca_alone_is_not_the_identity(experiment_on):
    """A diagonal covariance of 9 and about 2,500 is no identity."""
    found = Covariance(near="identity").of_experiment(experiment_on(correlated(0.0), "pca"))
    assert found == pytest.approx(2499)


def test_epsilon_keeps_whitening_from_the_identity(experiment_on):
    """C = s / (s + epsilon) for variances s."""
    experiment = experiment_on(signs(16, 2), [{"name": "whiten", "epsilon": 1.0}])
    assert Covariance(near="identity").of_experiment(experiment) == pytest.approx(0.5)


def test_other_rows_have_another_covariance(experiment_on):
    experiment = experiment_on(correlated(0.6), "pca", test=correlated(-0.6))
    assert Covariance().of_experiment(experiment) < 1e-9
    assert Covariance(split="test").of_experiment(experiment) > 0.1


def test_too_few_rows_have_no_covariance(experiment_on):
    few = experiment_on(correlated(0.6), test=correlated(0.6)[:1])
    with pytest.raises(Unmeasured, match="too few rows"):
        Covariance(split="test").of_experiment(few)


def test_steps_of_whole_images_have_no_covariance():
    source = {"name": "synthetic", "train": 10, "validation": 0, "test": 0}
    experiment = load({"data": {"source": source, "preprocess": "channel_mean"}})
    with pytest.raises(Unmeasured, match="whole images"):
        Covariance().of_experiment(experiment)


def test_components_must_be_among_the_features(experiment_on):
    x = np.random.default_rng(0).normal(size=(ROWS, 9))
    wide = experiment_on(x, [{"name": "pca", "components": 8}])
    with pytest.raises(Unmeasured, match="cannot keep 8 components of 4 features"):
        Covariance(features=4).of_experiment(wide)


def test_data_are_kept_within_bounds(monkeypatch):
    monkeypatch.setattr(inputs, "_kept", {})
    monkeypatch.setattr(inputs, "KEPT", 2 * 10 * 3072)
    source = {"name": "synthetic", "train": 10, "validation": 0, "test": 0}
    for seed in [0, 0, 1, 2]:
        PixelStdSpread().of_experiment(load({"seed": seed, "data": {"source": source}}))
    assert [seed for _, seed, _ in inputs._kept] == [1, 2]
