"""The data sets of classifiers: pictures and points, one file each."""
