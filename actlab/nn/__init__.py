"""The network: activations, initializers, layers, losses, optimizers. NumPy and config only."""
