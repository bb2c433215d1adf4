"""The laws of augmentations and of views at test, for every one that a config can name."""

import numpy as np
import pytest
from cases import parts, title

from actlab.data.augmentation import chain
from actlab.data.augmentation.crop import Crop
from actlab.data.augmentation.cutout import Cutout
from actlab.data.augmentation.flip import Flip
from actlab.data.augmentation.fractional_pooling import FractionalPooling
from actlab.data.augmentation.geometry import moved, zoomed
from actlab.data.augmentation.mixup import Mixup
from actlab.data.augmentation.palette import colours
from actlab.data.augmentation.scale_jitter import ScaleJitter
from actlab.data.averaging.crops import Centre, TenCrops
from actlab.data.dataset import Dataset, Split
from actlab.nn.losses import MixedLabels
from actlab.randomness import generator

SHAPE = (3, 12, 10)
N = 7
AUGMENTATIONS = [*parts("augmentation"), Crop(size=8, padding=1)]
EVERY = pytest.mark.parametrize("step", AUGMENTATIONS, ids=title)
EVERY_VIEW = pytest.mark.parametrize("averaging", parts("averaging"), ids=title)
POOLINGS = [part for part in parts("augmentation") if part.name == "fractional_pooling"]
EVERY_POOLING = pytest.mark.parametrize("pooling", POOLINGS, ids=title)


def images(n=N, shape=SHAPE, seed=0):
    """Images without two equal neighbours, that nothing may write to."""
    x = np.random.default_rng(seed).integers(0, 256, (n, *shape)).astype(np.uint8)
    x.flags.writeable = False
    return x


def dataset(n=N):
    split = Split(images(n).reshape(n, -1), np.arange(n) % 4)
    return Dataset(split, split, split, tuple("abcd"), SHAPE)


def fitted(*steps, seed=0):
    return chain.fit(steps, dataset(), seed)


def changed(step, x, seed=1):
    """The step fitted to other images, and applied."""
    labels = np.arange(len(x))
    return step.fit(images(20)).change_batch(x, labels, np.random.default_rng(seed))[0]


@EVERY
def test_bytes_of_the_promised_shape_and_the_input_not_written(step):
    y = changed(step, images())
    assert y.dtype == np.uint8 and y.shape == (N, *step.shape_out(SHAPE))
    calm = step.calm(images())
    assert calm.dtype == np.uint8 and calm.shape == y.shape


@EVERY
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(step):
    x = images(30)
    np.testing.assert_array_equal(changed(step, x, 1), changed(step, x, 1))
    assert (changed(step, x, 1) != changed(step, x, 2)).any()


@EVERY
def test_a_single_image_is_a_batch(step):
    assert changed(step, images(1)).shape == (1, *step.shape_out(SHAPE))


@EVERY
def test_a_constant_image_stays_constant_within(step):
    """Nothing rings and nothing is rounded away, but where black or another colour is put."""
    if step.name in ("colour_jitter", "cutout") or getattr(step, "fill", "") == "black":
        pytest.skip("puts in colours of its own")
    x = np.full((N, *SHAPE), 201, np.uint8)
    assert (changed(step, x) == 201).all() and (step.calm(x) == 201).all()


@EVERY
def test_each_image_has_noise_of_its_own(step):
    if step.mixes:
        pytest.skip("one weight for a batch")
    x = np.repeat(images(1), 40, axis=0)
    assert len({image.tobytes() for image in changed(step, x)}) > 1


@EVERY
def test_a_chain_keys_noise_by_epoch_batch_and_name(step):
    rows, labels = dataset().train.x, dataset().train.labels
    alone = fitted(step).batch(rows, labels, 1, 0)[0]
    np.testing.assert_array_equal(fitted(step).batch(rows, labels, 1, 0)[0], alone)
    for epoch, index in ((2, 0), (1, 1)):
        draws = [fitted(step, seed=s).batch(rows, labels, epoch, index)[0] for s in range(5)]
        first = [fitted(step, seed=s).batch(rows, labels, 1, 0)[0] for s in range(5)]
        assert any((a != b).any() for a, b in zip(draws, first, strict=True))
    if step.name != "flip":
        behind = fitted(Flip(probability=0), step).batch(rows, labels, 1, 0)[0]
        np.testing.assert_array_equal(behind, alone)


