"""Steps that rotate the features into uncorrelated ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.preprocessing.base import Preprocessing, Transform


@dataclass(frozen=True)
class Linear:
    """y = (x - mean) matrix, with the matrix (features, features out) that undoes it."""

    mean: Array
    matrix: Array
    inverse: Array

    def apply(self, x: Array, out: Array | None = None) -> Array:
        return np.matmul(np.subtract(x, self.mean), self.matrix, out=out)

    def invert(self, y: Array) -> Array:
        return y @ self.inverse + self.mean

    def astype(self, dtype: np.dtype) -> Linear:
        """The same map, computed in another precision."""
        return Linear(*(a.astype(dtype) for a in (self.mean, self.matrix, self.inverse)))


class Whiten(Preprocessing):
    """y = (x - mean) U / sqrt(s + epsilon), U and s the eigenvectors and values of the covariance.

    The covariance of y is the identity, up to epsilon.

    Source: Krizhevsky (2009), "Learning multiple layers of features from tiny images", appendix A.
    """

    name: ClassVar[str] = "whiten"

    epsilon: float = Field(1e-5, gt=0, description="added to every variance")

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        mean, values, vectors = eigen(chunks)
        spread = np.sqrt(values + self.epsilon)
        return Linear(mean, vectors / spread, (vectors * spread).T)


def eigen(chunks: Iterable[Array]) -> tuple[Array, Array, Array]:
    """Mean, and eigenvalues and eigenvectors (columns) of the covariance, the largest first."""
    n, total, products = 0, np.zeros(()), np.zeros(())
    origin: Array | None = None
    for chunk in chunks:
        # covariances do not depend on the origin, but their rounding does
        origin = chunk.mean(axis=0) if origin is None else origin
        centred = chunk - origin
        n, total = n + len(chunk), total + centred.sum(axis=0)
        products = products + centred.T @ centred
    if origin is None:
        raise ValueError("no rows to estimate from")
    offset = total / n
    values, vectors = np.linalg.eigh(products / n - np.outer(offset, offset))
    return origin + offset, np.maximum(values[::-1], 0), vectors[:, ::-1]
