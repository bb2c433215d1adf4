"""Units in the plane: dead where no row opens them, alive where steps are small."""

import numpy as np

from actlab.claims.measures.dead_in_plane import DeadInPlane


def test_a_line_beyond_every_row_is_dead_from_the_start_and_stays():
    assert DeadInPlane(bias=-100, epochs=0).value(0) == 1
    assert DeadInPlane(bias=-100).value(0) == 1


def test_a_line_through_the_cloud_is_alive():
    assert DeadInPlane(epochs=0).value(0) == 0


def test_a_rate_that_vanishes_moves_no_unit():
    _, w, b = DeadInPlane(rate=1e-15)._trained(3)
    np.testing.assert_allclose(np.linalg.norm(w, axis=1), 1)
    np.testing.assert_allclose(b, 0, atol=1e-9)


def test_units_learn_the_distance_and_none_dies_of_small_steps():
    before, after = (_error(*DeadInPlane(rate=0.01, epochs=n)._trained(0)) for n in (0, 10))
    assert (after < 0.7 * before).all()
    assert DeadInPlane(rate=0.01, epochs=10).value(0) == 0


def _error(x, w, b):
    """(units,), mean square over the rows."""
    y = np.maximum(0, x @ w.T + b)
    return np.square(y - np.linalg.norm(x, axis=1)[:, None]).mean(axis=0)


def test_the_picture_has_the_cloud_and_lines_of_units():
    labels = [label for label, _ in DeadInPlane(rate=0.01).series(0)]
    assert labels[0] == "cloud"
    assert labels[1:4] == ["alive 1", "alive 2", "alive 3"]
