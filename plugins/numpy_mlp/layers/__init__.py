"""The layers: one class each, with forward and backward pass."""
