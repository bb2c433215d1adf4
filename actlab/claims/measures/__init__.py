"""What a claim can measure: one class each, of runs, of experiments, or of the maths alone."""

from actlab.claims.measures.base import Exact, Measure, OfExperiment, OfRun, Series
from actlab.config import import_parts

__all__ = ["Exact", "Measure", "OfExperiment", "OfRun", "Series"]

import_parts(__name__, __path__)
