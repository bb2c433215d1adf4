"""One integer seed, spawned by role, so that changing one role leaves the others as they were.

Two experiments that differ in their initializer see the same data, batches and dropout masks:
they are paired. Nothing in actlab draws from global random state.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

Role = Literal["data", "split", "init", "shuffle", "dropout", "augmentation", "probes"]


def generator(seed: int, role: Role, *key: int) -> np.random.Generator:
    """The generator of a role under a seed; `key` tells its uses apart (a layer, an epoch)."""
    spawn_key = (get_args(Role).index(role), *key)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=spawn_key)))
