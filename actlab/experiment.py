"""The whole config as one validated, frozen model, with its overrides, label and hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from actlab.config import ConfigError, Document, Fault, Settings, read, validate, write
from actlab.data.settings import Data
from actlab.nn.activations import Activation
from actlab.nn.activations.relu import ReLU
from actlab.nn.initializers import Initializer
from actlab.nn.initializers.base import Zeros
from actlab.nn.initializers.scaled import HeNormal
from actlab.nn.losses import CrossEntropy, Loss
from actlab.nn.norms import Norm
from actlab.nn.optimizers import Optimizer
from actlab.nn.optimizers.sgd import SGD
from actlab.nn.regularizers import Regularization
from actlab.nn.schedules import Schedule
from actlab.nn.schedules.constant import ConstantRate
from actlab.probes import DEFAULT_PROBES, Probe

SMOKE_EXAMPLES = 500
SWEEP_SECTIONS = ("sweep", "tune")
"""Keys of a config that say which runs to make of it, and are no part of any of them."""
CLAIM_SECTIONS = ("claims", "full")
"""Keys of a config that say what its runs are to show, and what --full changes in them."""


class Model(Settings):
    """The network: hidden layers of one activation, and a linear layer for the classes."""

    depth: int | None = Field(None, ge=0, le=10_000, description="hidden layers (3)")
    width: int | None = Field(None, ge=1, le=1_000_000, description="units in each (512)")
    widths: tuple[int, ...] | None = Field(None, description="units per layer, instead of both")
    activation: Activation = Field(default_factory=ReLU)
    init: Initializer = Field(default_factory=HeNormal, description="of all weights")
    output_init: Initializer | None = Field(None, description="of the last layer, if it differs")
    bias_init: Initializer = Field(default_factory=Zeros, description="zeros or a constant")
    norm: Norm | None = Field(None, description="normalization of every hidden layer")
    residual: bool = Field(False, description="identity skips around pairs of hidden layers")
    dtype: Literal["float32", "float64"] = "float32"

    @model_validator(mode="before")
    @classmethod
    def _default_shape(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.get("widths") is not None:
            return value
        return {**value, "depth": value.get("depth", 3), "width": value.get("width", 512)}

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.widths is not None and (self.depth, self.width) != (None, None):
            raise ValueError("name either widths, or depth and width")
        if self.widths is None and None in (self.depth, self.width):
            raise ValueError("depth and width must be whole numbers")
        if any(width < 1 for width in self.widths or ()):
            raise ValueError("every width must be at least 1")
        if self.residual and (len(set(self.hidden_widths)) > 1 or len(self.hidden_widths) % 2 == 0):
            raise ValueError(
                "residual needs hidden layers of one width and an odd depth: one layer that brings "
                "the input to that width, then two for each block"
            )
        if self.residual and self.activation.widening > 1:
            raise ValueError(
                f"residual needs an activation of one piece, not {self.activation.name}"
            )
        if self.bias_init.scaled:
            raise ValueError(f"bias_init: '{self.bias_init.name}' scales by fans; a bias has none")
        self.init.check(self.activation)
        return self

    @property
    def hidden_widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, from the input."""
        if self.widths is not None:
            return self.widths
        return (self.width or 0,) * (self.depth or 0)

    @property
    def shape_label(self) -> str:
        """`3x512`, or `1024-512-256`."""
        return "-".join(map(str, self.widths)) if self.widths else f"{self.depth}x{self.width}"


def _rate_in_schema(schema: dict[str, Any]) -> None:
    """In the JSON Schema: what is short for the optimizer's rate."""
    words = {"type": "number", "minimum": 0, "description": "short for optimizer.lr"}
    schema["properties"]["lr"] = words


class Train(Settings):
    """How the network is trained."""

    model_config = ConfigDict(json_schema_extra=_rate_in_schema)

    epochs: int = Field(10, ge=0, le=1_000_000, description="0 records the first state only")
    batch_size: int = Field(128, ge=1, le=1_000_000)
    loss: Loss = Field(default_factory=CrossEntropy)
    optimizer: Optimizer = Field(default_factory=SGD)
    schedule: Schedule = Field(default_factory=ConstantRate)

    @model_validator(mode="before")
    @classmethod
    def _rate_of_the_optimizer(cls, value: Any) -> Any:
        """`lr` is short for `optimizer.lr`."""
        if not isinstance(value, Mapping) or "lr" not in value:
            return value
        optimizer = value.get("optimizer", "sgd")
        if isinstance(optimizer, Optimizer):
            optimizer = optimizer.written()
        optimizer = {"name": optimizer} if isinstance(optimizer, str) else dict(optimizer)
        rest = {key: setting for key, setting in value.items() if key != "lr"}
        return {**rest, "optimizer": {**optimizer, "lr": value["lr"]}}


