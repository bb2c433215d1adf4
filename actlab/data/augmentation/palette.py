"""The colours of the training images: their mean and covariance, in one pass."""

from __future__ import annotations

import numpy as np

from actlab.arrays import Array

CHUNK = 1000
MIDDLE = np.float32(128)


def colours(images: Array) -> tuple[Array, Array]:
    """Mean (channels,) and covariance (channels, channels) of all pixels, in float64.

    Around 128 the sums of products of an image of 32 x 32 pixels are whole numbers up to 2^24, so
    exact in float32; float64 adds up the images.
    """
    channels = images.shape[1]
    total, products = np.zeros(channels), np.zeros((channels, channels))
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        x = chunk.reshape(len(chunk), channels, -1) - MIDDLE
        total += x.sum(axis=2).sum(axis=0, dtype=np.float64)
        products += np.matmul(x, x.transpose(0, 2, 1)).sum(axis=0, dtype=np.float64)
    n = images.size // channels
    mean = total / n
    return mean + float(MIDDLE), products / n - np.outer(mean, mean)
