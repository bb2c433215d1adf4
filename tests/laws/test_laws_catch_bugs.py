"""The laws catch bugs: wrong versions that are easily written, each noticed by the law it names.

Every function here is planted in the place of a right one and says by its name what is wrong with
it. `@planted` says where it goes, and which law notices.
"""

from dataclasses import replace
from math import cos, pi, sqrt

import numpy as np
import pytest
import test_activations as activations
import test_initializers as initializers
import test_layers as layers
import test_losses as losses
import test_networks as networks
import test_optimizers as optimizers
import test_schedules as schedules
import test_steps as steps
from planting import BUGS, planted

from actlab.data.dataset import Split
from actlab.data.preprocessing.base import Preprocessing
from actlab.nn.activations.elu import ELU
from actlab.nn.activations.gelu import GELU
from actlab.nn.activations.leaky_relu import LeakyReLU
from actlab.nn.activations.maxout import Maxout
from actlab.nn.activations.prelu import PReLU
from actlab.nn.activations.relu import ReLU
from actlab.nn.activations.rows import Rows, softmax_into, softmax_pull
from actlab.nn.activations.selu import SELU
from actlab.nn.activations.sigmoid import Sigmoid
from actlab.nn.activations.softmax import Softmax
from actlab.nn.activations.softmin import Softmin
from actlab.nn.activations.softplus import Softplus
from actlab.nn.activations.softshrink import SoftShrink
from actlab.nn.activations.tanh import Tanh
from actlab.nn.dense import Dense
from actlab.nn.initializers import orthogonal
from actlab.nn.initializers.base import Initializer
from actlab.nn.initializers.fixed import Sparse, TruncatedNormal, Uniform
from actlab.nn.initializers.orthogonal import Orthogonal
from actlab.nn.initializers.scaled import (
    HeNormal,
    HeUniform,
    LeCunUniform,
    ResidualZero,
    XavierNormal,
    XavierUniform,
)
from actlab.nn.losses import CrossEntropy, Hinge
from actlab.nn.norms.batch_norm import BatchNorm
from actlab.nn.norms.layer_norm import LayerNorm
from actlab.nn.optimizers import driver
from actlab.nn.optimizers.adam import Adam, AdamW
from actlab.nn.optimizers.nesterov import Nesterov
from actlab.nn.optimizers.rmsprop import RMSProp
from actlab.nn.optimizers.sgd import SGD
from actlab.nn.regularizers.dropout import DropoutLayer
from actlab.nn.residual import Fork
from actlab.nn.schedules.cosine import CosineRate
from actlab.training import Run

# initializers

DISTRIBUTION = initializers.test_distribution_is_that_of_the_formula


@planted(XavierNormal, "fan_size", DISTRIBUTION)
def glorot_without_the_average(self, fan_in, fan_out):
    return fan_in


@planted(XavierUniform, "sample", DISTRIBUTION)
def glorot_uniform_with_sqrt_3_for_sqrt_6(self, fan_in, fan_out, rng, *, activation=None):
    bound = sqrt(3 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, (fan_in, fan_out))


@planted(LeCunUniform, "sample", DISTRIBUTION)
def uniform_with_the_std_for_its_bound(self, fan_in, fan_out, rng, *, activation=None):
    std = self.std(fan_in, fan_out, activation)
    return rng.uniform(-std, std, (fan_in, fan_out))


@planted(HeNormal, "own_gain", DISTRIBUTION)
def he_without_sqrt_2(self, activation):
    return 1.0


@planted(HeUniform, "fan_size", DISTRIBUTION)
def he_with_fan_out(self, fan_in, fan_out):
    return fan_out


@planted(TruncatedNormal, "sample", DISTRIBUTION)
def truncated_normal_not_truncated(self, fan_in, fan_out, rng, *, activation=None):
    return rng.normal(0, self.std, (fan_in, fan_out))


@planted(TruncatedNormal, "sample", DISTRIBUTION)
def truncated_normal_clipped_not_redrawn(self, fan_in, fan_out, rng, *, activation=None):
    drawn = rng.normal(0, self.std, (fan_in, fan_out))
    return np.clip(drawn, -2 * self.std, 2 * self.std)


@planted(Sparse, "sample", DISTRIBUTION)
def sparse_without_zeros(self, fan_in, fan_out, rng, *, activation=None):
    return rng.normal(0, self.std, (fan_in, fan_out))


@planted(orthogonal, "orthonormal", initializers.test_no_place_prefers_a_sign, among=Orthogonal)
def orthogonal_without_the_signs_of_r(fan_in, fan_out, rng):
    Q, _ = np.linalg.qr(rng.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out))))
    return Q if fan_in >= fan_out else Q.T


