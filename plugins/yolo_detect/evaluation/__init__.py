"""Detection numbers: one table of matches, and everything that is read from it."""
