"""Loss and accuracy on whole splits, in one pass or averaged over views and sampled noise."""

from __future__ import annotations

from collections.abc import Iterator

from actlab.arrays import Array
from actlab.data.augmentation.chain import Chain
from actlab.data.dataset import Split
from actlab.data.preprocessing.pipeline import Pipeline
from actlab.experiment import Experiment
from actlab.nn.losses import n_right
from actlab.nn.network import Network
from actlab.nn.regularizers.monte_carlo import MonteCarlo
from actlab.randomness import generator

EVALUATION_BATCH = 500


def in_order(split: Split) -> Iterator[tuple[Array, Array]]:
    """Rows and labels of a split, batch by batch."""
    for start in range(0, len(split), EVALUATION_BATCH):
        chunk = slice(start, start + EVALUATION_BATCH)
        yield split.x[chunk], split.labels[chunk]


class Predictor:
    """The test-time half of a run: what its network says of images that nothing changed."""

    def __init__(
        self, network: Network, pipeline: Pipeline, chain: Chain, experiment: Experiment
    ) -> None:
        self.network, self.pipeline, self.chain = network, pipeline, chain
        self.averaging, self.seed = experiment.data.test_time, experiment.seed
        asked = [r.samples for r in experiment.regularization if isinstance(r, MonteCarlo)]
        noisy = any(placed.layer.sampled for placed in network.placed)
        self.samples = asked[0] if asked and noisy else 0
        self.passes = self.averaging.count * max(1, self.samples)
        self.sampled = network.sharing_parameters() if self.samples else network

    @property
    def plain(self) -> bool:
        """Whether one pass without noise over unchanged rows is all that the config asks for."""
        return not self.averaging.needs_images and not self.samples

    def evaluate(self, split: Split) -> tuple[float, float]:
        """Mean loss and accuracy on a split, averaged over views and draws as the config has it."""
        loss = right = 0.0
        self._replay_noise()
        for index, (rows, labels) in enumerate(in_order(split)):
            scores = self.averaged(rows, index)
            right += n_right(scores, labels)
            loss += self.network.loss.value_and_gradient(scores, labels)[0] * len(labels)
        return loss / len(split), right / len(split)

    def averaged(self, rows: Array, index: int) -> Array:
        """Scores of rows that stand for the votes averaged over all views and draws."""
        loss, every = self.network.loss, self._every_scores(rows, index)
        if self.passes == 1:
            return next(every)
        votes = sum((loss.votes(scores) for scores in every), start=self.network.dtype.type(0))
        return loss.elected(votes / self.passes)

    def _every_scores(self, rows: Array, index: int) -> Iterator[Array]:
        for view in self.averaging.views(rows, self.chain, index):
            x = self.pipeline.apply(view)
            for _ in range(self.samples):
                yield self.sampled.forward(x, sampled=True)
            if not self.samples:
                yield self.network.forward(x)

    def _replay_noise(self) -> None:
        """The same draws at every evaluation, and none from those of training."""
        if self.samples:
            for place, placed in enumerate(self.sampled.placed):
                placed.memory.rng = generator(self.seed, "dropout", place, 0, 1)
