"""Point clouds and spirals: where the points lie, and what can be learned from them."""

import numpy as np
import pytest

from actlab.data.sources.blobs import Blobs
from actlab.data.sources.spiral import Spiral
from actlab.experiment import load
from actlab.running import run


def trained(source, depth, epochs=60):
    """Final metrics of a few relu layers of 50 units, or of softmax regression at depth 0."""
    experiment = load(
        {
            "data": {"source": source},
            "model": {"depth": depth, "width": 50},
            "train": {"epochs": epochs, "batch_size": 50, "lr": 0.1},
            "record": {"probe_examples": 100},
        }
    )
    assert [step.name for step in experiment.data.preprocess] == ["none"]
    return run(experiment).final


def test_an_arm_is_where_its_formula_says():
    x, labels = (
        getattr(Spiral(train=900, noise=0, turns=0.25, classes=4).load(0).train, name)
        for name in ("x", "labels")
    )
    r = np.hypot(*x.T)
    t = np.arctan2(x[:, 0], x[:, 1]) / (2 * np.pi)
    np.testing.assert_allclose((0.25 * r + labels / 4 - t + 0.5) % 1, 0.5, atol=1e-5)
    assert r.min() >= 0 and r.max() <= 1 and abs(r.mean() - 0.5) < 0.05


def test_noise_turns_the_points_and_keeps_their_radius():
    clean, noisy = (Spiral(train=3000, noise=noise).load(0).train.x for noise in (0.0, 0.2))
    np.testing.assert_allclose(np.hypot(*clean.T), np.hypot(*noisy.T), atol=1e-6)
    turned = np.angle(np.dot(noisy, [1j, 1]) / np.dot(clean, [1j, 1]))
    assert turned.std() == pytest.approx(0.2, rel=0.05)


def test_a_straight_line_fails_at_the_spiral_and_two_layers_do_not():
    source = {"name": "spiral", "train": 900, "test": 600}
    assert trained(source, depth=0)["test_accuracy"] < 0.7
    assert trained(source, depth=2)["test_accuracy"] > 0.95


def test_clouds_have_their_centres_and_spread():
    source = Blobs(train=6000, classes=5, features=3, spread=0.2)
    data = source.load(0)
    for label, centre in enumerate(source.centres):
        cloud = data.train.x[data.train.labels == label]
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=0.03)
        np.testing.assert_allclose(np.cov(cloud.T), 0.04 * np.eye(3), atol=0.006)
    np.testing.assert_allclose(np.hypot(*source.centres[:, :2].T), 1)


def test_clouds_are_learnable_by_a_straight_line():
    assert trained("blobs", depth=0, epochs=20)["test_accuracy"] > 0.95


@pytest.mark.parametrize("name", ["spiral", "blobs"])
def test_runs_that_differ_in_their_seed_only_are_of_one_task(name):
    a, b = (load({"seed": seed, "data": {"source": name}}) for seed in (0, 1))
    one, other = (e.data.source.load(e.seed).train for e in (a, b))
    assert not np.array_equal(one.x, other.x)
    for label in range(3):
        means = [split.x[split.labels == label].mean(axis=0) for split in (one, other)]
        np.testing.assert_allclose(*means, atol=0.2)
