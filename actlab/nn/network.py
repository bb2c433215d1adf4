"""Layers in a row, a loss at the end, and one workspace for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from actlab.arrays import Array
from actlab.nn.activations import Activation
from actlab.nn.dense import Dense
from actlab.nn.layer import Layer, Memory, Workspace
from actlab.nn.losses import CrossEntropy, Loss
from actlab.nn.regularizers import Regularizer
from actlab.randomness import generator

EVERYWHERE = slice(None)
Observer = Callable[[str, Array, Array], None]
"""Told, in backward, an activation's name, the gradient reaching it, and the one it passes on."""


@dataclass(frozen=True)
class Placed:
    """A layer in its place: with a name and a memory."""

    name: str
    layer: Layer
    memory: Memory


@dataclass(frozen=True)
class Hidden:
    """A hidden layer as the statistics see it: its dense layer and its activation."""

    name: str
    weights: Memory
    activation: Activation
    memory: Memory

    @property
    def preactivations(self) -> Array:
        """What entered the activation in the last forward pass, (batch, units * pieces)."""
        return self.memory.x

    @property
    def activations(self) -> Array:
        """What left it, (batch, units)."""
        return self.memory.y

    @property
    def follows_dense(self) -> bool:
        """Whether nothing lies between dense layer and activation: the gradient that one passes on
        is then what reaches the other, whose backward leaves it as it is."""
        return self.memory.x is self.weights.y

    def slopes(self) -> Array:
        """f' at the pre-activations of the last forward pass, (batch, units)."""
        return self.activation.slopes(self.memory)


