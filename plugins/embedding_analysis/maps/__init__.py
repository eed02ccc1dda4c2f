"""Maps of words in the plane, as a picture and as an interactive page."""
