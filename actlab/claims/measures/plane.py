"""Pictures in the plane: the outline of a cloud of points, and lines through or beside it."""

from __future__ import annotations

import numpy as np

from actlab.arrays import Array
from actlab.claims.measures.base import Series


def outline(x: Array) -> Series:
    """The convex hull of rows x (examples, 2), closed."""
    from scipy.spatial import ConvexHull

    hull = x[ConvexHull(x).vertices]
    return _curve(np.vstack([hull, hull[:1]]))


def line(w: Array, b: float, *, near: Array, reach: float) -> Series:
    """A piece of w x + b = 0, as long as `reach` either side of its point nearest to `near`."""
    return _curve(ends(w, b, near=near, reach=reach))


def ends(w: Array, b: float, *, near: Array, reach: float) -> Array:
    """The two ends of that piece, (2, 2)."""
    square = max(float(w @ w), 1e-12)
    along = np.array([-w[1], w[0]]) / np.sqrt(square)
    middle = near - (w @ near + b) / square * w
    return np.stack([middle - reach * along, middle + reach * along])


def _curve(points: Array) -> Series:
    x, y = points.T.tolist()
    return Series(x, y, "first feature", up="second feature", in_plane=True)
