"""Checks of the kernels on this machine: inputs, proofs against the references, timings."""
