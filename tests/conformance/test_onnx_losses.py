"""SoftmaxCrossEntropyLoss of ONNX, by its published cases.

Those with class weights or an ignored class have no counterpart here. Axes behind the classes count
as more rows; a sum is a mean with `rows` set to 1, and no reduction is one row at a time.
"""

import functools
import warnings

import numpy as np
import pytest

from actlab.nn.losses import CrossEntropy

onnx = pytest.importorskip("onnx", reason="needs the extra 'conformance': pip install onnx")


@functools.cache
def published():
    """(reduction, scores, labels, loss) of every case without weights or an ignored class."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    found = []
    for case in cases:
        node = case.model.graph.node[0]
        settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        plain = len(node.input) == 2 and "ignore_index" not in settings
        if node.op_type == "SoftmaxCrossEntropyLoss" and plain:
            (((scores, labels), (loss, *_)),) = case.data_sets
            reduction = settings["reduction"].decode()
            found.append(pytest.param(reduction, scores, labels, loss, id=case.name))
    return found


@pytest.mark.parametrize(("reduction", "scores", "labels", "loss"), published())
def test_published_case(reduction, scores, labels, loss):
    rows = np.moveaxis(scores, 1, -1).reshape(-1, scores.shape[1])
    flat, f = labels.ravel().astype(np.int64), CrossEntropy()
    if reduction == "none":
        found = [f.value_and_gradient(rows[[k]], flat[[k]])[0] for k in range(len(rows))]
    else:
        found = f.value_and_gradient(rows, flat, rows=1 if reduction == "sum" else None)[0]
    np.testing.assert_allclose(found, np.ravel(loss) if reduction == "none" else loss, rtol=1e-5)


def test_there_are_cases_of_every_reduction():
    assert {case.values[0] for case in published()} == {"none", "sum", "mean"}
