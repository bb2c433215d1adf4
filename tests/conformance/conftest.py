"""How much of the published conformance cases passed, said at the end of the run."""

ONNX = {"found": 0, "passed": 0}


def pytest_terminal_summary(terminalreporter):
    if ONNX["found"]:
        terminalreporter.write_line("onnx: {passed} passed of {found} found".format(**ONNX))


def pytest_runtest_logreport(report):
    if "test_onnx_activations.py" in report.nodeid and "[" in report.nodeid:
        ONNX["found"] += report.when == "setup"
        ONNX["passed"] += report.when == "call" and report.passed
