import numpy as np
import pytest

from actlab.data.sources.synthetic import CHUNK, Synthetic


@pytest.fixture(scope="module")
def data():
    return Synthetic(train=4000, validation=250, test=1000).load(0)


def test_pixels_have_the_statistics_of_cifar10(data):
    x = data.train.x
    assert (x.dtype, x.shape, x.flags.c_contiguous) == (np.uint8, (4000, 3072), True)
    channels = x.reshape(-1, 3, 1024).transpose(1, 0, 2).reshape(3, -1).astype(np.float32)
    np.testing.assert_allclose(channels.mean(1), (125, 123, 114), atol=4)
    np.testing.assert_allclose(channels.std(1), (63, 62, 67), atol=3)
    red_green, red_blue, green_blue = np.corrcoef(channels)[[0, 0, 1], [1, 2, 2]]
    np.testing.assert_allclose((red_green, red_blue, green_blue), (0.92, 0.81, 0.92), atol=0.03)


def test_power_falls_with_the_cube_of_frequency(data):
    grey = data.train.x[:1000].reshape(-1, 3, 32, 32).mean(1)
    grey -= grey.mean((1, 2), keepdims=True)
    power = (np.abs(np.fft.fft2(grey * np.outer(np.hanning(32), np.hanning(32)))) ** 2).mean(0)
    frequency = 32 * np.hypot(np.fft.fftfreq(32)[:, None], np.fft.fftfreq(32))
    rings = np.arange(2, 15)
    ring_power = [power[np.abs(frequency - ring) <= 0.5].mean() for ring in rings]
    slope = np.polyfit(np.log(rings), np.log(ring_power), 1)[0]
    assert -3.4 < slope < -2.7


def test_seed_decides_and_splits_differ():
    source = Synthetic(train=60, validation=60, test=60)
    first, again, other = (source.load(seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.train.x, again.train.x)
    assert not np.array_equal(first.train.x, other.train.x)
    assert not np.array_equal(first.train.x, first.validation.x)
    assert not np.array_equal(first.validation.x, first.test.x)


def test_fewer_examples_are_the_first_of_more():
    few = Synthetic(train=CHUNK + 7, validation=1, test=1).load(0).train
    many = Synthetic(train=2 * CHUNK + 3, validation=1, test=1).load(0).train
    np.testing.assert_array_equal(few.x, many.x[: CHUNK + 7])
    np.testing.assert_array_equal(few.labels, many.labels[: CHUNK + 7])


def test_without_clutter_the_classes_are_plain():
    data = Synthetic(train=2000, validation=1, test=500, clutter=0.0).load(0)
    weights = _softmax_regression(data, epochs=6)
    assert _accuracy(data, data.test.x, weights) > 0.5


def test_softmax_regression_learns_some_and_flips_shifts_and_noise_leave_it(data):
    weights = _softmax_regression(data, epochs=10)
    plain = _accuracy(data, data.test.x, weights)
    images = data.test.x.reshape(-1, 3, 32, 32)
    shifted = np.pad(images, ((0, 0), (0, 0), (0, 0), (2, 0)), "edge")[..., :32]
    noise = np.random.default_rng(0).normal(0, 12, images.shape)
    noisy = np.clip(images + noise, 0, 255).astype(np.uint8)
    assert 0.27 < plain < 0.45
    for changed in (images[..., ::-1], shifted, noisy):
        assert _accuracy(data, changed.reshape(-1, 3072), weights) > plain - 0.07


@pytest.mark.long
def test_accuracies_are_those_of_cifar10():
    data = Synthetic(test=5000).load(0)
    linear = _accuracy(data, data.test.x, _softmax_regression(data, epochs=20))
    layers = _perceptron(data, epochs=40)
    hidden = _accuracy(data, data.test.x, *layers)
    assert 0.35 < linear < 0.42
    assert 0.45 < hidden < 0.55
    assert hidden > linear + 0.05
    assert _accuracy(data, data.train.x, *layers) > 0.98


def _centred(data, x):
    return x / np.float32(255) - data.train.x.mean(0, dtype=np.float32) / 255


def _accuracy(data, x, *layers):
    """Share of rows (of the split that is as long as x) put into their class."""
    labels = data.test.labels if len(x) == len(data.test) else data.train.labels
    return np.mean(_activations(_centred(data, x), layers)[-1].argmax(1) == labels)


def _softmax_regression(data, epochs):
    return _descended(data, [np.zeros((3072, 10), np.float32)], epochs, rate=0.005, decay=1e-4)[0]


def _perceptron(data, epochs):
    random = np.random.default_rng(0)
    shapes = (3072, 512), (512, 10)
    layers = [random.normal(0, np.sqrt(2 / n), (n, m)).astype(np.float32) for n, m in shapes]
    return _descended(data, layers, epochs, rate=0.02, decay=0)


def _activations(x, layers):
    passed = [x]
    for W in layers[:-1]:
        passed.append(np.maximum(passed[-1] @ W, 0))
    return [*passed, passed[-1] @ layers[-1]]


def _descended(data, layers, epochs, rate, decay):
    """Momentum 0.9, batches of 128, a rate that falls along a half cosine; no biases."""
    random, x, labels = np.random.default_rng(0), _centred(data, data.train.x), data.train.labels
    speeds = [np.zeros_like(W) for W in layers]
    for epoch in range(epochs):
        step = np.float32(rate * (1 + np.cos(np.pi * epoch / epochs)) / 2)
        for rows in np.array_split(random.permutation(len(x)), len(x) // 128):
            passed = _activations(x[rows], layers)
            dy = np.exp(passed[-1] - passed[-1].max(1, keepdims=True))
            dy /= dy.sum(1, keepdims=True)
            dy[np.arange(len(rows)), labels[rows]] -= 1
            dy /= len(rows)
            for index in reversed(range(len(layers))):
                dW = passed[index].T @ dy + np.float32(decay) * layers[index]
                if index:
                    dy = (dy @ layers[index].T) * (passed[index] > 0)
                speeds[index] = np.float32(0.9) * speeds[index] - step * dW
                layers[index] += speeds[index]
    return layers
