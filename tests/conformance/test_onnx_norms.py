"""BatchNormalization and LayerNormalization of ONNX, by its published cases.

Channels become units, and all other axes rows; normalized axes become units, and those before them
rows. Tolerances are ONNX's own, 1e-3 and 1e-7. In training it remembers the variance of the batch
itself, where ours has Bessel's correction: of the running statistics the means are compared.
"""

import functools
import warnings

import numpy as np
import pytest
from cases import Bench

from actlab.nn.norms.batch_norm import BatchNorm
from actlab.nn.norms.layer_norm import LayerNorm

onnx = pytest.importorskip("onnx", reason="needs the extra 'conformance': pip install onnx")


@functools.cache
def published(operator):
    """(attributes, inputs, outputs) of every case, without expansions into other operators."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    found = []
    for case in cases:
        (node, *others) = case.model.graph.node
        if node.op_type == operator and not others:
            settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            ((inputs, outputs),) = case.data_sets
            found.append(pytest.param(settings, inputs, outputs, id=case.name))
    return found


def placed(norm, rows, scale, shift, *, training=False):
    """The norm over rows of this width, with this scale and shift."""
    bench = Bench(norm, rows.dtype.type, training=training, n_in=rows.shape[1], capacity=len(rows))
    bench.memory.scale[...], bench.memory.shift[...] = scale.ravel(), shift.ravel()
    return bench


@pytest.mark.parametrize(("settings", "inputs", "outputs"), published("BatchNormalization"))
def test_batch_norm(settings, inputs, outputs):
    x, scale, shift, mean, var = inputs
    training = bool(settings.get("training_mode", 0))
    norm = BatchNorm(
        epsilon=settings.get("epsilon", 1e-5), momentum=1 - settings.get("momentum", 0.9)
    )
    last = np.moveaxis(x, 1, -1)
    bench = placed(norm, last.reshape(-1, len(scale)), scale, shift, training=training)
    bench.memory.running_mean[...], bench.memory.running_var[...] = mean, var
    y = bench.forward(last.reshape(-1, len(scale))).reshape(last.shape)
    np.testing.assert_allclose(np.moveaxis(y, -1, 1), outputs[0], rtol=1e-3, atol=1e-7)
    if training:
        np.testing.assert_allclose(bench.memory.running_mean, outputs[1], rtol=1e-5)


@pytest.mark.parametrize(("settings", "inputs", "outputs"), published("LayerNormalization"))
def test_layer_norm(settings, inputs, outputs):
    x, scale, shift = inputs
    units = int(np.prod(x.shape[settings.get("axis", -1) :]))
    rows = x.reshape(-1, units)
    bench = placed(LayerNorm(epsilon=settings.get("epsilon", 1e-5)), rows, scale, shift)
    np.testing.assert_allclose(
        bench.forward(rows).reshape(x.shape), outputs[0], rtol=1e-3, atol=1e-7
    )


def test_there_are_cases_of_both():
    assert published("BatchNormalization") and published("LayerNormalization")
