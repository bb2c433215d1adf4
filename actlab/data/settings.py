"""The section `data` of a config."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

import actlab.data.sources  # noqa: F401 (registers the sources)
from actlab.config import Settings
from actlab.data.augmentation import Augmentation
from actlab.data.augmentation.chain import shape_out
from actlab.data.averaging import Averaging
from actlab.data.averaging.crops import Centre
from actlab.data.dataset import DataError, Source
from actlab.data.preprocessing import Preprocessing
from actlab.data.preprocessing.centering import MeanImage, NoPreprocessing, Scale, Standardize
from actlab.data.sources.synthetic import Synthetic


def _or_one(schema: dict[str, Any]) -> None:
    """In the JSON Schema: a list, or its only item by itself."""
    item = schema.pop("items")
    schema.pop("type")
    schema["anyOf"] = [{"type": "array", "items": item}, item]


class Data(Settings):
    """Where the examples come from and how they are preprocessed."""

    # before the source, which is told where it is
    path: str | None = Field(None, description="where the source's files are; not in the hash")
    source: Source = Field(default_factory=Synthetic)
    preprocess: tuple[Preprocessing, ...] = Field(
        (),
        validate_default=True,
        description="steps in order; empty: [scale, mean_image] for images, standardize for npz",
        json_schema_extra=_or_one,
    )
    augment: tuple[Augmentation, ...] = Field(
        (),
        description="random changes of the training images in order, before preprocessing",
        json_schema_extra=_or_one,
    )
    test_time: Averaging = Field(
        default_factory=Centre, description="views that the final predictions are averaged over"
    )

    @field_validator("preprocess", "augment", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | Mapping) else value

    @model_validator(mode="before")
    @classmethod
    def _default_steps(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.get("preprocess") is not None:
            return value
        try:
            source = Source.parse(value.get("source", "synthetic"))
        except ValueError:
            return value
        unscaled = Standardize() if source.unknown_units else NoPreprocessing()
        steps = (Scale(), MeanImage()) if source.images else (unscaled,)
        return {**value, "preprocess": steps}

    @field_validator("source")
    @classmethod
    def _source_at_path(cls, source: Source, rest: ValidationInfo) -> Source:
        path = rest.data.get("path")
        return source.at(Path(path)) if path else source

    @model_validator(mode="after")
    def _channels_need_images(self) -> Self:
        images, culprit = self.source.images, self.source.name
        for step in self.preprocess:
            if step.needs_images and not images:
                raise ValueError(f"'{step.name}' needs images, which '{culprit}' does not give")
            images, culprit = images and step.keeps_images, step.name
        return self

    @model_validator(mode="after")
    def _augmentations_fit(self) -> Self:
        culprits = [f"augment: '{step.name}'" for step in self.augment]
        culprits += [f"test_time: '{self.test_time.name}'"] * self.test_time.needs_images
        if culprits and not self.source.images:
            raise ValueError(
                f"{culprits[0]} needs images, which '{self.source.name}' does not give"
            )
        if sum(step.mixes for step in self.augment) > 1:
            raise ValueError("augment: labels can be mixed once; name mixup once")
        if self.augment:
            with suppress(DataError):  # missing files are for loading to report
                shape_out(self.augment, self.source.shape)
        return self

    @property
    def without_validation(self) -> bool:
        """Whether the validation split is known to be empty."""
        with suppress(DataError):
            return self.source.sizes[1] == 0
        return False

    @property
    def features(self) -> int:
        """What the network sees of each row, counted without loading any."""
        features = 1
        for side in shape_out(self.augment, self.source.shape):
            features *= side
        for step in self.preprocess:
            features = step.features_out(features)
        return features
