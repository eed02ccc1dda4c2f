"""Training of torch modules: the one loop, its keys, and the model class to inherit from."""
