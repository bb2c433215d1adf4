"""Lines and clouds in the plane, and the points that change sides of a boundary."""

import numpy as np
import pytest
from scipy.stats import norm

from actlab.claims.measures.flips_in_plane import FlipsInPlane
from actlab.claims.measures.plane import ends, outline


@pytest.mark.parametrize("near", [(0, 0), (7, -3)])
def test_a_piece_of_a_line_lies_on_it_and_about_the_point_nearest(near):
    w, near = np.array([0.6, -0.8]), np.array(near, float)
    piece = ends(w, 2.0, near=near, reach=3)
    np.testing.assert_allclose(piece @ w + 2, 0, atol=1e-12)
    middle = piece.mean(axis=0)
    assert (near - middle) @ [-w[1], w[0]] == pytest.approx(0, abs=1e-12)
    assert np.linalg.norm(piece[1] - piece[0]) == pytest.approx(6)


def test_an_outline_is_closed_and_leaves_nothing_outside():
    square = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [0.5, 1.5]])
    found = outline(square)
    assert (found.x[0], found.y[0]) == (found.x[-1], found.y[-1])
    assert set(zip(found.x, found.y, strict=True)) == {(0, 0), (2, 0), (2, 2), (0, 2)}


def test_nothing_changes_sides_of_a_boundary_that_stays():
    assert FlipsInPlane(noise=0, offset=50).value(0) == 0


def test_far_from_the_origin_half_of_the_moves_put_a_class_on_the_other_side():
    assert FlipsInPlane(offset=1e6, draws=2000).value(1) == pytest.approx(0.5, abs=0.03)


def test_as_many_change_sides_as_the_normal_distribution_says():
    """The score of a point at distance d moves by about N(0, (s offset)^2), if offset is large."""
    offset, noise = 20.0, 0.1
    d = np.random.default_rng(0).normal(1, 0.5, 100_000)
    expected = norm.cdf(-np.abs(d) / (noise * np.sqrt(0.5) * offset)).mean()
    measure = FlipsInPlane(offset=offset, noise=noise, examples=2000, draws=2000)
    assert measure.value(3) == pytest.approx(expected, abs=0.02)


def test_the_picture_has_both_classes_the_boundary_and_moved_ones():
    labels = [label for label, _ in FlipsInPlane(offset=10).series(0)]
    assert labels == ["class 1", "class 2", "boundary", "moved 1", "moved 2", "moved 3"]
