"""Steps that subtract a mean, or scale by a spread."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.data.preprocessing.base import Preprocessing
from actlab.data.preprocessing.rows import Rows
from actlab.data.preprocessing.transforms import IDENTITY, Affine

ONE, NOTHING = IDENTITY.scale, IDENTITY.shift


class NoPreprocessing(Preprocessing):
    """y = x: raw pixels from 0 to 255.

    Source: the control of LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp".
    """

    name: ClassVar[str] = "none"

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        return IDENTITY


class Scale(Preprocessing):
    """y = x / 255: pixels from 0 to 1.

    Source: common practice; Krizhevsky (2009) describes the images' 8-bit range.
    """

    name: ClassVar[str] = "scale"

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        return Affine(ONE / 255, NOTHING)


class GlobalMean(Preprocessing):
    """y = x - mean of all features of all rows (one number).

    Source: the simplest centring of LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp".
    """

    name: ClassVar[str] = "global_mean"

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        mean, _ = rows.moments()
        return Affine(ONE, -mean.mean(keepdims=True))


class ChannelMean(Preprocessing):
    """y = x - mean of the channel (3 numbers for colour images).

    Source: Simonyan and Zisserman (2014), VGG, arXiv 1409.1556.
    """

    name: ClassVar[str] = "channel_mean"
    needs_images: ClassVar[bool] = True

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        mean, _ = channel_moments(rows, shape)
        return Affine(ONE, -mean)


class ChannelStandardize(Preprocessing):
    """y = (x - mean) / std, both of the channel (6 numbers for colour images).

    Source: the preprocessing of ResNet, He, Zhang, Ren and Sun (2015), arXiv 1512.03385.
    """

    name: ClassVar[str] = "channel_standardize"
    needs_images: ClassVar[bool] = True

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        return standardizing(*channel_moments(rows, shape))


class MeanImage(Preprocessing):
    """y = x - mean of each feature (3072 numbers for CIFAR-10).

    Source: Krizhevsky, Sutskever and Hinton (2012), AlexNet.
    """

    name: ClassVar[str] = "mean_image"

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        mean, _ = rows.moments()
        return Affine(ONE, -mean)


class Standardize(Preprocessing):
    """y = (x - mean) / std, both of each feature; one that does not vary is only centred.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.3.
    """

    name: ClassVar[str] = "standardize"

    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Affine:
        return standardizing(*rows.moments())


def channel_moments(rows: Rows, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Mean and variance of each feature's channel."""
    mean, variance = (one.reshape(shape[0], -1) for one in rows.moments())
    centre = mean.mean(axis=1)
    variance = variance.mean(axis=1) + np.square(mean - centre[:, None]).mean(axis=1)
    return np.repeat(centre, mean.shape[1]), np.repeat(variance, mean.shape[1])


def standardizing(mean: Array, variance: Array) -> Affine:
    """The map to mean 0 and variance 1."""
    std = np.sqrt(np.where(variance > 0, variance, 1))
    return Affine(1 / std, -mean / std)
