"""The cases that every law is put to: all registered parts, each with every choice it offers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import numpy as np
from pydantic import ValidationError

import actlab.registry  # noqa: F401 (registers all parts)
from actlab.arrays import Array
from actlab.config import Part, members
from actlab.config.parts import _families
from actlab.nn.dense import Dense
from actlab.nn.layer import Layer, Memory, Workspace

BATCH, N_IN, UNITS = 5, 6, 4


def variants(part: type[Part]) -> Iterator[Any]:
    """The part with its defaults, and with every combination of words and switches it allows."""
    yield part()
    choices = {name: _choices(field) for name, field in part.model_fields.items()}
    choices = {name: words for name, words in choices.items() if words}
    for combination in itertools.product(*choices.values()):
        with suppress(ValidationError):
            variant = part.model_validate(dict(zip(choices, combination, strict=True)))
            if variant != part():
                yield variant


def _choices(field: Any) -> tuple[Any, ...]:
    """The words of a setting; where it may be something else too, its default beside them."""
    if field.annotation is bool:
        return (False, True)
    if get_origin(field.annotation) is Literal:
        return get_args(field.annotation)
    if get_origin(field.annotation) is tuple:
        return ()
    kinds = [kind for kind in get_args(field.annotation) if get_origin(kind) is Literal]
    words = [word for kind in kinds for word in get_args(kind)]
    return tuple(dict.fromkeys([field.default, *words])) if words else ()


def parts(family: str) -> list[Any]:
    """Every variant of every part of a family."""
    return [variant for part in members(family).values() for variant in variants(part)]


def activations() -> list[Any]:
    """Every variant of every activation, and the same with every number moved from its default.

    At a default of 1 a forgotten factor shows in nothing.
    """
    defaults = parts("activation")
    annealed = members("activation")["softmax"](temperature=2.0, anneal_to=0.5)
    return list(dict.fromkeys([*defaults, *map(moved, defaults), annealed]))


def moved(part: Any) -> Any:
    """The part with another value of every number that can be set."""
    settings = part.model_dump(by_alias=True)
    for name, value in settings.items():
        if type(value) in (int, float):
            settings[name] = value + 1 if type(value) is int else 0.7 * value + 0.1
    return type(part).model_validate(settings)


def unregistered(part: type[Part]) -> type[Part]:
    """A part of a test's own, which no config can name and no law is put to."""
    del _families[part.family][part.name]
    return part


def layers() -> list[Layer]:
    """Every layer that a config can bring into a network."""
    dense = [Dense(UNITS, part) for part in parts("initializer")]
    brought = [layer for part in parts("regularizer") for layer in brought_by(part)]
    return [*dense, *activations(), *parts("norm"), *brought]


def brought_by(regularizer: Any) -> Iterator[Layer]:
    """The layers that a regularizer puts into networks, or in place of theirs."""
    yield from filter(None, (regularizer.input_layer(), regularizer.hidden_layer()))
    yield from filter(None, (regularizer.block_layer(2, 3),))
    plain = Dense(UNITS, members("initializer")["he_normal"]())
    if (dense := regularizer.connected(plain)) is not plain:
        yield dense


def title(case: object) -> str:
    """How a case is called in the output of pytest."""
    return f"{getattr(case, 'name', type(case).__name__)}-{case}"[:60]


@dataclass
class Bench:
    """One layer in a workspace of its own, ready to be run, in the midst of training."""

    layer: Layer
    dtype: Any = np.float64
    training: bool = False
    n_in: int = N_IN
    capacity: int = BATCH

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.dtype)
        self.memory: Memory = self.workspace.memory("it")
        self.n_out = self.layer.claim(self.n_in, self.memory)
        self.workspace.lay_out()
        self.workspace.progress_to(0.3)
        self.workspace.resize(self.capacity)
        self.layer.initialize(self.memory, np.random.default_rng(3))

    def input(self, batch: int = BATCH) -> Array:
        """Rows away from the kinks at zero."""
        x = np.random.default_rng(4).normal(size=(batch, self.n_in)).astype(self.dtype)
        return x + np.sign(x).astype(self.dtype) * self.dtype(0.05)

    def forward(self, x: Array) -> Array:
        """y, with the noise of stochastic layers the same at every call."""
        self.workspace.resize(len(x))
        self.memory.training = self.memory.batch_statistics = self.training
        self.memory.rng = np.random.default_rng(5)
        return self.layer.forward(x, self.memory)

    def dy(self, batch: int = BATCH) -> Array:
        """The gradient that arrives from above."""
        rows = np.random.default_rng(6).normal(size=(batch, self.n_out))
        return rows.astype(self.dtype)

    def loss(self, x: Array) -> float:
        """A number whose gradient in y is dy."""
        return float(np.sum(self.forward(x) * self.dy(len(x)), dtype=np.float64))

    def fill_with_nan(self) -> None:
        """Stale work arrays: nothing may depend on what they held."""
        self.workspace.grad[...] = np.nan
        claimed = (self.memory.__dict__[kind] for kind in ("_full", "_fixed"))
        for array in [array for arrays in claimed for array in arrays.values()]:
            array[...] = np.nan if array.dtype.kind == "f" else True
