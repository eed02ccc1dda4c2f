"""The output for people: figures, the one-file HTML report, tables in the terminal.

Importing this is cheap; only functions that draw import Matplotlib.
"""
