"""The tasks in the box, one package each; found by the same hooks as anybody else's."""
