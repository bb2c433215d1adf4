"""A bound on the length of each unit's weights."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.regularizers.base import Regularizer


class MaxNorm(Regularizer):
    """w = w min(1, radius / |w|) after every update, for the incoming weights w of every unit.

    That is the projection onto the ball of this radius. The output layer's units are bounded, too;
    biases and the first weights are not.

    Source: Srebro, Rennie and Jaakkola (2005), "Maximum-margin matrix factorization"; Srivastava
    et al. (2014), "Dropout", section 5.1.
    """

    name: ClassVar[str] = "max_norm"
    main: ClassVar[str] = "radius"

    radius: float = Field(3.0, gt=0, description="greatest length of a unit's incoming weights")

    def project(self, W: Array) -> None:
        squares = np.einsum("ij,ij->j", W, W)
        if (squares > self.radius**2).any():
            lengths = np.sqrt(np.maximum(squares, np.finfo(W.dtype).tiny))
            W *= np.minimum(1, W.dtype.type(self.radius) / lengths)
