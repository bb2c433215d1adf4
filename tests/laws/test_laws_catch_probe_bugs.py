"""The laws of probes catch bugs, as `test_laws_catch_bugs` does for the rest."""

import numpy as np
import pytest
import test_probes as probes
from planting import BUGS, planted

from actlab.probes.base import Snapshot
from actlab.probes.confidence import Confidence, probabilities
from actlab.probes.masks import Masks
from actlab.probes.perturbation import Perturbation
from actlab.probes.residual_blocks import ResidualBlocks
from actlab.probes.sign_agreement import SignAgreement

BEFORE = len(BUGS)
RIGHT_PERTURBATION, RIGHT_SIGNS = Perturbation.measure, SignAgreement.measure


@planted(Perturbation, "measure", probes.test_a_probe_leaves_no_trace)
def weights_put_back_by_subtraction(self, snapshot):
    theta = snapshot.twin().workspace.theta
    noise = np.random.default_rng(0).normal(size=theta.shape)
    theta += noise
    theta -= noise
    return RIGHT_PERTURBATION(self, snapshot)


@planted(Masks, "_sampled", probes.test_a_probe_leaves_no_trace)
def masks_drawn_by_training(self, network, x, snapshot):
    network.seed_noise(0)
    draws = range(max(self.numbers))
    return np.stack([probabilities(network.forward(x, training=True)) for _ in draws])


@planted(Masks, "_sampled", probes.test_a_probe_finds_the_same_twice)
def masks_of_a_generator_that_goes_on(self, network, x, snapshot):
    if "rng" not in network.placed[0].memory.__dict__:
        network.seed_noise(0)
    draws = range(max(self.numbers))
    return np.stack([probabilities(network.forward(x, sampled=True)) for _ in draws])


@planted(SignAgreement, "measure", probes.test_a_probe_leaves_no_trace)
def gradients_that_end_in_those_of_others(self, snapshot):
    for gradient in snapshot.weight_gradients:
        np.sign(gradient, out=gradient)
    return RIGHT_SIGNS(self, snapshot)


@planted(Snapshot, "generator", probes.test_a_probe_finds_the_same_twice, among=SignAgreement)
def a_generator_without_a_seed(self, probe, *key):
    return np.random.default_rng()


@planted(Confidence, "measure", probes.test_what_went_wrong_has_the_same_names_and_shapes)
def entropy_only_where_it_is_finite(self, snapshot):
    entropy = snapshot.twin().forward(snapshot.x).sum()
    return {"confidence.entropy": entropy} if np.isfinite(entropy) else {}


@planted(ResidualBlocks, "measure", probes.test_what_went_wrong_has_the_same_names_and_shapes)
def blocks_that_are_finite(self, snapshot):
    stds = np.array([z.std() for z in snapshot.tensors["preactivation"]])
    return {"block.std": stds[np.isfinite(stds)]}


EVERY_BUG = pytest.mark.parametrize("bug", BUGS[BEFORE:], ids=str)


@EVERY_BUG
def test_the_law_notices(bug, monkeypatch):
    bug.must_be_noticed(monkeypatch)


@EVERY_BUG
def test_the_law_holds_otherwise(bug):
    bug.must_hold_otherwise()
