"""The tasks in the box, one package each; found by the same hooks as anybody else's."""

if __name__ == "plugins":  # the folder of a clone, imported by its own name
    from nntasks.clone import alias

    alias("plugins")
