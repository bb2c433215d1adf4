"""What promises about speed rest on, measured here and now: ratios first, interleaved."""

from actlab.benchmarking.augmenting import augmentation
from actlab.benchmarking.timing import Timing

__all__ = ["Timing", "augmentation"]
