"""What a person sees of a run: figures, the one-file HTML report, tables in the terminal.

Importing this costs nothing; Matplotlib is imported by the functions that draw.
"""
