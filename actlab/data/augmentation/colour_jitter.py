"""Random colours."""

from typing import ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation, Shape
from actlab.data.augmentation.geometry import as_bytes
from actlab.data.augmentation.palette import colours

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in the brightness of a pixel (ITU-R BT.601)."""


class ColourJitter(Augmentation):
    """Changes brightness b, contrast c and saturation s of an image, and AlexNet's lighting.

    b, c and s come from U(1 - r, 1 + r), r their setting: brightness multiplies the pixels,
    contrast their difference from the mean grey of the image, saturation that from their own grey.
    Lighting adds sum_k a_k sqrt(v_k) p_k to all pixels, a_k from N(0, lighting^2), v_k and p_k the
    eigenvalues and vectors of the covariance of red, green and blue over the training images; the
    paper has v_k without the root, whose size depends on the units of the pixels.

    Source: Krizhevsky et al. (2012), section 4.1; Howard (2013), "Some improvements on deep
    convolutional neural network based image classification", arXiv 1312.5402.
    """

    name: ClassVar[str] = "colour_jitter"
    aliases: ClassVar[tuple[str, ...]] = ("color_jitter",)

    brightness: float = Field(0.2, ge=0, le=1, description="r of the factor on all pixels")
    contrast: float = Field(0.2, ge=0, le=1, description="r of the factor on differences from grey")
    saturation: float = Field(0.2, ge=0, le=1, description="r of the factor on colourfulness")
    lighting: float = Field(0.1, ge=0, description="spread of the shift along the colour axes")
    _axes: Array | None = PrivateAttr(None)

    def check(self, shape: Shape) -> None:
        if shape[0] != 3:
            raise ValueError(f"colour_jitter needs images of 3 channels, not of {shape[0]}")

    def fit(self, images: Array) -> Augmentation:
        fitted = self.model_copy()
        values, vectors = np.linalg.eigh(colours(images)[1])
        fitted._axes = (vectors * np.sqrt(np.maximum(values, 0))).astype(np.float32)
        return fitted

    def change(self, x: Array, rng: np.random.Generator) -> Array:
        """Each image's pixels through an affine map of colours of its own: one product for all."""
        n, c, h, w = x.shape
        ranges = (self.brightness, self.contrast, self.saturation)
        b, contrast, s = 1 + np.multiply(
            np.reshape(ranges, (3, 1)), 2 * rng.random((3, n)) - 1
        ).astype(np.float32)
        shift = self.lighting * rng.standard_normal((n, 3), np.float32)
        shift = shift @ (np.zeros((3, 3), np.float32) if self._axes is None else self._axes).T
        pixels = x.reshape(n, c, h * w).astype(np.float32)
        grey = b * (pixels.mean(axis=2) @ GREY)
        s = s[:, None, None]
        matrix = s * np.eye(3, dtype=np.float32) + (1 - s) * GREY
        y = np.matmul(matrix * (b * contrast)[:, None, None], pixels)
        y += (((1 - contrast) * grey)[:, None] + shift)[:, :, None]
        return as_bytes(y).reshape(x.shape)