def test_flipping_twice_is_the_identity():
    flip = Flip(probability=1)
    x = images()
    np.testing.assert_array_equal(changed(flip, x), x[..., ::-1])
    np.testing.assert_array_equal(changed(flip, changed(flip, x)), x)


def test_half_of_the_images_are_flipped():
    x = images(4000, (1, 2, 3))
    share = (changed(Flip(), x) != x).any(axis=(1, 2, 3)).mean()
    assert abs(share - 0.5) < 5 * 0.5 / np.sqrt(len(x))


@pytest.mark.parametrize(("size", "padding"), [(None, 2), (8, 0), (9, 1)])
def test_crops_reach_every_offset_equally_often(size, padding):
    """The place is told by pixels that number it."""
    crop, n = Crop(size=size, padding=padding, fill="mirror"), 20_000
    x = np.arange(100, dtype=np.uint8).reshape(1, 1, 10, 10)
    wide = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), mode="symmetric")
    side = size or 10
    found = {}
    for top in range(wide.shape[2] - side + 1):
        for left in range(wide.shape[3] - side + 1):
            found[wide[0, 0, top : top + side, left : left + side].tobytes()] = 0
    for crop_ in crop.change(np.repeat(x, n, axis=0), np.random.default_rng(0)):
        found[crop_.tobytes()] += 1
    expected = n / len(found)
    assert all(abs(count - expected) < 5 * np.sqrt(expected) for count in found.values())


def test_padding_is_black_and_the_calm_crop_the_centre():
    x = np.full((500, 1, 4, 4), 9, np.uint8)
    y = Crop(padding=1).change(x, np.random.default_rng(0))
    assert set(np.unique(y)) == {0, 9} and (y == 9).sum(axis=(1, 2, 3)).min() == 9
    np.testing.assert_array_equal(
        Crop(size=2).calm(images(1, (3, 4, 4))), images(1, (3, 4, 4))[:, :, 1:3, 1:3]
    )


@pytest.mark.parametrize("size", [1, 4, 5])
def test_cutout_blanks_squares_around_every_pixel(size):
    x = np.full((6000, 3, 9, 7), 200, np.uint8)
    y = Cutout(size=size, fill="black").change(x, np.random.default_rng(0))
    hole = y == 0
    assert (hole == hole[:, :1]).all() and hole.any(axis=(1, 2, 3)).all()
    hole = hole[:, 0]
    assert hole.sum(axis=(1, 2)).max() == size**2
    heights, widths = hole.any(axis=2).sum(axis=1), hole.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(hole.sum(axis=(1, 2)), heights * widths)
    expected = np.array([_covering(side, size) for side in (9, 7)], dtype=object)
    for found, share in ((hole.any(axis=2), expected[0]), (hole.any(axis=1), expected[1])):
        assert (np.abs(found.mean(axis=0) - share) < 5 * 0.5 / np.sqrt(len(x))).all()


