"""Steps that subtract a mean, or scale by a spread."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.data.preprocessing.base import Affine, Moments, Preprocessing, Transform, nonzero

ONE, NOTHING = np.ones(1), np.zeros(1)


class NoPreprocessing(Preprocessing):
    """y = x: raw pixels from 0 to 255.

    Source: the control of LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp".
    """

    name: ClassVar[str] = "none"

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        return Affine(ONE, NOTHING)


class Scale(Preprocessing):
    """y = x / 255: pixels from 0 to 1.

    Source: common practice; Krizhevsky (2009) describes the images' 8-bit range.
    """

    name: ClassVar[str] = "scale"

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        return Affine(ONE / 255, NOTHING)


class GlobalMean(Preprocessing):
    """y = x - mean of all features of all rows (one number).

    Source: the simplest centring of LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp".
    """

    name: ClassVar[str] = "global_mean"

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        return Affine(ONE, -Moments.of(chunks).mean.mean(keepdims=True))


class ChannelMean(Preprocessing):
    """y = x - mean of the channel (3 numbers for colour images).

    Source: Simonyan and Zisserman (2014), VGG, arXiv 1409.1556.
    """

    name: ClassVar[str] = "channel_mean"
    needs_images: ClassVar[bool] = True

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        mean, _ = Moments.of(chunks).pooled((shape[0], int(np.prod(shape[1:]))))
        return Affine(ONE, -mean)


class ChannelStandardize(Preprocessing):
    """y = (x - mean) / std, both of the channel (6 numbers for colour images).

    Source: the preprocessing of ResNet, He, Zhang, Ren and Sun (2015), arXiv 1512.03385.
    """

    name: ClassVar[str] = "channel_standardize"
    needs_images: ClassVar[bool] = True

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        mean, std = Moments.of(chunks).pooled((shape[0], int(np.prod(shape[1:]))))
        return Affine(1 / nonzero(std), -mean / nonzero(std))


class MeanImage(Preprocessing):
    """y = x - mean of each feature (3072 numbers for CIFAR-10).

    Source: Krizhevsky, Sutskever and Hinton (2012), AlexNet.
    """

    name: ClassVar[str] = "mean_image"

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        return Affine(ONE, -Moments.of(chunks).mean)


class Standardize(Preprocessing):
    """y = (x - mean) / std, both of each feature.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.3.
    """

    name: ClassVar[str] = "standardize"

    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        moments = Moments.of(chunks)
        return Affine(1 / nonzero(moments.std), -moments.mean / nonzero(moments.std))
