"""Images: read files, and paint backgrounds for generated scenes."""