@planted(Uniform, "weight_std", initializers.test_the_std_it_declares_is_that_of_what_it_draws)
def std_that_is_the_bound(self, fan_in, fan_out, activation=None):
    return self.bound


@planted(Sparse, "weight_std", initializers.test_the_std_it_declares_is_that_of_what_it_draws)
def std_of_the_nonzero_weights_alone(self, fan_in, fan_out, activation=None):
    return self.std


@planted(ResidualZero, "last_in_block", initializers.test_last_layer_of_a_residual_block)
def residual_block_that_starts_at_random(self):
    return self


@planted(
    Dense,
    "initialize",
    initializers.test_each_piece_of_maxout_is_drawn_with_the_fans_of_one,
    among=Initializer,
)
def maxout_drawn_as_one_wide_matrix(self, m, rng):
    m.W[...] = self.init.sample(*m.W.shape, rng, activation=self.activation)


# activations

DERIVATIVE = activations.test_slope_is_the_derivative
GRADIENT = layers.test_gradient_in_x_matches_centred_differences
GRADIENT_OF_PARAMETERS = layers.test_gradient_in_every_parameter_matches_centred_differences


@planted(LeakyReLU, "value_into", DERIVATIVE)
def leaky_relu_that_goes_up_on_the_left(self, x, out):
    out[...] = np.where(x > 0, x, -self.slope * x)


@planted(LeakyReLU, "slope_into", GRADIENT)
def leaky_slope_squared_in_backward(self, x, y, out):
    out[...] = np.where(x > 0, 1, self.slope**2)


@planted(LeakyReLU, "slope_into", activations.test_kinks_are_where_declared_and_only_there)
def leaky_slope_of_one_at_zero(self, x, y, out):
    out[...] = np.where(x >= 0, 1, self.slope)


@planted(ReLU, "passes", GRADIENT)
def relu_that_passes_every_gradient(self, x, y):
    return np.ones_like(y, bool)


@planted(ReLU, "forward", layers.test_input_is_never_written, raises=ValueError)
def relu_in_place(self, x, m):
    m.x = m.y[...] = np.maximum(x, 0, out=x)
    return m.y


@planted(PReLU, "backward", GRADIENT_OF_PARAMETERS)
def prelu_slope_by_the_mean_of_the_batch(self, dy, m):
    m.da[...] = (dy * m.left).mean(axis=0) if not self.shared else (dy * m.left).mean()
    return dy * self.slopes(m)


@planted(PReLU, "backward", GRADIENT_OF_PARAMETERS)
def prelu_slope_learned_from_the_right_side(self, dy, m):
    per_unit = (dy * np.maximum(m.x, 0)).sum(axis=0)
    m.da[...] = per_unit.sum() if self.shared else per_unit
    return dy * self.slopes(m)


@planted(ELU, "slope_into", DERIVATIVE)
def elu_without_alpha_in_the_slope(self, x, y, out):
    out[...] = np.exp(np.minimum(x, 0))


@planted(SELU, "value_into", DERIVATIVE)
def selu_with_alpha_and_scale_swapped(self, x, out):
    out[...] = self.alpha * np.where(x > 0, x, self.scale * np.expm1(np.minimum(x, 0)))


BY_TANH, BOTH = GELU(approximate="tanh"), GELU.both_into


@planted(GELU, "both_into", activations.test_steepest_as_declared)
def gelu_by_tanh_for_the_exact(self, x, out, slope):
    BOTH(BY_TANH, x, out, slope)


@planted(Tanh, "slope_into", DERIVATIVE)
def tanh_slope_wrong_by_a_thousandth(self, x, y, out):
    out[...] = 1.001 * (1 - y * y)


@planted(Tanh, "backward", layers.test_float32_stays_float32)
def tanh_backward_in_double_precision(self, dy, m):
    return dy * (1 - np.square(m.y, dtype=np.float64))


@planted(Sigmoid, "value_into", layers.test_huge_inputs_give_finite_outputs)
def sigmoid_that_overflows(self, x, out):
    with np.errstate(all="ignore"):
        out[...] = np.exp(x) / (1 + np.exp(x))


@planted(Sigmoid, "backward", layers.test_output_stays_intact_until_backward, raises=ValueError)
def sigmoid_that_reuses_its_output_for_the_slope(self, dy, m):
    np.multiply(m.y, 1 - m.y, out=m.y)
    return dy * m.y


@planted(Softplus, "slope_into", DERIVATIVE)
def softplus_without_beta_in_the_slope(self, x, y, out):
    out[...] = 1 / (1 + np.exp(-x))


@planted(SoftShrink, "slope_into", DERIVATIVE)
def softshrink_without_the_dead_zone_in_the_slope(self, x, y, out):
    out[...] = 1


@planted(Softmax, "pull", GRADIENT)
def softmax_backward_without_the_mean(self, y, dy):
    dy *= y / self.temperature


