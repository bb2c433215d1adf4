"""What preprocessing makes of the training rows: spreads, covariance, and what a sample costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import OfExperiment, Series, Unmeasured
from actlab.data.dataset import DataError, Dataset, Source, Split
from actlab.data.preprocessing import Preprocessing, pipeline
from actlab.experiment import Experiment
from actlab.running import load_data

KEPT = 500_000_000
"""Bytes of data that are kept for the next measure."""
MOST_ROWS = 5000
"""Training rows, evenly spaced, that go through fitted steps."""


class PixelStdSpread(OfExperiment):
    """How much the std of features differs, after the preprocessing steps, over training rows.

    ratio: the largest std over the smallest; variation: the std of the stds over their mean.

    Source: CS231n course notes (Karpathy, 2015), "Data preprocessing", on the relative scales of
    pixels.
    """

    name: ClassVar[str] = "pixel_std_spread"
    summary: Literal["ratio", "variation"] = Field("ratio", description="ratio or variation")

    @property
    def label(self) -> str:
        words = {"ratio": "largest / smallest std of a feature", "variation": "variation of stds"}
        return words[self.summary]

    def of_experiment(self, experiment: Experiment) -> float:
        std = _stds(experiment)
        if self.summary == "variation":
            return float(std.std() / std.mean())
        if not std.min() > 0:
            raise Unmeasured("a feature does not vary, so there is no ratio of stds")
        return float(std.max() / std.min())

    def series(self, experiment: Experiment) -> Series | None:
        std = np.sort(_stds(experiment))
        shown = np.linspace(0, len(std) - 1, min(len(std), 200)).round().astype(int)
        return Series((shown + 1).tolist(), std[shown].tolist(), "feature, by its std")


class SamplingError(OfExperiment):
    """How far rows move if steps use a sample of the training split, as they ask, and not all.

    The root mean square over features and training rows of y_sample - y_all, in units of the root
    mean square over features of the std of y_all: for a mean of n rows about 1 / sqrt(n).

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.3, where the mean
    is that "over the training set".
    """

    name: ClassVar[str] = "sampling_error"

    @property
    def label(self) -> str:
        return "error of the sample, in stds of a pixel"

    def of_experiment(self, experiment: Experiment) -> float:
        return _moved(experiment, experiment.data.preprocess)

    def series(self, experiment: Experiment) -> Series | None:
        steps = experiment.data.preprocess
        if all(step.sample is None for step in steps):
            return None
        n = len(_loaded(experiment).train)
        sizes = np.unique(np.geomspace(2, n // 2, 6).astype(int)).tolist()
        y = [_moved(experiment, [_sampling(step, size) for step in steps]) for size in sizes]
        return Series(sizes, y, "training rows in the sample", True, True)


class Covariance(OfExperiment):
    """How far the covariance of preprocessed rows is from diagonal, or from the identity.

    diagonal: the largest correlation |C_ij| / sqrt(C_ii C_jj) of two features; identity: the
    largest |C - I|. To bound the cost the steps are fitted, in float64, to evenly spaced features
    of the training split; C is of its rows, or of the test split's, less their mean.

    Source: Krizhevsky (2009), "Learning multiple layers of features from tiny images", appendix A.
    """

    name: ClassVar[str] = "covariance"
    near: Literal["diagonal", "identity"] = Field("diagonal", description="what it is to be near")
    features: int = Field(300, ge=2, le=2000, description="so many of the rows' features")
    split: Literal["train", "test"] = Field("train", description="whose rows")

    @property
    def label(self) -> str:
        if self.near == "diagonal":
            return f"largest correlation, {self.split} rows"
        return f"largest |C - identity|, {self.split} rows"

    def of_experiment(self, experiment: Experiment) -> float:
        C = self._covariance(experiment)
        if self.near == "identity":
            return float(np.abs(C - np.eye(len(C))).max())
        spread = np.sqrt(np.diag(C))
        if not spread.min() > 0:
            raise Unmeasured("a feature does not vary, so it has no correlation")
        return float(np.abs(C / spread / spread[:, None] - np.eye(len(C))).max())

    def series(self, experiment: Experiment) -> Series | None:
        variances = np.diag(self._covariance(experiment))
        return Series(list(range(1, len(variances) + 1)), variances.tolist(), "feature", True)

    def _covariance(self, experiment: Experiment) -> Array:
        data, steps = _loaded(experiment), experiment.data.preprocess
        if any(step.needs_images for step in steps):
            raise Unmeasured("steps of whole images cannot be fitted to some of their pixels")
        chosen = _evenly(data.features, self.features)
        train = Split(data.train.x[:, chosen], data.train.labels)
        try:
            fitted = pipeline.fit(
                steps, train, (len(chosen),), seed=experiment.seed, dtype=np.float64
            )
        except DataError as error:
            raise Unmeasured(str(error)) from error
        seen = train.x if self.split == "train" else data.test.x[:, chosen]
        if len(seen) < 2:
            raise Unmeasured(f"the {self.split} split has too few rows for a covariance")
        y = fitted.apply(seen.astype(np.float64))
        y -= y.mean(axis=0)
        return y.T @ y / len(y)


def _stds(experiment: Experiment) -> Array:
    """Of every feature as the network sees it, over all training rows."""
    return _fitted(experiment, experiment.data.preprocess).std(axis=0)


def _moved(experiment: Experiment, steps: Sequence[Preprocessing]) -> float:
    """What a sample changes in the rows, in units of the rows' spread."""
    everything = [step.model_copy(update={"sample": None}) for step in steps]
    y = _fitted(experiment, everything)
    spread = np.sqrt(y.var(axis=0).mean())
    if not spread > 0:
        raise Unmeasured("the rows do not vary, so there is no spread to compare with")
    y -= _fitted(experiment, steps)
    return float(np.sqrt(np.square(y).mean()) / spread)


def _fitted(experiment: Experiment, steps: Sequence[Preprocessing]) -> Array:
    """Training rows through these steps, which are fitted to all of them."""
    data = _loaded(experiment)
    fitted = pipeline.fit(steps, data.train, data.shape, seed=experiment.seed)
    rows = data.train.x[_evenly(len(data.train), MOST_ROWS)]
    return fitted.apply(rows).astype(np.float64)


def _sampling(step: Preprocessing, size: int) -> Preprocessing:
    """The step with a sample of this size, if it takes one."""
    return step if step.sample is None else step.model_copy(update={"sample": size})


def _evenly(n: int, wanted: int) -> Array:
    wanted = min(n, wanted)
    return np.arange(wanted) * n // wanted


def _loaded(experiment: Experiment) -> Dataset:
    """The data, kept within bounds, since a claim asks for the same ones many times."""
    data = experiment.data
    key = data.source, experiment.seed, data.path
    if key not in _kept:
        _kept[key] = load_data(experiment)
        while len(_kept) > 1 and sum(map(_bytes, _kept.values())) > KEPT:
            del _kept[next(iter(_kept))]
    return _kept[key]


def _bytes(data: Dataset) -> int:
    return sum(split.x.nbytes for split in (data.train, data.validation, data.test))


_kept: dict[tuple[Source, int, str | None], Dataset] = {}
