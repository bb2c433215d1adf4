"""The training operators of ONNX, by the test cases it publishes for them.

What maps and what does not, by attribute:
- norm_coefficient is the strength of our L2 penalty, which adds to the gradient before the update.
- Momentum: alpha is our momentum. beta scales the gradient from the second step on, and ours is 1:
  cases of a later step with another beta are not ours. Mode nesterov is our nesterov.
- Adam: alpha and beta are our beta1 and beta2. At T = 0 ONNX leaves out the correction of the bias,
  which a huge step number does as well. At T > 0 its epsilon is added to the root of the biased
  mean, where the paper adds it to that of the unbiased one; no published case has T > 0.
- Adagrad has no part here.
"""

import functools
import warnings

import numpy as np
import pytest

from actlab.nn.optimizers.adam import Adam
from actlab.nn.optimizers.nesterov import Nesterov
from actlab.nn.optimizers.sgd import SGD
from actlab.nn.regularizers.l2 import L2

onnx = pytest.importorskip("onnx", reason="needs the extra 'conformance': pip install onnx")
LATE = 10**9
"""A step at which 1 - beta^t is 1."""


@functools.cache
def published():
    """(operator, attributes, inputs, outputs) of every case of the operators that map."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    found = []
    for case in cases:
        (node, *others) = case.model.graph.node
        if node.op_type in ("Momentum", "Adam") and not others:
            settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            ((inputs, outputs),) = case.data_sets
            found.append(pytest.param(node.op_type, settings, inputs, outputs, id=case.name))
    return found


def optimizer_of(operator, settings, t):
    """Our optimizer, the step it is at, and what its slots hold of ONNX's, as factors."""
    if operator == "Adam":
        assert t == 0
        beta1, beta2 = settings["alpha"], settings["beta"]
        adam = Adam(beta1=beta1, beta2=beta2, epsilon=settings["epsilon"])
        return adam, LATE, (1 / (1 - beta1), 1 / (1 - beta2))
    assert t == 0 or settings["beta"] == 1
    kind = Nesterov if settings["mode"] == b"nesterov" else SGD
    return kind(momentum=settings["alpha"]), t + 1, (1.0,)


@pytest.mark.parametrize(("operator", "settings", "inputs", "outputs"), published())
def test_published_case(operator, settings, inputs, outputs):
    lr, t, *tensors = inputs
    if operator == "Momentum" and t > 0 and settings["beta"] != 1:
        pytest.skip(f"beta {settings['beta']:g} at a later step: ours is 1")
    optimizer, step, factors = optimizer_of(operator, settings, int(t))
    n = len(outputs) // (1 + optimizer.slots)
    for k in range(n):
        theta, grad, *slots = (tensor.astype(np.float64) for tensor in tensors[k::n])
        slots = [slot * factor for slot, factor in zip(slots, factors, strict=True)]
        L2(strength=settings["norm_coefficient"]).add_gradient(theta, grad)
        optimizer.update(theta, grad, slots, float(lr), step)
        found = [theta, *(slot / factor for slot, factor in zip(slots, factors, strict=True))]
        for one, other in zip(found, outputs[k::n], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5)


def test_there_are_cases_of_every_kind():
    found = [(case.values[0], case.values[1].get("mode")) for case in published()]
    assert set(found) == {("Momentum", b"standard"), ("Momentum", b"nesterov"), ("Adam", None)}
