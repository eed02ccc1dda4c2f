"""The code blocks of the documentation, run as they stand: see `blocks` for the rules."""
