"""Training: the epoch loop, its keys, and the base class for torch models."""
