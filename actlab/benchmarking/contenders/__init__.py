"""One file per contender; the table of them, each imported only in its own process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from actlab.benchmarking.contenders.base import Contender
from actlab.config import suggestion

KEPT = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 33),
    "MALLOC_TOP_PAD_": str(1 << 26),
}
"""Tells the C allocator to keep what is freed, rather than have the system clear it anew."""


@dataclass(frozen=True)
class Entry:
    """Where a contender is, what it needs, and under which environment it runs."""

    place: str
    title: str
    package: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    checked: bool = True
    """Whether its gradients and losses are compared: not those of the limit, which does not train,
    nor of the same program under another environment."""
    optional: bool = False
    """Whether a failure only leaves it out: not every machine can run it."""

    @property
    def installed(self) -> bool:
        """Whether what it needs is there."""
        return self.package is None or find_spec(self.package) is not None

    def load(self) -> type[Contender]:
        """Its class."""
        module, _, name = self.place.partition(":")
        kind: type[Contender] = getattr(import_module(f"{__name__}.{module}"), name)
        return kind


ENTRIES = {
    "actlab": Entry("ours:Ours", "actlab"),
    "numpy": Entry("textbook:Textbook", "NumPy as in textbooks"),
    "limit": Entry("limit:Limit", "matrix products alone", checked=False),
    "torch": Entry("pytorch:Eager", "PyTorch, eager", "torch"),
    "torch-kept": Entry("pytorch:Eager", "PyTorch, memory kept", "torch", KEPT, checked=False),
    "torch-tuned": Entry("pytorch:Tuned", "PyTorch, tuned, memory kept", "torch", KEPT),
    "torch-compiled": Entry(
        "pytorch:Compiled", "PyTorch, compiled, memory kept", "torch", KEPT, optional=True
    ),
    "jax": Entry("xla:Jitted", "JAX, jit", "jax"),
    "sklearn": Entry("scikit:Partial", "scikit-learn", "sklearn"),
}
ALWAYS = ("actlab", "numpy", "limit")
PEERS = {
    "torch": ("torch", "torch-kept", "torch-tuned"),
    "torch-compiled": ("torch-compiled",),
    "jax": ("jax",),
    "sklearn": ("sklearn",),
}
"""What `--against` may name, and the contenders each stands for."""


class UnknownPeer(ValueError):
    """Nobody of that name can be measured against."""


def called(against: str) -> tuple[list[str], list[str]]:
    """The contenders that a list such as `torch,jax` names, and a line on each not installed."""
    found, missing = list(ALWAYS), []
    for peer in filter(None, (word.strip() for word in against.split(","))):
        if peer not in PEERS:
            raise UnknownPeer(f"unknown '{peer}'{suggestion(peer, PEERS)}")
        if ENTRIES[PEERS[peer][0]].installed:
            found += [name for name in PEERS[peer] if name not in found]
        else:
            missing.append(f"{peer} is not installed and left out; pip install 'actlab[bench]'")
    return found, missing