class Network:
    """A feed-forward network: `forward`, `loss_and_gradients`, and `parameters` by name.

    `layers` are pairs of name and layer in order; a name may be shared by the layers that make up
    one hidden layer. `sharing` makes a second network over the same parameters, with work arrays
    of its own.
    """

    def __init__(
        self,
        layers: Sequence[tuple[str, Layer]],
        n_in: int,
        *,
        loss: Loss | None = None,
        penalties: Iterable[Regularizer] = (),
        dtype: DTypeLike = np.float32,
        sharing: Network | None = None,
    ) -> None:
        self.layers, self.n_in = tuple(layers), n_in
        self._noise_seed = 0
        self.loss, self.penalties = loss or CrossEntropy(), tuple(penalties)
        self.workspace: Workspace = Workspace(dtype, sharing.workspace if sharing else None)
        self.placed: list[Placed] = []
        for name, layer in layers:
            memory = self.workspace.memory(name)
            self.placed.append(Placed(name, layer, memory))
            n_in = layer.claim(n_in, memory)
        _spare_the_data(self.placed)
        self.n_out = n_in
        self.workspace.lay_out()
        self.hidden = list(_hidden(self.placed))

    @property
    def dtype(self) -> np.dtype:
        """float32 to train, float64 to check gradients."""
        return self.workspace.dtype

    @property
    def parameters(self) -> dict[str, Array]:
        """Every trained array by name, such as `hidden1.W` (n_in, n_out): views, so writable."""
        return self.workspace.parameters

    @property
    def gradients(self) -> dict[str, Array]:
        """The gradient of the last backward pass, by the names of the parameters."""
        return self.workspace.gradients

    def initialize(self, seed: int) -> None:
        """Draw all parameters, each layer from its own generator under the seed."""
        depth = 0
        for placed in self.placed:
            placed.layer.initialize(placed.memory, generator(seed, "init", depth))
            depth += not placed.layer.noise
        self.seed_noise(seed)

    def seed_noise(self, seed: int, part: int = 0) -> None:
        """Give every layer a noise generator of its own, told apart by the part of the batch."""
        self._noise_seed = seed
        for place, placed in enumerate(self.placed):
            key = (place, part) if part else (place,)
            placed.memory.rng = generator(seed, "dropout", *key)

    @property
    def adapts(self) -> bool:
        """Whether `adapt` changes anything."""
        return any(placed.layer.adapts for placed in self.placed)

    def adapt(self, x: ArrayLike) -> None:
        """Let data-dependent initializers see rows x (batch, n_in), from the lowest layer up.

        Nothing is dropped or moved, but norms use the statistics of these rows.
        """
        x = np.asarray(x, self.dtype)
        self.workspace.resize(len(x))
        for placed in self.placed:
            placed.memory.training, placed.memory.batch_statistics = False, True
            placed.layer.adapt(x, placed.memory)
            x = placed.layer.forward(x, placed.memory)

    def sharing_parameters(self) -> Network:
        """A second network over the same parameters, with its own work arrays and gradients."""
        return Network(
            self.layers,
            self.n_in,
            loss=self.loss,
            penalties=self.penalties,
            dtype=self.dtype,
            sharing=self,
        )

    def parts(self, number: int, batch: int, first: int = 0) -> list[Network]:
        """Networks over the same parameters for a share each of batches of up to `batch` rows.

        They share the work arrays of this network, with which they take turns: the rows of the
        first lie before those of the next. Their noise is numbered from `first` on.
        """
        parts = [self.sharing_parameters() for _ in range(number)]
        self.workspace.resize(batch)
        for index, part in enumerate(parts):
            part.seed_noise(self._noise_seed, first + index)
            part.workspace.share_rows(self.workspace)
        return parts

    def forward(
        self,
        x: ArrayLike,
        *,
        training: bool = False,
        batch_statistics: bool | None = None,
        sampled: bool = False,
        places: slice = EVERYWHERE,
    ) -> Array:
        """Scores (batch, classes) of x (batch, n_in): a work array, valid until the next call.

        `batch_statistics` lets norms use the batch's own without training; by default they do so
        in training only. `sampled` lets layers of noise draw without training. `places` takes x
        through some of the layers only.
        """
        x = np.asarray(x, self.dtype)
        self.workspace.resize(len(x))
        for placed in self.placed[places]:
            placed.memory.training, placed.memory.sampled = training, sampled
            placed.memory.batch_statistics = batch_statistics or training
            x = placed.layer.forward(x, placed.memory)
        return x

    def take_over(self, parts: Sequence[Network], places: slice) -> None:
        """Remember what parts of the batch, whose rows these are, went through in some layers."""
        for placed, *others in zip(
            self.placed[places], *(part.placed[places] for part in parts), strict=True
        ):
            placed.memory.take_over([other.memory for other in others])

    def backward(
        self,
        dy: Array,
        observe: Observer | None = None,
        passed: Callable[[int], None] | None = None,
    ) -> None:
        """Assign all gradients, given that of the scores of the last forward pass.

        `passed` is told the place of every layer that the gradient has been taken through.
        """
        for place, placed in reversed(list(enumerate(self.placed))):
            watched = observe is not None and isinstance(placed.layer, Activation)
            arriving = dy.copy() if watched else dy
            dy = placed.layer.backward(dy, placed.memory)
            if watched and observe is not None:
                observe(placed.name, arriving, dy)
            if passed is not None:
                passed(place)

    def penalty(self) -> float:
        """What the penalties on the weights add to the loss."""
        theta = self.workspace.theta
        return sum(p.penalty(theta[: self._penalized_by(p)]) for p in self.penalties)

    def add_penalty_gradients(self) -> None:
        """Add the gradient of the penalties to that of the loss."""
        for penalty in self.penalties:
            n = self._penalized_by(penalty)
            penalty.add_gradient(self.workspace.theta[:n], self.workspace.grad[:n])

    def _penalized_by(self, penalty: Regularizer) -> int:
        """How many parameters are penalized: weights lie first, then biases and the like."""
        workspace = self.workspace
        return workspace.theta.size if penalty.penalizes_biases else workspace.n_decaying

    def project(self) -> None:
        """Bring every weight matrix back to where the regularizers allow it."""
        for name, W in self.parameters.items():
            if name.endswith(".W"):
                for regularizer in self.penalties:
                    regularizer.project(W)

    def loss_and_gradients(
        self, x: ArrayLike, labels: ArrayLike, *, training: bool = False
    ) -> tuple[float, dict[str, Array]]:
        """The loss with penalties, averaged over the batch, and its gradient in every parameter.

        x (batch, n_in), labels (batch,) from 0. The gradients are copies. With `training` on,
        stochastic layers draw.
        """
        scores = self.forward(x, training=training)
        loss, dy = self.loss.value_and_gradient(scores, np.asarray(labels, np.int64))
        self.backward(dy)
        self.add_penalty_gradients()
        return loss + self.penalty(), {name: g.copy() for name, g in self.gradients.items()}

    def predict(self, x: ArrayLike) -> NDArray[np.int64]:
        """The class of the highest score of each row."""
        return self.forward(x).argmax(axis=1)

    def first_not_finite(self) -> str | None:
        """The first layer whose output in the last forward pass, or whose weights, went wrong."""
        for placed in self.placed:
            y = placed.memory.__dict__.get("y")
            if y is not None and not np.isfinite(y).all():
                return placed.name
        return None


def _spare_the_data(placed: Sequence[Placed]) -> None:
    """No gradient to the data: neither from the lowest dense layer, nor through noise before it."""
    for place in placed:
        place.memory.needs_dx = False
        if not place.layer.noise:
            return


def _hidden(placed: Sequence[Placed]) -> Iterable[Hidden]:
    """Each activation together with the dense layer last met below it."""
    dense: Placed | None = None
    for place in placed:
        if isinstance(place.layer, Dense):
            dense = place
        elif isinstance(place.layer, Activation) and dense is not None:
            yield Hidden(place.name, dense.memory, place.layer, place.memory)
