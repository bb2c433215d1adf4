"""Adam, and Adam with weight decay apart from the gradient."""

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.optimizers.base import Optimizer


class Adam(Optimizer):
    """theta = theta - lr m / (sqrt(v) + epsilon), m and v unbiased running means of g and g^2.

    m = (beta1 m + (1 - beta1) g) / (1 - beta1^t), v likewise with beta2 and g^2, where the division
    is not carried on to the next step t. epsilon is added to the root of the unbiased v, as in
    algorithm 1 of the paper.

    Source: Kingma and Ba (2014), "Adam: a method for stochastic optimization", arXiv 1412.6980.
    """

    name: ClassVar[str] = "adam"
    slots: ClassVar[int] = 2

    lr: float = Field(0.001, ge=0, description="learning rate before the schedule")
    beta1: float = Field(0.9, ge=0, lt=1, description="share of the last mean of g kept")
    beta2: float = Field(0.999, ge=0, lt=1, description="share of the last mean of g^2 kept")
    epsilon: float = Field(1e-8, gt=0, description="added to the root, against division by zero")

    def update(
        self, theta: Array, grad: Array, slots: Sequence[Array], lr: float, step: int
    ) -> None:
        # the slots hold the means without their factors 1 - beta: two passes fewer over the block
        mean, square = slots
        unbiased_mean = (1 - self.beta1) / (1 - self.beta1**step)
        unbiased_square = (1 - self.beta2) / (1 - self.beta2**step)
        mean *= self.beta1
        mean += grad
        square *= self.beta2
        square += np.square(grad, out=grad)
        np.multiply(np.sqrt(square, out=grad), sqrt(unbiased_square), out=grad)
        np.divide(mean, np.add(grad, self.epsilon, out=grad), out=grad)
        theta -= np.multiply(grad, lr * unbiased_mean, out=grad)


class AdamW(Adam):
    """Adam, and besides theta = theta - lr weight_decay theta for the weights, not for biases.

    The decay does not pass through the gradient, so Adam does not divide it by sqrt(v) as it does
    with an L2 penalty. What the paper writes lambda is lr weight_decay here, as in PyTorch: both
    follow the schedule.

    Source: Loshchilov and Hutter (2017), "Decoupled weight decay regularization", arXiv 1711.05101,
    algorithm 2.
    """

    name: ClassVar[str] = "adamw"

    weight_decay: float = Field(0.01, ge=0, description="share of a weight lost per lr and step")

    def shrink(self, weights: Array, lr: float) -> None:
        weights *= 1 - lr * self.weight_decay
