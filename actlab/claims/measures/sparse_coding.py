"""A small sparse-coding problem solved by iterating an activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series, Unmeasured
from actlab.nn.activations import Activation
from actlab.nn.activations.hardshrink import HardShrink
from actlab.nn.activations.softshrink import SoftShrink
from actlab.randomness import generator

SHRINKS: dict[str, type[HardShrink] | type[SoftShrink]] = {
    "softshrink": SoftShrink,
    "hardshrink": HardShrink,
}
CERTAIN = 1e-10
"""Relative duality gap of the reference solution."""
SWEEPS = 20_000
ROUNDING = 1e-16


@dataclass(frozen=True)
class Problem:
    """min over z of F(z) = |x - D z|^2 / 2 + lambda |z|_1, the columns of D of length 1."""

    D: Array
    x: Array
    lambda_: float

    def objective(self, z: Array) -> float:
        """F(z)."""
        residual = self.x - self.D @ z
        return float(residual @ residual / 2 + self.lambda_ * np.abs(z).sum())

    def gap(self, z: Array) -> float:
        """F(z) less the dual objective at its residual: what F(z) can lie above the minimum."""
        residual = self.x - self.D @ z
        steepest = np.abs(self.D.T @ residual).max()
        dual = residual * min(1.0, self.lambda_ / steepest) if steepest > 0 else residual
        distance = self.x - dual
        return self.objective(z) - float(self.x @ self.x - distance @ distance) / 2


class SparseCoding(Exact):
    """(F(z) - F*) / F* after iterating z <- f(z + D^T (x - D z) / L), f shrinking by lambda / L.

    F(z) = |x - D z|^2 / 2 + lambda |z|_1; L is the largest eigenvalue of D^T D, lambda a tenth of
    that from which on z = 0 is best. D (signal, atoms) and the code behind x are drawn; F* is by
    coordinate descent, to a relative duality gap of 1e-10.

    Source: Daubechies, Defrise and De Mol (2004), "An iterative thresholding algorithm for linear
    inverse problems with a sparsity constraint".
    """

    name: ClassVar[str] = "sparse_coding"
    drawn: ClassVar[bool] = True
    activation: Literal["softshrink", "hardshrink"] = Field("softshrink", description="f")
    iterations: int = Field(1000, ge=1, le=100_000, description="of the step")
    signal: int = Field(20, ge=1, le=1000, description="numbers that x has")
    atoms: int = Field(40, ge=1, le=1000, description="numbers that z has")
    active: int = Field(4, ge=1, description="atoms that x is made of")

    @property
    def label(self) -> str:
        return (
            f"relative excess of the objective after {self.iterations:,} steps of {self.activation}"
        )

    def value(self, seed: int) -> float:
        return self._excesses(seed)[-1]

    def series(self, seed: int) -> list[tuple[str, Series]]:
        # what is solved to the last bit has its place on a logarithmic axis too
        excesses = [max(excess, ROUNDING) for excess in self._excesses(seed)]
        iterations = list(range(1, len(excesses) + 1))
        curve = Series(iterations, excesses, "iteration", logarithmic=True, logarithmic_x=True)
        return [(self.activation, curve)]

    def _excesses(self, seed: int) -> list[float]:
        problem = self.problem(seed)
        best = problem.objective(coordinate_descent(problem))
        return [(problem.objective(z) - best) / best for z in self._iterates(problem)]

    def _iterates(self, problem: Problem) -> list[Array]:
        D = problem.D
        steepest = float(np.linalg.norm(D, 2)) ** 2
        shrink: Activation = SHRINKS[self.activation].model_validate(
            {"lambda": problem.lambda_ / steepest}
        )
        z, iterates = np.zeros(self.atoms), []
        for _ in range(self.iterations):
            z = shrink.value(z + D.T @ (problem.x - D @ z) / steepest)
            iterates.append(z)
        return iterates

    def problem(self, seed: int) -> Problem:
        """The problem that a seed draws."""
        rng = generator(seed, "probes")
        D = rng.normal(size=(self.signal, self.atoms))
        D /= np.linalg.norm(D, axis=0)
        code = np.zeros(self.atoms)
        active = rng.permutation(self.atoms)[: self.active]
        code[active] = rng.normal(size=active.size)
        x = D @ code + 0.01 * rng.normal(size=self.signal)
        return Problem(D, x, 0.1 * float(np.abs(D.T @ x).max()))


def coordinate_descent(problem: Problem) -> Array:
    """The minimum, one coordinate after the other: nothing of it is an activation of ours.

    Source: Friedman, Hastie, Hoefling and Tibshirani (2007), "Pathwise coordinate optimization".
    """
    D, z, residual = problem.D, np.zeros(problem.D.shape[1]), problem.x.copy()
    for _ in range(SWEEPS):
        for j, atom in enumerate(D.T):
            pull = float(atom @ residual) + z[j]
            moved = max(abs(pull) - problem.lambda_, 0.0) * (1 if pull > 0 else -1)
            residual += atom * (z[j] - moved)
            z[j] = moved
        if problem.gap(z) <= CERTAIN * problem.objective(z):
            return z
    raise Unmeasured(f"coordinate descent has not solved the problem in {SWEEPS:,} sweeps")
