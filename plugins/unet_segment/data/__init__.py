"""The data sets of pictures with masks, one file each."""
