"""Checks of the kernels on this machine: inputs, comparison with the references, timings."""
