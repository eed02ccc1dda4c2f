"""What is measured in a set of vectors, or between several; one idea a file, NumPy alone."""
