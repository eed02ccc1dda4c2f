"""The conventions in use, each as the whole program that it comes from."""
