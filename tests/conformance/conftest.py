"""How many of the cases of each outside witness passed, said at the end of the run."""

import re
from collections import Counter
from importlib.metadata import version
from importlib.util import find_spec

WITNESSES = ("onnx", "jax", "mpmath", "torch")
FOUND: Counter[str] = Counter()
PASSED: Counter[str] = Counter()


def pytest_runtest_logreport(report):
    """Count all tests but those that see to it that there are cases."""
    case = re.search(r"conformance/test_([a-z]+)\w*\.py::(?!test_there_are)", report.nodeid)
    if case:
        FOUND[case[1]] += report.when == "setup"
        PASSED[case[1]] += report.when == "call" and report.passed


def pytest_terminal_summary(terminalreporter):
    for name in WITNESSES:
        if FOUND[name]:
            counted = f"{PASSED[name]} passed of {FOUND[name]} found"
            terminalreporter.write_line(f"{name} {version(name)}: {counted}")
        elif not find_spec(name):
            terminalreporter.write_line(f"{name}: not installed, not compared with")