@planted(Softmax, "pull", GRADIENT)
def softmax_backward_without_the_temperature(self, y, dy):
    softmax_pull(y, dy)


@planted(Softmax, "backward", GRADIENT)
def softmax_backward_at_the_first_temperature(self, dy, m):
    return Rows.backward(self, dy, m)


@planted(Softmin, "rows_into", GRADIENT)
def softmin_without_its_sign(self, x, out):
    softmax_into(x, out)


@planted(Maxout, "backward", activations.test_function_and_layer_agree_at_kinks_and_ties)
def maxout_gradient_to_every_winner_of_a_tie(self, dy, m):
    won = np.hstack([piece == m.y for piece in np.split(m.x, self.pieces, axis=1)])
    return np.multiply(np.tile(dy, self.pieces), won, out=m.dx)


@planted(Maxout, "backward", GRADIENT)
def maxout_gradient_to_the_least_piece(self, dy, m):
    least = np.minimum.reduce(np.split(m.x, self.pieces, axis=1))
    return np.multiply(np.tile(dy, self.pieces), m.x == np.tile(least, self.pieces), out=m.dx)


# layers


@planted(Dense, "backward", GRADIENT_OF_PARAMETERS, among=HeNormal)
def bias_gradient_by_the_mean_of_the_batch(self, dy, m):
    m.dW[...], m.db[...] = m.x.T @ dy, dy.mean(axis=0)
    return dy @ m.W.T


@planted(Dense, "backward", layers.test_gradients_are_assigned_not_added, among=HeNormal)
def gradients_added_not_assigned(self, dy, m):
    m.dW += m.x.T @ dy
    m.db += dy.sum(axis=0)
    return dy @ m.W.T


@planted(DropoutLayer, "forward", layers.test_the_mean_over_the_noise_is_the_output_without)
def dropout_not_rescaled(self, x, m):
    m.mask[...] = m.rng.random(x.shape) >= self.rate if m.training else 1
    return np.multiply(x, m.mask, out=m.y)


@planted(DropoutLayer, "backward", GRADIENT)
def dropout_backward_not_rescaled(self, dy, m):
    return dy * (m.mask > 0) if m.training else dy


@planted(DropoutLayer, "backward", GRADIENT)
def dropout_mask_drawn_anew_in_backward(self, dy, m):
    return dy * m.rng.permutation(m.mask) if m.training else dy


FORWARD = DropoutLayer.forward


@planted(DropoutLayer, "forward", layers.test_evaluation_is_deterministic)
def dropout_at_test_time(self, x, m):
    m.training = True
    return FORWARD(self, x, m)


@planted(DropoutLayer, "forward", layers.test_stale_work_arrays_change_nothing)
def dropped_units_keep_what_the_array_held(self, x, m):
    m.mask[...] = (m.rng.random(x.shape) >= self.rate) / (1 - self.rate) if m.training else 1
    return np.multiply(x, m.mask, out=m.y, where=m.mask > 0)


@planted(BatchNorm, "backward", GRADIENT)
def batch_norm_gradient_without_the_variance(self, dy, m):
    self.assign_gradients(dy, m)
    if m.batch_statistics:
        dy = dy - m.dshift / len(dy)
    return dy * m.scale * m.inverse


@planted(BatchNorm, "backward", GRADIENT)
def batch_norm_gradient_without_the_mean(self, dy, m):
    self.assign_gradients(dy, m)
    if m.batch_statistics:
        dy = dy - m.standardized * m.dscale / len(dy)
    return dy * m.scale * m.inverse


@planted(BatchNorm, "_remember", networks.test_batch_norm_remembers_mean_and_unbiased_variance)
def batch_norm_that_never_updates_its_variance(self, mean, var, m):
    m.running_mean += self.momentum * (mean - m.running_mean)


@planted(BatchNorm, "_remember", networks.test_batch_norm_remembers_mean_and_unbiased_variance)
def batch_norm_that_remembers_the_biased_variance(self, mean, var, m):
    m.running_mean += self.momentum * (mean - m.running_mean)
    m.running_var += self.momentum * (var - m.running_var)


@planted(LayerNorm, "forward", layers.test_short_last_batch)
def layer_norm_over_the_batch(self, x, m):
    m.inverse = 1 / np.sqrt(x.var(axis=0) + self.epsilon)
    m.standardized[...] = (x - x.mean(axis=0)) * m.inverse
    return self.scaled(m)


@planted(Fork, "backward", networks.test_gradients_of_whole_networks, among=Tanh)
def residual_block_without_the_gradient_of_the_skip(self, dy, m):
    return dy


# losses

FORMULA = losses.test_value_is_that_of_the_formula
LOSS = CrossEntropy.value_and_gradient


