"""Measures of one set of vectors, or of several; one idea per file, in NumPy."""
