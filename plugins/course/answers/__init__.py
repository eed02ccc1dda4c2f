"""Right solutions of the exercises, written to be read; NumPy alone."""
