"""Words made of character n-grams: n-grams and their buckets, and vectors for unknown words."""
