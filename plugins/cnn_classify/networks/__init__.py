"""The networks: one architecture per file, built from shared blocks."""
