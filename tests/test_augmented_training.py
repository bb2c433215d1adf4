"""Training on augmented images, and predictions averaged at test."""

from pathlib import Path

import numpy as np
import pytest

from actlab.config import members
from actlab.experiment import load
from actlab.nn.losses import CrossEntropy, Hinge, MixedLabels
from actlab.predicting import Predictor
from actlab.running import run
from actlab.training import Run

LECTURE = Path(__file__).parents[1] / "configs" / "lecture" / "regularizers"
STEPS = ["flip", "crop", "scale_jitter", "colour_jitter", "cutout", "mixup"]


@pytest.fixture
def photos(tiny):
    """A config of few synthetic images and a small network."""
    sizes = {"train": 60, "validation": 30, "test": 20}
    tiny["data"] = {"source": {"name": "synthetic", **sizes}}
    return tiny


def started(config):
    experiment = load(config)
    return Run(experiment, experiment.data.source.load(experiment.seed), None)


def batches(config, epoch=1):
    trained = started(config)
    return [
        seen_of(trained, epoch, index, chosen)
        for index, chosen in enumerate(trained.batches(epoch))
    ]


def seen_of(trained, epoch, index, chosen):
    """What the network gets of a batch: rows and labels."""
    feed, labels = trained.feeder.batch(epoch, index, chosen)
    return feed(slice(0, len(chosen))).copy(), labels


def test_runs_that_differ_in_dropout_see_the_same_augmented_batches(photos):
    photos["data"]["augment"] = STEPS
    plain = batches(photos)
    noisy = batches(photos | {"regularization": {"dropout": 0.7}})
    for (x, labels), (other, others) in zip(plain, noisy, strict=True):
        np.testing.assert_array_equal(x, other)
        assert labels.weight == others.weight
        np.testing.assert_array_equal(labels.partners, others.partners)


def test_epochs_differ_and_the_data_stay_as_they_were(photos):
    photos["data"]["augment"] = STEPS
    trained = started(photos)
    before = trained.data.train.x.copy()
    chosen = next(trained.batches(1))
    first, second = (seen_of(trained, epoch, 0, chosen)[0] for epoch in (1, 2))
    assert (first != second).any()
    np.testing.assert_array_equal(trained.data.train.x, before)


def test_preprocessing_is_fitted_to_images_that_nothing_changed(photos):
    plain = started(photos).pipeline
    photos["data"]["augment"] = STEPS
    np.testing.assert_array_equal(started(photos).pipeline.steps[0].shift, plain.steps[0].shift)


@pytest.mark.parametrize("step", ["fractional_pooling", {"name": "crop", "size": 24}], ids=str)
def test_smaller_images_make_a_smaller_network(photos, step):
    photos["data"] |= {"augment": ["flip", step], "preprocess": ["scale", "channel_mean"]}
    trained = started(photos)
    side = 22 if step == "fractional_pooling" else 24
    assert load(photos).data.features == 3 * side**2 == trained.network.n_in
    assert trained.to_the_end()[0] == "finished"
    assert trained.final["test_loss"] > 0


def test_the_same_augmented_config_gives_the_same_bits(photos):
    photos["data"] |= {"augment": STEPS, "test_time": {"name": "samples", "n": 2}}
    photos["regularization"] = {"dropout": 0.5, "monte_carlo": 2}
    one, other = run(load(photos)), run(load(photos))
    assert one.metrics == other.metrics and one.final == other.final


def test_mixed_labels_cost_the_sum_of_both_losses_by_weight():
    rng = np.random.default_rng(0)
    scores, labels, partners = (
        rng.normal(size=(5, 4)),
        rng.integers(4, size=5),
        rng.integers(4, size=5),
    )
    for loss in (CrossEntropy(label_smoothing=0.1), Hinge()):
        value, ds = loss.value_and_gradient(scores.copy(), MixedLabels(labels, partners, 0.3))
        one = loss.value_and_gradient(scores.copy(), labels)
        two = loss.value_and_gradient(scores.copy(), partners)
        assert value == pytest.approx(0.3 * one[0] + 0.7 * two[0])
        np.testing.assert_allclose(ds, 0.3 * one[1] + 0.7 * two[1])


def predictor(trained):
    return Predictor(trained.network, trained.pipeline, trained.chain, trained.experiment)


def test_views_average_probabilities(photos):
    photos["data"]["test_time"] = {"name": "ten_crops", "scales": [1.0, 1.2]}
    trained = started(photos)
    rows = trained.data.test.x
    total = 0
    for view in trained.experiment.data.test_time.views(rows, trained.chain, 0):
        total = total + CrossEntropy().votes(trained.network.forward(trained.pipeline.apply(view)))
    found = CrossEntropy().votes(predictor(trained).averaged(rows, 0))
    np.testing.assert_allclose(found, total / 20, rtol=1e-5)


