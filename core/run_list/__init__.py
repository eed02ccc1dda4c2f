"""The runs below a folder: found, filtered, sorted, tagged and removed."""
