"""Reading and writing files: atomic writes, locks, listings, formats."""
