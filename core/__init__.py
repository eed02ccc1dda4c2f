"""A small core for neural-network tasks that come as plugins."""
