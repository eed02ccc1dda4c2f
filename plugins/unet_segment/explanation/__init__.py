"""The explanation of one pixel of a prediction."""
