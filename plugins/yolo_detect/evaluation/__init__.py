"""Detection metrics, all computed from one table of matches."""
