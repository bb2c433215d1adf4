"""The lecture's own printout: ten layers of 500 on N(0, 1) data of 1000 x 500, no bias.

The rows are means over layers 1 to 10 of a public rerun of CS231n's code; the tolerance is three
standard deviations between seeds, as measured over many seeds.
"""

from pathlib import Path

import numpy as np
import pytest

from actlab.experiment import load
from actlab.running import run

LECTURE = Path(__file__).parents[1] / "configs" / "lecture"

TANH_GAUSSIAN_STD = [
    0.213081, 0.047551, 0.010630, 0.002378, 0.000532,
    0.000119, 0.000026, 0.000006, 0.000001, 0.000000,
]  # fmt: skip
TANH_XAVIER_STD = [
    0.627422, 0.486087, 0.408522, 0.357302, 0.320092,
    0.293146, 0.271269, 0.256240, 0.242764, 0.230877,
]  # fmt: skip
RELU_HE_MEAN = [
    0.562488, 0.553614, 0.545867, 0.565396, 0.547678,
    0.587103, 0.596867, 0.623214, 0.567498, 0.552531,
]  # fmt: skip
RELU_HE_STD = [
    0.825232, 0.827835, 0.813855, 0.826902, 0.834092,
    0.860035, 0.870610, 0.889348, 0.845357, 0.844523,
]  # fmt: skip
RELU_SPREAD = np.array([0.25, 1, 2.4, 4.7, 6.2, 7.4, 9.2, 9.9, 12.3, 12.9]) / 100
ROUNDING = 5e-7


EVERY_ROW = pytest.mark.parametrize(
    ("config", "statistic", "row", "spread"),
    [
        ("tanh-gaussian", "std", TANH_GAUSSIAN_STD, np.linspace(0.002, 0.01, 10)),
        ("tanh-xavier", "std", TANH_XAVIER_STD, np.linspace(0.001, 0.008, 10)),
        ("relu-he", "mean", RELU_HE_MEAN, RELU_SPREAD),
        ("relu-he", "std", RELU_HE_STD, RELU_SPREAD),
    ],
)


@EVERY_ROW
def test_rows_of_the_lecture(config, statistic, row, spread):
    record = run(load(LECTURE / f"{config}.yaml"))
    found = [layer["initial"][statistic] for layer in record.layer_statistics()]
    allowed = 3 * spread * np.array(row) + ROUNDING
    deviations = np.abs(np.array(found) - row) / allowed
    assert (deviations < 1).all(), deviations.round(2)
