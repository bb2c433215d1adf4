"""One class per recorded statistic."""

from actlab.config import import_parts
from actlab.probes.base import Probe, Snapshot
from actlab.probes.fractions import Fractions
from actlab.probes.histograms import Histograms
from actlab.probes.moments import Moments
from actlab.probes.weights import Weights

DEFAULT_PROBES: tuple[Probe, ...] = (Moments(), Fractions(), Histograms(), Weights())

__all__ = ["DEFAULT_PROBES", "Probe", "Snapshot"]

import_parts(__name__, __path__)
