"""How many parameters a network has."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from actlab.architecture import build
from actlab.claims.measures.base import OfExperiment
from actlab.experiment import Experiment


class Parameters(OfExperiment):
    """The number of trained parameters, of all layers, the hidden ones, or the output layer.

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), "Maxout networks",
    arXiv 1302.4389, where each piece of a unit has weights of its own.
    """

    name: ClassVar[str] = "parameters"
    layers: Literal["all", "hidden", "output"] = Field("all", description="of which layers")

    @property
    def label(self) -> str:
        return f"parameters of {self.layers} layers" if self.layers != "output" else "of the output"

    def of_experiment(self, experiment: Experiment) -> float:
        wanted = "" if self.layers == "all" else self.layers
        parameters = build(experiment).parameters.items()
        return float(sum(array.size for name, array in parameters if name.startswith(wanted)))