def _covering(side, size):
    """Share of the centres whose square covers each pixel."""
    squares = [range(c - size // 2, c - size // 2 + size) for c in range(side)]
    return np.array([sum(at in square for square in squares) for at in range(side)]) / side


def test_cutout_fills_with_the_mean_colour_of_the_training_images():
    train = images(50)
    y = Cutout(size=24).fit(train).change(images(), np.random.default_rng(0))
    mean = np.rint(train.mean(axis=(0, 2, 3)))
    assert (y == mean[:, None, None]).mean() > 0.4
    assert Cutout().fit(train)._colour.tolist() == mean.tolist()


def test_mixup_mixes_images_and_labels_by_the_same_weight():
    x, labels = images(), np.arange(N)
    seen = []
    for seed in range(300):
        y, mixed = Mixup().change_batch(x, labels, np.random.default_rng(seed))
        assert isinstance(mixed, MixedLabels) and sorted(mixed.partners) == sorted(labels)
        np.testing.assert_array_equal(mixed.labels, labels)
        exact = mixed.weight * x + (1 - mixed.weight) * x[mixed.partners].astype(float)
        assert np.abs(y - exact).max() <= 0.5
        seen.append(mixed.weight)
    assert abs(np.mean(seen) - 0.5) < 5 * np.sqrt(1 / 12 / len(seen))
    assert 0 <= min(seen) < 0.02 and 0.98 < max(seen) <= 1


@EVERY_POOLING
@pytest.mark.parametrize("side", [10, 12, 32])
def test_pooled_regions_tile_the_image(pooling, side):
    """Bounds from 0 to the side, 1 or 2 apart: disjoint regions cover every pixel once."""
    n_out = pooling.shape_out((1, side, side))[1]
    a = pooling.bounds(500, side, np.random.default_rng(0))
    assert a.shape == (500, n_out + 1) and (a[:, 0] == 0).all() and (a[:, -1] == side).all()
    assert set(np.unique(np.diff(a, axis=1))) == {1, 2}
    assert len({tuple(row) for row in a}) > 1


@EVERY_POOLING
def test_pooling_is_that_of_its_regions_one_by_one(pooling):
    """The maximum or mean of every region, written once more with loops."""
    x, rng = images(4), np.random.default_rng(3)
    rows, columns = (pooling.bounds(4, side, rng) for side in SHAPE[1:])
    y = pooling.change(x, np.random.default_rng(3))
    more = int(pooling.overlapping)
    for k in range(len(x)):
        for i in range(y.shape[2]):
            for j in range(y.shape[3]):
                down = slice(rows[k, i], rows[k, i + 1] + more)
                region = x[k, :, down, columns[k, j] : columns[k, j + 1] + more]
                if pooling.pool == "max":
                    expected = region.max(axis=(1, 2))
                else:
                    expected = np.floor(region.mean(axis=(1, 2), dtype=np.float32) + 0.5)
                np.testing.assert_array_equal(y[k, :, i, j], expected)


def test_pseudorandom_bounds_are_those_of_the_paper():
    pooling, side = FractionalPooling(), 32
    alpha = side / 22
    found = {tuple(row) for row in pooling.bounds(3000, side, np.random.default_rng(0))}
    u = (np.arange(3200) + 0.5) / 3200
    a = np.ceil(alpha * (np.arange(23) + u[:, None])) - np.ceil(alpha * u)[:, None]
    assert found == {tuple(row) for row in a.astype(int)}


def test_random_scales_without_range_change_nothing():
    np.testing.assert_array_equal(changed(ScaleJitter(low=1.0, high=1.0), images()), images())


def test_scaled_images_show_the_same_ramp():
    """A straight ramp stays one, its slope divided by the scale."""
    x = np.tile(np.arange(0, 200, 10, dtype=np.uint8), (1, 1, 20, 1))
    for scale in (0.5, 0.8, 1.25, 2.0):
        y = zoomed(x, scale)[0, 0, 10].astype(float)
        inside = slice(7, 13)
        assert np.diff(y)[inside] == pytest.approx(10 / scale, abs=1.51)
        assert y[9:11].mean() == pytest.approx(95, abs=1)


def test_colours_move_as_their_formulas_say():
    from actlab.data.augmentation.colour_jitter import GREY, ColourJitter

    x = images(200, (3, 6, 6)) // 2 + np.uint8(60)
    still = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "lighting": 0.0}
    np.testing.assert_array_equal(changed(ColourJitter(**still), x), x)
    grey = np.repeat(x[:, :1], 3, axis=1)
    saturated = changed(ColourJitter(**still | {"saturation": 0.5}), grey)
    assert np.abs(saturated.astype(int) - grey).max() <= 1
    contrast = changed(ColourJitter(**still | {"contrast": 0.5}), x)
    means = [np.tensordot(GREY, a.mean(axis=(2, 3)), (0, 1)) for a in (x, contrast)]
    np.testing.assert_allclose(*means, atol=0.6)
    assert x.std(axis=(1, 2, 3)) != pytest.approx(contrast.std(axis=(1, 2, 3)), rel=0.05)
    lit = changed(ColourJitter(**still | {"lighting": 0.1}), x).astype(float) - x
    assert lit.std(axis=(2, 3)).max() < 0.5 < np.abs(lit.mean(axis=(2, 3))).max()


def test_lighting_has_the_covariance_of_the_training_colours():
    from actlab.data.augmentation.colour_jitter import ColourJitter

    rng = np.random.default_rng(0)
    train = np.clip(
        128 + 20 * rng.normal(size=(300, 1, 8, 8)) + 5 * rng.normal(size=(300, 3, 8, 8)), 0, 255
    )
    step = ColourJitter(brightness=0.0, contrast=0.0, saturation=0.0, lighting=1.0)
    step = step.fit(train.astype(np.uint8))
    y = step.change(np.full((4000, 3, 1, 1), 128, np.uint8), rng)[:, :, 0, 0]
    pixels = train.astype(np.uint8).transpose(1, 0, 2, 3).reshape(3, -1)
    np.testing.assert_allclose(np.cov(y.T), np.cov(pixels), rtol=0.12)


@EVERY_VIEW
@pytest.mark.parametrize("steps", [(), (Flip(), Crop(padding=2)), (FractionalPooling(),)], ids=str)
def test_views_are_as_many_as_said_and_of_the_shape_the_network_sees(averaging, steps):
    done = fitted(*steps)
    views = list(averaging.views(dataset().test.x, done, 0))
    assert len(views) == averaging.count
    assert {v.shape for v in views} == {(N, int(np.prod(done.shape_out)))}
    assert {v.dtype for v in views} == {np.dtype(np.uint8)}


def test_ten_crops_are_corners_centre_and_their_mirrors():
    x = images()
    done = fitted(Crop(padding=2))
    views = [v.reshape(x.shape) for v in TenCrops().views(x.reshape(N, -1), done, 0)]
    wide = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
    places = [(2, 2), (0, 0), (0, 4), (4, 0), (4, 4)]
    for k, (top, left) in enumerate(places):
        expected = wide[:, :, top : top + 12, left : left + 10]
        np.testing.assert_array_equal(views[2 * k], expected)
        np.testing.assert_array_equal(views[2 * k + 1], expected[..., ::-1])


def test_scales_multiply_views():
    assert TenCrops(scales=(0.8, 1.0, 1.2)).count == 30 and Centre(scales=(1.0, 1.2)).count == 2
    x = images()
    first, second = Centre(scales=(1.0, 1.5)).views(x.reshape(N, -1), fitted(), 0)
    np.testing.assert_array_equal(first, x.reshape(N, -1))
    np.testing.assert_array_equal(second, zoomed(x, 1.5).reshape(N, -1))


def test_windows_smaller_than_the_image_have_their_corners_in_it():
    """The lecture's form: crops of 8 from 12, no padding; corners are those of the image."""
    x = images(N, (3, 12, 12))
    done = chain.Chain((Crop(size=8, padding=0),), (3, 12, 12), 0)
    views = [v.reshape(N, 3, 8, 8) for v in TenCrops().views(x.reshape(N, -1), done, 0)]
    np.testing.assert_array_equal(views[2], x[:, :, :8, :8])
    np.testing.assert_array_equal(views[8], x[:, :, 4:, 4:])


def test_moving_by_nothing_is_the_identity():
    np.testing.assert_array_equal(moved(images(), 0, 0), images())


def test_samples_draw_what_training_draws_but_nothing_that_takes_away():
    rows = dataset().test.x
    done = fitted(Cutout(), Mixup())
    np.testing.assert_array_equal(done.sample(rows, 0, 0), rows)
    done = fitted(FractionalPooling())
    assert (done.sample(rows, 0, 0) != done.sample(rows, 0, 1)).any()
    np.testing.assert_array_equal(done.sample(rows, 0, 1), done.sample(rows, 0, 1))


def test_the_role_is_its_own():
    one, other = generator(0, "augmentation", 1, 0), generator(0, "dropout", 1, 0)
    assert one.random() != other.random()


def test_colours_of_the_palette_are_those_of_numpy():
    x = images(2300, (3, 5, 4))
    mean, covariance = colours(x)
    pixels = x.transpose(1, 0, 2, 3).reshape(3, -1).astype(float)
    np.testing.assert_allclose(mean, pixels.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(pixels, bias=True), rtol=1e-9, atol=1e-7)
