"""The data sets of the detection task, one file each."""
