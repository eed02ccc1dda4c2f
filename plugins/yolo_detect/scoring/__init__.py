"""Scoring detections of any program: files in, every convention's numbers out."""