def test_one_view_without_noise_is_the_plain_prediction(photos):
    trained = started(photos)
    rows = trained.data.test.x
    expected = trained.network.forward(trained.pipeline.apply(rows)).copy()
    np.testing.assert_array_equal(predictor(trained).averaged(rows, 0), expected)


def test_monte_carlo_prediction_is_the_mean_over_masks(photos):
    """It draws as many masks as asked for, the same at every evaluation, none of training's."""
    photos["regularization"] = {"dropout": 0.5, "monte_carlo": 400}
    trained = started(photos)
    state = trained.network.placed[2].memory.rng.bit_generator.state
    split, mean = trained.data.test, predictor(trained)
    assert mean.evaluate(split) == mean.evaluate(split)
    np.testing.assert_equal(trained.network.placed[2].memory.rng.bit_generator.state, state)
    x = trained.pipeline.apply(split.x)
    drawn = np.array(
        [CrossEntropy().votes(trained.network.forward(x, sampled=True)) for _ in range(400)]
    )
    found = CrossEntropy().votes(mean.averaged(split.x, 0))
    width = 5 * drawn.std(axis=0) * np.sqrt(2 / 400)
    assert (np.abs(found - drawn.mean(axis=0)) <= width + 1e-6).all()


def test_monte_carlo_without_noise_is_one_pass(photos):
    photos["regularization"] = {"monte_carlo": 50}
    assert predictor(started(photos)).passes == 1


def test_early_stopping_ends_and_restores_the_best_weights(photos):
    photos["train"] |= {"epochs": 40, "lr": 0.05}
    photos["regularization"] = {"early_stopping": 3}
    photos["model"]["norm"] = "batch_norm"
    trained = started(photos)
    trained.to_the_end()
    losses = [row["val_loss"] for row in trained.metrics]
    best = int(np.argmin(losses))
    assert len(losses) == best + 4 < 41
    assert trained.final["best_epoch"] == best
    assert trained.final["val_loss"] == pytest.approx(losses[best], rel=1e-6)


def test_early_stopping_by_accuracy_waits_for_more(photos):
    photos["train"] |= {"epochs": 12}
    photos["regularization"] = {"early_stopping": {"patience": 2, "metric": "val_accuracy"}}
    trained = started(photos)
    trained.to_the_end()
    values = [row["val_accuracy"] for row in trained.metrics]
    assert trained.final["best_epoch"] == int(np.argmax(values))


FAULTS = [
    ({"regularization": {"stochastic_depth": 0.5}}, "set model.residual: true"),
    ({"data": {"source": {"name": "synthetic", "validation": 0}},
      "regularization": {"early_stopping": 3}}, "give data.source some validation examples"),
    ({"data": {"source": "gaussian", "augment": ["flip"]}}, "augment: 'flip' needs images"),
    ({"data": {"source": "gaussian", "test_time": "ten_crops"}}, "test_time: 'ten_crops' needs"),
    ({"data": {"augment": ["mixup", "mixup"]}}, "name mixup once"),
    ({"data": {"augment": [{"name": "crop", "size": 40}]}}, "size must be at most 32"),
    ({"data": {"augment": [{"name": "scale_jitter", "low": 2.0}]}}, "low must be at most high"),
    ({"data": {"augment": "flipp"}}, "did you mean 'flip'?"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "message"), FAULTS, ids=[m for _, m in FAULTS])
def test_what_does_not_fit_is_refused_with_a_remedy(config, message):
    with pytest.raises(ValueError) as caught:
        load(config)
    assert message in str(caught.value)


def test_the_lecture_has_a_config_for_every_regularizer_and_augmentation():
    experiments = [load(path) for path in sorted(LECTURE.glob("*.yaml"))]
    regularizers = {r.name for e in experiments for r in e.regularization}
    augmentations = {step.name for e in experiments for step in e.data.augment}
    assert regularizers == set(members("regularizer"))
    assert augmentations == set(members("augmentation"))
    assert {e.data.test_time.name for e in experiments} == set(members("averaging"))
    assert len({e.name for e in experiments}) == len(experiments)
    assert {e.train.epochs for e in experiments} == {experiments[0].train.epochs}


@pytest.mark.parametrize(
    "asked",
    [{"name": "centre", "scales": [0.6]}, {"name": "samples", "n": 1}],
    ids=["one scale", "one sample"],
)
def test_a_single_view_is_the_one_that_was_asked_for(photos, asked):
    photos["data"]["augment"] = [{"name": "crop", "padding": 8}]
    plain = run(load(photos)).final
    photos["data"]["test_time"] = asked
    assert run(load(photos)).final["test_loss"] != plain["test_loss"]
