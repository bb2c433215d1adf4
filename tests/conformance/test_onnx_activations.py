"""The node tests of ONNX, put to our activations wherever these are the same function."""

import warnings

import numpy as np
import pytest

from actlab import activation
from actlab.nn.layer import Workspace

onnx = pytest.importorskip("onnx", reason="needs the extra 'conformance': pip install onnx")

SIMPLE = {
    "Relu": lambda given: activation("relu"),
    "LeakyRelu": lambda given: activation("leaky_relu", slope=given.get("alpha", 0.01)),
    "PRelu": lambda given: activation("prelu"),
    "Elu": lambda given: activation("elu", alpha=given.get("alpha", 1.0)),
    "Selu": lambda given: activation(
        "selu",
        alpha=given.get("alpha", 1.67326319217681884765625),
        scale=given.get("gamma", 1.05070102214813232421875),
    ),
    "Celu": lambda given: activation("celu", alpha=given.get("alpha", 1.0)),
    "Gelu": lambda given: activation(
        "gelu", approximate=given.get("approximate", b"none").decode()
    ),
    "Sigmoid": lambda given: activation("sigmoid"),
    "HardSigmoid": lambda given: activation(
        "hardsigmoid", slope=given.get("alpha", 0.2), offset=given.get("beta", 0.5)
    ),
    "HardSwish": lambda given: activation("hardswish"),
    "Swish": lambda given: activation("swish", beta=given.get("alpha", 1.0)),
    "Mish": lambda given: activation("mish"),
    "Tanh": lambda given: activation("tanh"),
    "Softplus": lambda given: activation("softplus"),
    "Softsign": lambda given: activation("softsign"),
    "Softmax": lambda given: activation("softmax"),
    "LogSoftmax": lambda given: activation("log_softmax"),
    "ThresholdedRelu": lambda given: activation("threshold", threshold=given.get("alpha", 1.0)),
}


def collected():
    """Every node test of one of the operators; their expansions into other operators are not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    nodes = [(case, case.model.graph.node) for case in cases]
    return [
        case
        for case, node in nodes
        if len(node) == 1 and node[0].op_type in {*SIMPLE, "Clip", "Shrink"}
    ]


def same_function(operator, given, inputs):
    """Our activation for an operator with these attributes; a reason in words if there is none."""
    if inputs[0].dtype not in (np.float16, np.float32, np.float64):
        return f"{inputs[0].dtype} is no floating-point type of NumPy's"
    if operator == "Clip":
        if len(inputs) < 3 or any(bound is None or np.shape(bound) for bound in inputs[1:]):
            return "a clip with one end or none is no hardtanh"
        low, high = map(float, inputs[1:])
        return activation("hardtanh", min=low, max=high) if low < high else "min above max"
    if operator == "Shrink":
        lambd, bias = given.get("lambd", 0.5), given.get("bias", 0.0)
        names = {0.0: "hardshrink", lambd: "softshrink"}
        if bias not in names:
            return "a bias other than 0 and lambd is neither shrink"
        return activation(names[bias], **{"lambda": lambd})
    return SIMPLE[operator](given)


def outcome(operator, f, given, inputs):
    """What our activation makes of the inputs, moved to the axes that it works on."""
    x = inputs[0]
    if operator in ("Softmax", "LogSoftmax"):
        axis = given.get("axis", -1)
        return np.moveaxis(f.value(np.moveaxis(x, axis, -1)), -1, axis)
    if operator == "PRelu":
        return with_slopes(f, x, inputs[1])
    return f.value(x)


def with_slopes(prelu, x, slopes):
    """The layer, its learned slopes set: one per unit of the last axis, or of all axes."""
    workspace = Workspace(x.dtype)
    memory = workspace.memory("it")
    rows = x.reshape(-1, slopes.size)
    prelu.claim(slopes.size, memory)
    workspace.lay_out()
    workspace.resize(len(rows))
    memory.a[...] = slopes.ravel()
    return prelu.forward(rows, memory).reshape(x.shape)


@pytest.mark.parametrize("case", collected(), ids=lambda case: case.name)
def test_node(case):
    (node,) = case.model.graph.node
    given = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    for inputs, (expected,) in case.data_sets:
        f = same_function(node.op_type, given, inputs)
        if isinstance(f, str):
            pytest.skip(f)
        found = outcome(node.op_type, f, given, inputs)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=case.rtol, atol=case.atol)
