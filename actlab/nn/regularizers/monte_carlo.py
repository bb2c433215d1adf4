"""Prediction by sampling the noise."""

from typing import ClassVar

from pydantic import Field

from actlab.nn.regularizers.base import Regularizer


class MonteCarlo(Regularizer):
    """p(class | x) = mean of softmax(s(x)) over draws of the noise, in the final predictions.

    Dropout, dropconnect and stochastic depth draw as in training, and norms keep their running
    averages; the final losses and accuracies of all splits are of that mean. Without it, and for
    the validation split after each epoch, the noise has its expectation.

    Source: Gal and Ghahramani (2016), "Dropout as a Bayesian approximation", arXiv 1506.02142;
    Srivastava et al. (2014), "Dropout", section 7.5.
    """

    name: ClassVar[str] = "monte_carlo"
    main: ClassVar[str] = "samples"

    samples: int = Field(50, ge=1, description="draws of the noise for each example")
