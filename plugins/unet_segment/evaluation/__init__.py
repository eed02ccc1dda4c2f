"""How good a mask is: one table of counts, and every number that is read from it."""
