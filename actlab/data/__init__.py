"""Sources of examples, and the preprocessing fitted on their training split."""
