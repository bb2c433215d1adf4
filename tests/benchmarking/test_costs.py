"""What activations, statistics, memory, start and growth cost: fields and arithmetic, no clocks."""

import numpy as np
import pytest

from actlab.benchmarking import activations, memory, profiling, recording, scaling, startup
from actlab.benchmarking.machine import hints, machine, shown
from actlab.benchmarking.report import Mismatch
from actlab.benchmarking.timing import Timing, interleaved, quartiles
from actlab.benchmarking.workloads import Workload
from actlab.config import members
from actlab.experiment import load
from actlab.nn import dense, stepping
from actlab.nn.activations.tanh import Tanh

TINY = Workload("tiny", 2, 12, "relu", 16, 0.001, dropout=0.5, examples=80)


def test_deeds_take_turns_after_one_to_warm_up():
    calls = []
    found = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    assert calls == ["a", "b"] * 3
    assert found["a"].ratios == [1.0, 1.0] and len(found["b"].other) == 2


def test_the_spread_is_of_the_middle_half():
    assert Timing((1.0,) * 5, (1.0, 2.0, 3.0, 4.0, 100.0)).spread == (2.0, 4.0)
    assert quartiles([7.0]) == (7.0, 7.0)


def test_activations_are_timed_with_and_without_torch(monkeypatch):
    monkeypatch.setattr(activations, "_torch_is_there", lambda: False)
    alone = activations.report(3, ["tanh", "maxout", "prelu"], ((4, 6),))
    assert [row["activation"] for row in alone.rows] == ["tanh", "maxout", "prelu"]
    assert alone.numbers["tanh"]["4 x 6"]["ratio"] is None
    assert alone.numbers["tanh"]["4 x 6"]["ns"] > 0
    assert "torch is not installed" in alone.notes[0]


def test_every_activation_is_what_torch_has_under_its_name():
    pytest.importorskip("torch", reason="needs torch, to compare with")
    found = activations.report(3, None, ((4, 6),))
    compared = {name for name, shapes in found.numbers.items() if shapes["4 x 6"]["ratio"]}
    assert compared == set(activations._THEIRS) <= set(members("activation"))


def test_another_function_under_the_same_name_is_found_out(monkeypatch):
    pytest.importorskip("torch", reason="needs torch, to compare with")
    monkeypatch.setitem(activations._THEIRS, "tanh", lambda f, x, a: f.hardtanh(x))
    with pytest.raises(Mismatch, match="the value of tanh differs from PyTorch's"):
        activations.report(3, ["tanh"], ((4, 6),))


def test_statistics_are_a_share_of_an_epoch():
    found = recording.report(3, TINY)
    steps = -(-recording.EPOCH // TINY.batch)
    numbers = found.numbers
    expected = [
        m / s / steps for m, s in zip(numbers["measuring_ms"], numbers["step_ms"], strict=True)
    ]
    assert numbers["shares"] == pytest.approx(expected)
    assert found.rows[0]["recorded"] == "all statistics, 160 examples"


def test_the_bound_on_memory_is_data_parameters_activations_and_a_rest():
    bound = memory.bound(memory.epoch())
    assert bound.data == 60_000 * 3072
    assert bound.parameters == 4 * (3072 * 500 + 9 * 500 * 500 + 500 * 10 + 10 * 500 + 10)
    assert bound.activations == 4 * 128 * (3072 + 10 * 500 + 10)
    assert bound.bytes == bound.data + 4 * bound.parameters + 4 * bound.activations + 200e6


def test_memory_is_measured_in_a_process_of_its_own(tiny_config):
    found = memory.report(3, load(tiny_config))
    assert 20e6 < found.numbers["peak_bytes"] < 2e9
    assert found.rows[0]["network"] == "2x16"


def test_exponents_are_slopes_of_logarithms():
    sizes = [1, 2, 4, 8]
    assert scaling.exponent(sizes, [3 * n for n in sizes]) == pytest.approx(1)
    assert scaling.exponent(sizes, [n**2 for n in sizes]) == pytest.approx(2)


def test_scaling_names_what_grows(tiny):
    series = scaling.Series("examples", [60, 60], [load(tiny), load(tiny)])
    series = scaling.Series("examples", [60, 120], series.experiments)
    found = scaling.report(3, [series])
    assert found.rows[0]["cost in"] == "examples" and len(found.numbers["examples"]["ms"]) == 2
    names = {each.name for each in scaling.all_series()}
    assert names == {"examples", "depth", "parameters"}


def test_start_up_names_what_it_imports(monkeypatch):
    monkeypatch.setattr(startup, "BARE", ["-c", "pass"])
    monkeypatch.setattr(startup, "HELP", ["-c", "pass"])
    found = startup.report(1)
    assert found.numbers["slow_imports"]["--help"] == []
    assert len(found.numbers["ratios"]) == 1
    monkeypatch.setattr(startup, "SLOW", ("typer", "matplotlib"))
    assert startup.imported(["--help"]) == ["typer"]


def test_a_profile_adds_up_and_leaves_everything_as_it_was():
    before = dense.Dense.forward, stepping.n_right, "forward" in vars(Tanh)
    shares = profiling.profile(TINY, 0.02)["shares"]
    assert sum(shares.values()) == pytest.approx(1)
    assert set(shares) == set(profiling.PIECES)
    assert all(share > 0 for share in shares.values())
    assert before == (dense.Dense.forward, stepping.n_right, "forward" in vars(Tanh))
    assert dense.np is np


def test_products_are_told_apart_also_where_columns_are_shared():
    watch = profiling.Stopwatch()
    x, W, y = (np.ones(shape, np.float32) for shape in ((3, 4), (4, 6), (3, 6)))
    products = profiling.Products(watch)
    for piece, *operands in (
        (profiling.FORWARD, x, W, y),
        (profiling.FORWARD, x, W[:, 2:4], y[:, 2:4]),
        (profiling.BACKWARD, y, W.T, x),
        (profiling.BACKWARD, y, W.T[:, 1:3], x[:, 1:3]),
        (profiling.UPDATE, x.T, y, W),
        (profiling.BIAS_GRADIENTS, np.ones(3, np.float32), y, np.empty(6, np.float32)),
    ):
        watch.turn()
        watch.seconds.clear()
        products.matmul(*operands)
        assert watch.seconds[piece] > 0, piece


def test_pieces_inside_others_are_taken_off_them(monkeypatch):
    now = iter([0.0, 1.0, 3.0, 6.0, 10.0, 15.0])
    monkeypatch.setattr(profiling.time, "perf_counter", lambda: next(now))
    watch = profiling.Stopwatch()
    inner = watch.around("inner", lambda: None)
    watch.around("outer", inner)()
    watch.turn()
    assert watch.seconds == {profiling.REST: 1 + 5, "outer": 2 + 4, "inner": 3}


@pytest.mark.parametrize(
    ("cpu", "architecture", "coretype", "told"),
    [
        ("AMD EPYC", "SkylakeX", None, True),
        ("AMD EPYC", "SkylakeX", "Haswell", False),
        ("AMD EPYC", "Zen", None, False),
        ("Intel Xeon", "SkylakeX", None, False),
        ("AMD EPYC", None, None, True),
    ],
)
def test_kernels_of_another_maker_are_told(cpu, architecture, coretype, told):
    found = {"cpu": cpu, "blas": "openblas", "blas_architecture": architecture}
    assert bool(hints(found | {"openblas_coretype": coretype})) == told


def test_the_machine_has_a_name_and_cores():
    found = machine()
    assert found["cores"] >= 1 and found["numpy"] == np.__version__
    assert found["cpu"] in shown(found)
