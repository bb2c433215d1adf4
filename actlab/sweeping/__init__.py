"""Many runs of one config: which they are, their training, and what came of them."""
