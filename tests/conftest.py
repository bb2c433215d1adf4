"""What several test files share."""

import copy
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "laws"))

TINY = {
    "data": {"source": {"name": "gaussian", "n": 60, "features": 20}},
    "model": {"depth": 2, "width": 16},
    "train": {"epochs": 2, "batch_size": 25},
    "record": {"probe_examples": 40, "bins": 10},
}


@pytest.fixture(scope="session")
def tiny_config():
    """A config that trains in milliseconds, not to be written."""
    return TINY


@pytest.fixture
def tiny():
    """The same, as a mapping of the test's own."""
    return copy.deepcopy(TINY)


@pytest.fixture(autouse=True)
def warnings_stay_on():
    """No test leaves NumPy deaf to what the next one does wrong."""
    before = np.geterr()
    yield
    assert np.geterr() == before


@pytest.fixture(autouse=True)
def no_data_of_the_user(monkeypatch, tmp_path_factory):
    """No test sees the user's data sets."""
    monkeypatch.delenv("ACTLAB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
