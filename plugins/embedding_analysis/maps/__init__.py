"""Maps of words: where each stands in a plane, as a picture and as a page."""
