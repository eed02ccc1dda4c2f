"""Pictures: reading files, and painting grounds for generated scenes."""
