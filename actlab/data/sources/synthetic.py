"""Images that need no download and behave, for a multilayer perceptron, as CIFAR-10 does."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from actlab.data.dataset import Dataset, SizedSource, Split
from actlab.randomness import generator

Array = NDArray[np.float32]

CLASSES = 10
SIDE = 32
SHIFT = 4
"""Pixels by which a texture is moved at most, in each direction."""
CANVAS = SIDE + 2 * SHIFT
PROTOTYPES = 6
"""Textures per class."""
KINSHIP = 0.06
"""Share of a texture's variance that all textures of its class have in common."""
TASK_SEED = 231
"""Fixes the textures, so that every experiment's seed draws from the same ten classes."""
CHUNK = 250
"""Images drawn at a time: bounds the memory, and makes a smaller set a prefix of a larger one."""

# Rows: brightness, red against blue, red and blue against green, the principal axes of natural
# colour; lengths and gains give the channels of CIFAR-10 their correlations and spreads.
COLOUR_AXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
COLOUR_SPREADS = np.array([[1.66], [0.436], [0.22]])
CHANNEL_GAINS = np.array([1.09, 1.11, 1.24])
CHANNEL_OFFSETS = np.array([-0.04, -0.08, -0.25])


class Synthetic(SizedSource):
    """32x32 colour images, 255 / (1 + exp(-field)): a class texture in 1/f clutter.

    A class is six low-frequency colour textures with a little in common. An image shows one of
    them, flipped or not and moved by up to four pixels, in clutter with the power spectrum of
    photographs, under a contrast and a colour cast of its own. The ten classes are the same under
    every seed; the seed draws the examples, independently for each split.

    Source: after the 1/f spectra of photographs (Field, J. Opt. Soc. Am. A 4, 1987) and their
    colour axes (Ruderman, Cronin & Chiao, J. Opt. Soc. Am. A 15, 1998).

    Measured on 10,000 training and 5,000 test images, beside CIFAR-10's first training batch and
    test images (from a JPEG-compressed copy); accuracies after 20 and 40 epochs of SGD with
    momentum 0.9, pixels in [0, 1] less the mean image:

    ======================================  =====================  =====================
    .                                       synthetic, seed 0      CIFAR-10
    ======================================  =====================  =====================
    channel means                           123.7, 121.4, 113.6    125.2, 122.7, 113.3
    channel standard deviations             62.3, 61.5, 66.8       62.7, 62.2, 66.8
    correlations RG, RB, GB                 0.909, 0.801, 0.909    0.918, 0.806, 0.917
    slope of log power in log frequency     -3.07                  -3.05
    deviation within an image, of grey      50.7                   50.0
    softmax regression, train / test        44.4 % / 39.3 %        44.5 % / 39.7 %
    512 relu units, train / test            99.1 % / 52.7 %        98.0 % / 47.6 %
    ... test images flipped                 52.6 %                 47.8 %
    ... test images moved by two pixels     48.4 %                 46.2 %
    ======================================  =====================  =====================
    """

    name: ClassVar[str] = "synthetic"

    train: int = Field(10_000, ge=1, description="training examples")
    validation: int = Field(1_000, ge=0, description="validation examples")
    test: int = Field(2_000, ge=0, description="test examples")
    clutter: float = Field(
        1.65, ge=0, description="standard deviation of the clutter in units of the texture's"
    )

    @property
    def images(self) -> bool:
        return True

    @property
    def shape(self) -> tuple[int, ...]:
        return (3, SIDE, SIDE)

    @property
    def n_classes(self) -> int:
        return CLASSES

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """Each split is an independent draw, and a smaller one the beginning of a larger one."""
        train, validation, test = (self._split(n, seed, k) for k, n in enumerate(self.sizes))
        names = tuple(f"texture {label}" for label in range(CLASSES))
        return Dataset(train, validation, test, names, self.shape)

    def _split(self, rows: int, seed: int, index: int) -> Split:
        x = np.empty((rows, 3 * SIDE * SIDE), np.uint8)
        labels = np.empty(rows, np.int64)
        for chunk, start in enumerate(range(0, rows, CHUNK)):
            wanted = slice(start, min(start + CHUNK, rows))
            drawn = self._draw(generator(seed, "data", index, chunk))
            x[wanted], labels[wanted] = (part[: wanted.stop - start] for part in drawn)
        return Split(x, labels)

    def _draw(self, random: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """A chunk of images as rows, and their labels."""
        labels = random.integers(CLASSES, size=CHUNK)
        textures = _textures()[labels, random.integers(PROTOTYPES, size=CHUNK)]
        field = _fields(random, CHUNK, _amplitudes(1.45))[..., :SIDE, :SIDE]
        field *= np.float32(self.clutter)
        field += _moved(textures, random)
        field /= np.float32(np.hypot(1, self.clutter))
        field *= np.exp(0.35 * random.standard_normal((CHUNK, 1, 1, 1), np.float32))
        field += 0.55 * random.standard_normal((CHUNK, 3, 1, 1), np.float32)
        return _pixels(field), labels


@cache
def _textures() -> Array:
    """The task: textures `(classes, prototypes, 3, canvas, canvas)` of mean 0 and variance 1."""
    random = generator(TASK_SEED, "data")
    amplitudes = _amplitudes(1.2) * _low_pass(2.5)
    own = _fields(random, CLASSES * PROTOTYPES, amplitudes)
    own = own.reshape(CLASSES, PROTOTYPES, 3, CANVAS, CANVAS)
    common = _fields(random, CLASSES, amplitudes)[:, None]
    # Symmetric, so that flipped images of a class share it too.
    common = (common + common[..., ::-1]) / np.sqrt(2)
    textures = np.sqrt(KINSHIP) * common + np.sqrt(1 - KINSHIP) * own
    textures -= textures.mean((-1, -2), keepdims=True)
    textures /= textures.std((-1, -2), keepdims=True)
    return textures.astype(np.float32)


def _frequencies() -> NDArray[np.float64]:
    """Cycles per canvas of each coefficient of a real transform."""
    return CANVAS * np.hypot(np.fft.fftfreq(CANVAS)[:, None], np.fft.rfftfreq(CANVAS))


def _amplitudes(exponent: float) -> NDArray[np.float64]:
    """1 / frequency**exponent, and 0 for the mean: brightness is drawn apart."""
    frequencies = _frequencies()
    frequencies[0, 0] = np.inf
    return frequencies**-exponent


def _low_pass(cutoff: float) -> NDArray[np.float64]:
    return np.exp(-((_frequencies() / cutoff) ** 4))


def _fields(random: np.random.Generator, n: int, amplitudes: NDArray[np.float64]) -> Array:
    """Gaussian random fields `(n, 3, canvas, canvas)` of this spectrum and variance 1."""
    # All columns but the first and the last stand for two coefficients each.
    twice = np.full(CANVAS // 2 + 1, 2)
    twice[[0, -1]] = 1
    scale = CANVAS**2 / np.sqrt(2 * (twice * amplitudes**2).sum())
    parts = random.standard_normal((n, 3, *amplitudes.shape, 2), np.float32)
    waves = parts.view(np.complex64)[..., 0]
    waves *= (scale * amplitudes).astype(np.float32)
    return np.asarray(np.fft.irfft2(waves, s=(CANVAS, CANVAS)), np.float32)


def _moved(textures: Array, random: np.random.Generator) -> Array:
    """A window of each texture, `(n, 3, side, side)`: where and whether mirrored falls by lot."""
    n = len(textures)
    rows, columns = random.integers(CANVAS - SIDE + 1, size=(2, n, 1)) + np.arange(SIDE)
    mirrored = random.integers(2, size=(n, 1)) == 1
    columns = np.where(mirrored, columns[:, ::-1], columns)
    image, channel = np.arange(n)[:, None, None, None], np.arange(3)[:, None, None]
    return textures[image, channel, rows[:, None, :, None], columns[:, None, None, :]]


def _pixels(field: Array) -> NDArray[np.uint8]:
    """Fields on the three colour axes as rows of red, green and blue in 0..255."""
    mixing = CHANNEL_GAINS[:, None] * (COLOUR_AXES * COLOUR_SPREADS).T
    x = mixing.astype(np.float32) @ field.reshape(len(field), 3, -1)
    x += CHANNEL_OFFSETS.astype(np.float32)[:, None]
    # The logistic keeps every pixel positive without clipping, and overflow is no danger:
    # fields are a few units wide.
    np.exp(-x, out=x)
    x += 1
    np.divide(255, x, out=x)
    x += np.float32(0.5)
    return x.astype(np.uint8).reshape(len(field), -1)
