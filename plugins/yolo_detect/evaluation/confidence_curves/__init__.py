"""Precision, recall and F1 over the confidence as Ultralytics reads them, at its best mean F1.

`curves` has the rule, `resampled` the same for many weightings of the images, by a compiled module
or by `reference`.
"""
