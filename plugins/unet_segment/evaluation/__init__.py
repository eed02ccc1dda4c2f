"""Segmentation metrics, all computed from one table of counts."""
