"""Notebooks of a course: `forms` makes them from their source, `copying` copies and opens them."""
