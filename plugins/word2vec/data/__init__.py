"""Corpora for word vectors."""
