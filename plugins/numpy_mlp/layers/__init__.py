"""The layers: each one class, forward and backward, shapes in the comments."""
