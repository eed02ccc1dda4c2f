"""The networks: one architecture a file, put together from the same parts."""
