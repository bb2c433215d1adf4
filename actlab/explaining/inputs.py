"""Inputs that come to the network as they were."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from actlab.explaining.base import Finding, Rule
from actlab.explaining.reading import Reading, number
from actlab.explaining.remedies import centring


class LargeInputs(Rule):
    """The root mean square of the preprocessed inputs is above 10: pixels from 0 to 255.

    Initializers assume inputs of about unit variance; an order of magnitude beyond it is ours.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.3.
    """

    name: ClassVar[str] = "large_inputs"
    rank: ClassVar[int] = 10

    above: float = Field(10.0, gt=0, description="root mean square of the inputs")

    def look(self, run: Reading) -> Finding | None:
        if not run.input_size > self.above:
            return None
        (mean,) = run.first("input.mean").reshape(-1)
        return Finding(
            self.name,
            "the inputs are not scaled",
            f"their root mean square is {number(run.input_size)} and their mean {number(mean)}, "
            "where initializers expect about 1 and 0",
            changes=centring(run),
        )


class Uncentred(Rule):
    """No preprocessed input is negative: a unit's first-layer weights all move the same way.

    For one example, the gradients of a first-layer unit's weights then have one sign, and training
    zig-zags. Judged by the probe examples, whose least input is 0 or more.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.3; CS231n,
    lecture 6, "what happens when the input to a neuron is always positive?".
    """

    name: ClassVar[str] = "uncentred"
    rank: ClassVar[int] = 90
    explained_by: ClassVar[frozenset[str]] = frozenset({"large_inputs"})

    def look(self, run: Reading) -> Finding | None:
        if not run.uncentred:
            return None
        mean = number(float(run.first("input.mean")))
        return Finding(
            self.name,
            "the inputs are not centred",
            f"none of them is negative, their mean is {mean}: for each example all weights of a "
            "first-layer unit are pushed the same way",
            changes=centring(run),
        )
