"""Steps that rotate the features into uncorrelated ones, through one eigensolver."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.dataset import DataError
from actlab.data.preprocessing.base import Preprocessing
from actlab.data.preprocessing.rows import Rows
from actlab.data.preprocessing.transforms import Linear


class PCA(Preprocessing):
    """y = (x - mean) U, the columns of U the eigenvectors of the covariance, the largest first.

    The covariance of y is diagonal. With fewer components than features the rest is lost.

    Source: Hotelling (1933), "Analysis of a complex of statistical variables into principal
    components".
    """

    name: ClassVar[str] = "pca"
    keeps_images: ClassVar[bool] = False

    components: int | None = Field(None, gt=0, description="features to keep; empty: all")

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Linear:
        mean, _, vectors = eigen(rows)
        kept = vectors[:, : self.features_out(len(mean))]
        return Linear(mean, kept, kept.T)

    def features_out(self, features: int) -> int:
        if (self.components or 0) > features:
            raise DataError(
                f"pca cannot keep {self.components:,} components of {features:,} features; "
                f"set components to at most {features:,}"
            )
        return self.components or features


class Whiten(Preprocessing):
    """y = (x - mean) U / sqrt(s + epsilon), U and s the eigenvectors and values of the covariance.

    The covariance of y is the identity, up to epsilon.

    Source: Krizhevsky (2009), "Learning multiple layers of features from tiny images", appendix A.
    """

    name: ClassVar[str] = "whiten"
    keeps_images: ClassVar[bool] = False

    epsilon: float = Field(1e-5, gt=0, description="added to every variance")

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Linear:
        mean, values, vectors = eigen(rows)
        spread = np.sqrt(values + self.epsilon)
        return Linear(mean, vectors / spread, (vectors * spread).T)


class ZCA(Preprocessing):
    """y = (x - mean) U diag(1 / sqrt(s + epsilon)) U': whitened, then turned back to the image.

    Of all maps that whiten it moves the rows least; U and s as in `whiten`.

    Source: Bell and Sejnowski (1997), "The independent components of natural scenes are edge
    filters"; Krizhevsky (2009), appendix A.
    """

    name: ClassVar[str] = "zca"

    epsilon: float = Field(1e-5, gt=0, description="added to every variance")

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Linear:
        mean, values, vectors = eigen(rows)
        # R R' is half the work of a general product, and symmetric to the last bit
        inverse_root = vectors / (values + self.epsilon) ** 0.25
        matrix = inverse_root @ inverse_root.T
        root = vectors * (values + self.epsilon) ** 0.25
        return Linear(mean, matrix, root @ root.T)


def eigen(rows: Rows) -> tuple[Array, Array, Array]:
    """Mean, and eigenvalues and eigenvectors (columns) of the covariance, the largest first.

    Each vector's largest entry is positive, since its sign is otherwise left to chance.
    """
    mean, covariance = rows.covariance()
    values, vectors = np.linalg.eigh(covariance)
    largest = np.abs(vectors).argmax(axis=0)
    vectors *= np.sign(vectors[largest, np.arange(len(mean))])
    return mean, np.maximum(values[::-1], 0), vectors[:, ::-1]
