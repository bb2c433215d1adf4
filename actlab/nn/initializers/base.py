"""What every initializer does: draw a matrix for given fans."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from math import nan, sqrt
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.activations import Activation
from actlab.nn.expectations import computed_gain

Fan = Literal["in", "out", "avg"]
Gain = Annotated[float, Field(gt=0)] | Literal["auto"] | None


class Initializer(Part):
    """A distribution of first weights."""

    family: ClassVar[str] = "initializer"
    short_for_number: ClassVar[tuple[str, str] | None] = ("constant", "value")
    scaled: ClassVar[bool] = False
    """Whether the spread follows from the fans, which a bias does not have."""
    unit_outputs: ClassVar[bool] = False
    """Whether `adapt` brings the outputs of a layer to variance 1, whatever std was drawn."""

    @abstractmethod
    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        """A float64 matrix (fan_in, fan_out), for a layer that this activation follows."""

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        """Standard deviation of the weights that `sample` draws, 0 where none is random.

        NaN where a method does not say: the theory then predicts nothing.
        """
        return nan

    @property
    def weight_mean(self) -> float:
        """The mean of what `sample` draws, the only value of weights that are not random."""
        return 0.0

    def check(self, activation: Activation) -> None:
        """Raise ValueError if no weights can be drawn for a layer that this activation follows."""

    @property
    def adapts(self) -> bool:
        """Whether `adapt` does anything."""
        return type(self).adapt is not Initializer.adapt

    def adapt(self, W: Array, outputs: Callable[[], Array]) -> None:
        """Change first weights in place to suit the data: nothing, unless the method is for that.

        `outputs()` is what the layer makes of a batch of training rows with W as it is now.
        """

    def last_in_block(self) -> Initializer:
        """The initializer of the last layer of a residual block, where this one draws the rest."""
        return self


class Gained(Initializer):
    """Base of the initializers that a gain multiplies."""

    scaled: ClassVar[bool] = True

    gain: Gain = Field(
        None, description="factor on the std; auto: 1/sqrt(E[f(z)^2]); empty: the method's own"
    )

    def factor(self, activation: Activation | None) -> float:
        """The gain of the settings; where they name none, the method's own."""
        if self.gain == "auto":
            return computed_gain(activation) if activation else 1.0
        return self.gain or self.own_gain(activation)

    def own_gain(self, activation: Activation | None) -> float:
        """The gain where the settings name none; the activation is None where it is not known."""
        return 1.0

    def check(self, activation: Activation) -> None:
        self.factor(activation)


class Scaled(Gained):
    """Base of the initializers whose variance is gain^2 / fan."""

    def std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        """gain / sqrt(fan)."""
        return self.factor(activation) / sqrt(self.fan_size(fan_in, fan_out))

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return self.std(fan_in, fan_out, activation)

    def fan_size(self, fan_in: int, fan_out: int) -> float:
        """The fan that the settings choose; `avg` is the mean of both."""
        fan: Fan = getattr(self, "fan")  # noqa: B009 (declared, with its default, by each method)
        return {"in": fan_in, "out": fan_out, "avg": (fan_in + fan_out) / 2}[fan]


class Zeros(Initializer):
    """W = 0: all units of a layer stay identical, and in a deep net nothing learns.

    Source: Rumelhart, Hinton and Williams (1986), who break the symmetry with random weights.
    """

    name: ClassVar[str] = "zeros"

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return np.zeros((fan_in, fan_out))

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return 0.0