class Recording(Settings):
    """What is measured, when, and on how many examples."""

    every: Literal["epoch"] | int = Field("epoch", description="epoch, or a number of steps")
    bins: int = Field(100, ge=2, le=100_000, description="bins of each histogram")
    probe_examples: int = Field(1000, ge=1, description="training examples the statistics are of")
    probes: tuple[Probe, ...] = Field(DEFAULT_PROBES, description="the statistics recorded")

    @field_validator("every")
    @classmethod
    def _some_steps(cls, value: Any) -> Any:
        if value != "epoch" and value < 1:
            raise ValueError("must be 'epoch' or at least 1 step")
        return value


class Experiment(Settings):
    """One run: everything that determines its result, and nothing else."""

    name: str = Field("experiment", pattern=r"^[\w][\w.+-]*$", max_length=100)
    seed: int = Field(0, ge=0)
    data: Data = Field(default_factory=lambda: Data.model_validate({}))
    model: Model = Field(default_factory=lambda: Model.model_validate({}))
    regularization: Regularization = ()
    train: Train = Field(default_factory=Train)
    record: Recording = Field(default_factory=Recording)

    @model_validator(mode="after")
    def _regularizers_have_what_they_need(self) -> Self:
        for part in self.regularization:
            if part.needs_residual and not self.model.residual:
                raise ValueError(
                    f"regularization.{part.name} acts on residual blocks; set model.residual: true"
                )
            if part.needs_validation and self.data.without_validation:
                raise ValueError(
                    f"regularization.{part.name} looks at the validation split, which is empty; "
                    "give data.source some validation examples"
                )
        return self

    def resolved(self) -> dict[str, Any]:
        """Plain values with every default filled in: what config.yaml of a run holds."""
        return self.model_dump(mode="json", exclude_none=True)

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits of the SHA-256 of the resolved config, without data.path."""
        resolved = self.resolved()
        resolved["data"].pop("path", None)
        text = json.dumps(resolved, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def label(self) -> str:
        """What stands before the digest in the name of the run directory."""
        model = self.model
        return f"{model.activation.name}-{model.init.name}-{model.shape_label}"

    @property
    def directory(self) -> Path:
        """The run directory below the results folder."""
        return Path(self.name) / f"{self.label}-{self.digest}"

    def smoke(self) -> Experiment:
        """The same model on so little data that it trains in seconds."""
        resolved = self.resolved()
        resolved["data"]["source"] = self.data.source.shrunk(SMOKE_EXAMPLES).written()
        resolved["train"]["epochs"] = min(self.train.epochs, 1)
        resolved["record"]["probe_examples"] = min(self.record.probe_examples, 100)
        return load(resolved)


def load(
    source: str | os.PathLike[str] | Mapping[str, Any], overrides: Sequence[str] = ()
) -> Experiment:
    """An experiment from a YAML file or a mapping, with `dotted.path=value` overrides on top.

    A file's stem is the name if the config has none. Raises ConfigError with one fault a line.
    """
    document = opened(source)
    for key in SWEEP_SECTIONS:
        if isinstance(document.value, Mapping) and key in document.value:
            message = "this config describes many runs; train them with: actlab sweep CONFIG"
            raise ConfigError([Fault(document.place((key,), of_key=True), key, message)])
    document = document.without(*CLAIM_SECTIONS)
    for override in overrides:
        document = document.override(override)
    return validate(Experiment, document)


def opened(source: str | os.PathLike[str] | Mapping[str, Any]) -> Document:
    """The document of a config that is yet to be validated, named after its file."""
    if isinstance(source, Mapping):
        return Document("<config>", dict(source))
    document = read(Path(source))
    if document.value is None:
        document = Document(document.origin, {})
    if isinstance(document.value, Mapping) and "name" not in document.value:
        named = {"name": Path(source).stem, **document.value}
        document = Document(document.origin, named, document.key_places, document.value_places)
    return document


def dump(experiment: Experiment) -> str:
    """The resolved config as YAML; loading it gives the same experiment."""
    return write(experiment.resolved())
