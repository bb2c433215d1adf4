"""The logistic curve, on which half of the smooth activations stand."""

import numpy as np

from actlab.arrays import Array


def logistic_into(x: Array, out: Array) -> None:
    """Write 1 / (1 + exp(-x)) to `out`, which is not `x`.

    Single precision, the one of training, takes the formula as it stands: 0 is the right answer
    where exp(-x) overflows, but for subnormal numbers. Double precision, the one of checks, keeps
    those too: exp(-|x|) never overflows, and is the numerator left of zero.
    """
    if x.dtype == np.float32:
        with np.errstate(over="ignore"):
            np.exp(np.negative(x, out=out), out=out)
        np.divide(1, np.add(out, 1, out=out), out=out)
        return
    np.exp(np.negative(np.abs(x, out=out), out=out), out=out)
    denominator = out + 1
    np.maximum(out, np.greater_equal(x, 0), out=out)
    np.divide(out, denominator, out=out)
