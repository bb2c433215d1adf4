"""What mean-field theory expects of a wide network at initialization, and in what phase it is.

At infinite width the pre-activations of a layer are independent normal numbers, and their variance
follows from that of the layer below by one integral. Sources: Poole, Lahiri, Raghu, Sohl-Dickstein
and Ganguli (2016), "Exponential expressivity in deep neural networks through transient chaos",
arXiv 1606.05340; Schoenholz, Gilmer, Ganguli and Sohl-Dickstein (2017), "Deep information
propagation", arXiv 1611.01232.
"""

from actlab.theory.layers import Prediction, input_squares, predict
from actlab.theory.phases import (
    Phase,
    PhaseDiagram,
    edge_of_chaos,
    phase,
    phase_diagram,
    phase_of,
)

__all__ = [
    "Phase",
    "PhaseDiagram",
    "Prediction",
    "edge_of_chaos",
    "input_squares",
    "phase",
    "phase_diagram",
    "phase_of",
    "predict",
]
