"""The machine under a run: versions and devices, processes that share the work, the terminal."""
