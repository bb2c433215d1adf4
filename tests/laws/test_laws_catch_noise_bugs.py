"""The laws of noise and augmentation catch bugs, as `test_laws_catch_bugs` does for the rest."""

import numpy as np
import pytest
import test_augmentations as augmentations
import test_layers as layers
import test_regularizers as regularizers
from planting import BUGS, planted

from actlab.data.augmentation.crop import Crop
from actlab.data.augmentation.cutout import Cutout
from actlab.data.augmentation.flip import Flip
from actlab.data.augmentation.fractional_pooling import FractionalPooling
from actlab.data.augmentation.geometry import padded, windows
from actlab.data.augmentation.mixup import Mixup
from actlab.nn.initializers.base import Initializer
from actlab.nn.losses import MixedLabels
from actlab.nn.masks import draw
from actlab.nn.regularizers.dropconnect import DropConnected
from actlab.nn.regularizers.dropout import DropoutLayer
from actlab.nn.regularizers.elastic_net import ElasticNet
from actlab.nn.regularizers.l1 import L1
from actlab.nn.regularizers.max_norm import MaxNorm
from actlab.nn.regularizers.stochastic_depth import Survival

BEFORE = len(BUGS)
EXPECTATION = regularizers.test_expectation_in_training_is_the_output_at_test
PENALTY = regularizers.test_gradient_of_the_penalty_matches_centred_differences
RIGHT_POOLING = FractionalPooling.bounds


@planted(DropoutLayer, "forward", EXPECTATION)
def dropout_that_never_scales(self, x, m):
    return np.multiply(x, draw(m.rng, self.rate, 1.0, m.mask), out=m.y) if m.draws else x


@planted(Survival, "forward", EXPECTATION)
def blocks_that_all_survive_at_test(self, x, m):
    m.factor = float(m.rng.random() < self.probability) if m.draws else 1.0
    return np.multiply(x, m.factor, out=m.y)


@planted(
    DropConnected,
    "backward",
    layers.test_gradient_in_every_parameter_matches_centred_differences,
    among=Initializer,
)
def dropconnect_without_the_mask_in_the_gradient(self, dy, m):
    np.matmul(m.x.T, dy, out=m.dW)
    np.matmul(m.ones, dy, out=m.db)
    return np.matmul(dy, (m.kept if m.draws else m.W).T, out=m.dx)


@planted(L1, "add_gradient", PENALTY)
def l1_with_the_gradient_of_l2(self, weights, grad):
    grad += self.strength * weights


@planted(ElasticNet, "penalty", PENALTY)
def elastic_net_without_the_half(self, weights):
    absolute, squares = np.abs(weights).sum(), weights @ weights
    return self.strength * (self.l1_share * absolute + (1 - self.l1_share) * squares)


@planted(MaxNorm, "project", regularizers.test_max_norm_projects_long_columns_and_leaves_short_ones)
def max_norm_of_outgoing_weights(self, W):
    W *= np.minimum(1, self.radius / np.linalg.norm(W, axis=1, keepdims=True))


@planted(Flip, "change", augmentations.test_flipping_twice_is_the_identity)
def flip_upside_down(self, x, rng):
    return np.where(rng.random((len(x), 1, 1, 1)) < self.probability, x[:, :, ::-1], x)


@planted(Crop, "change", augmentations.test_crops_reach_every_offset_equally_often)
def crop_that_never_reaches_the_last_place(self, x, rng):
    _, height, width = self.shape_out(x.shape[1:])
    wide = padded(x, self.padding, self.fill)
    top, left = (rng.integers(0, max(1, n - height), len(x)) for n in wide.shape[2:])
    return windows(wide, top, left, height, width)


@planted(Cutout, "_covered", augmentations.test_cutout_blanks_squares_around_every_pixel)
def cutout_pushed_back_into_the_image(self, centre, side):
    first = np.clip(centre - self.size // 2, 0, side - self.size)
    return (np.arange(side) >= first) & (np.arange(side) < first + self.size)


@planted(Mixup, "change_batch", augmentations.test_mixup_mixes_images_and_labels_by_the_same_weight)
def mixup_with_the_labels_the_wrong_way_round(self, x, labels, rng):
    a, partners = rng.beta(self.alpha, self.alpha), rng.permutation(len(x))
    mixed = np.rint(a * x + (1 - a) * x[partners]).astype(np.uint8)
    return mixed, MixedLabels(labels, labels[partners], 1 - a)


@planted(FractionalPooling, "bounds", augmentations.test_pooled_regions_tile_the_image)
def pooling_that_leaves_out_the_last_row(self, n, side, rng):
    a = RIGHT_POOLING(self, n, side, rng)
    a[:, -1] -= 1
    return a


EVERY_BUG = pytest.mark.parametrize("bug", BUGS[BEFORE:], ids=str)


@EVERY_BUG
def test_the_law_notices(bug, monkeypatch):
    bug.must_be_noticed(monkeypatch)


@EVERY_BUG
def test_the_law_holds_otherwise(bug):
    bug.must_hold_otherwise()