@planted(Hinge, "value_and_gradient", FORMULA)
def hinge_that_counts_the_true_class(self, scores, labels, *, rows=None):
    each, rows = np.arange(len(scores)), rows or len(scores)
    over = np.maximum(0, scores - scores[each, labels][:, None] + self.margin)
    return float(over.sum() / rows), np.sign(over) / rows


@planted(CrossEntropy, "value_and_gradient", FORMULA)
def label_smoothing_over_the_other_classes_only(self, scores, labels, *, rows=None):
    e = self.label_smoothing * scores.shape[1] / (scores.shape[1] - 1)
    return LOSS(self.model_copy(update={"label_smoothing": e}), scores, labels, rows=rows)


@planted(CrossEntropy, "value_and_gradient", losses.test_gradient_matches_centred_differences)
def cross_entropy_gradient_averaged_twice(self, scores, labels, *, rows=None):
    value, ds = LOSS(self, scores, labels, rows=rows)
    return value, ds / len(ds)


@planted(CrossEntropy, "value_and_gradient", losses.test_huge_scores_in_float32)
def cross_entropy_that_overflows(self, scores, labels, *, rows=None):
    with np.errstate(all="ignore"):
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        return float(-np.log(p[np.arange(len(p)), labels]).mean()), p


# optimizers and schedules

STEP_FOR_STEP = optimizers.test_step_for_step_as_in_the_paper


@planted(SGD, "update", STEP_FOR_STEP)
def momentum_that_dampens_the_gradient(self, theta, grad, slots, lr, step):
    slots[0][...] = self.momentum * slots[0] + (1 - self.momentum) * grad
    theta -= lr * slots[0]


@planted(Nesterov, "update", STEP_FOR_STEP)
def nesterov_that_is_plain_momentum(self, theta, grad, slots, lr, step):
    slots[0][...] = self.momentum * slots[0] + grad
    theta -= lr * slots[0]


@planted(RMSProp, "update", STEP_FOR_STEP)
def rmsprop_without_the_root(self, theta, grad, slots, lr, step):
    slots[0][...] = self.decay * slots[0] + (1 - self.decay) * grad**2
    theta -= lr * grad / (slots[0] + self.epsilon)


@planted(Adam, "update", STEP_FOR_STEP)
def adam_without_bias_correction(self, theta, grad, slots, lr, step):
    mean, square = slots
    mean[...] = self.beta1 * mean + (1 - self.beta1) * grad
    square[...] = self.beta2 * square + (1 - self.beta2) * grad**2
    theta -= lr * mean / (np.sqrt(square) + self.epsilon)


@planted(Adam, "update", STEP_FOR_STEP)
def adam_with_epsilon_inside_the_root(self, theta, grad, slots, lr, step):
    mean, square = slots
    mean[...] = self.beta1 * mean + (1 - self.beta1) * grad
    square[...] = self.beta2 * square + (1 - self.beta2) * grad**2
    m, v = mean / (1 - self.beta1**step), square / (1 - self.beta2**step)
    theta -= lr * m / np.sqrt(v + self.epsilon)


@planted(AdamW, "shrink", STEP_FOR_STEP)
def adamw_decay_that_ignores_the_rate(self, weights, lr):
    weights *= 1 - self.weight_decay


DECAY = optimizers.test_only_weights_decay_and_only_where_decay_is_decoupled


@planted(driver, "_blocks", DECAY, among=AdamW)
def adamw_that_decays_biases(n_decaying, size):
    yield slice(size), True


@planted(CosineRate, "after_warmup", schedules.test_cosine_is_that_of_the_paper)
def cosine_that_ends_at_half_the_rate(self, progress):
    t = (progress - self.warmup) / (1 - self.warmup)
    return self.final + (1 - self.final) * (1 + cos(pi * t / 2)) / 2


@planted(CosineRate, "after_warmup", schedules.test_cosine_is_that_of_the_paper)
def cosine_that_runs_on_during_warm_up(self, progress):
    return self.final + (1 - self.final) * (1 + cos(pi * progress)) / 2


# preprocessing

START = Run.__init__


@planted(Run, "__init__", steps.test_fitted_to_the_training_split_alone, among=Preprocessing)
def preprocessing_fitted_to_all_splits(self, experiment, data, watcher):
    splits = (data.train, data.validation, data.test)
    x, labels = (np.concatenate([getattr(s, name) for s in splits]) for name in ("x", "labels"))
    START(self, experiment, replace(data, train=Split(x, labels)), watcher)


EVERY_BUG = pytest.mark.parametrize("bug", BUGS, ids=str)


@EVERY_BUG
def test_the_law_notices(bug, monkeypatch):
    bug.must_be_noticed(monkeypatch)


@EVERY_BUG
def test_the_law_holds_otherwise(bug):
    bug.must_hold_otherwise()
