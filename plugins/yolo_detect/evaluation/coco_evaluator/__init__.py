"""COCO's numbers straight from boxes: without a table of matches, and without torch.

Of the matches of a detection only masks of the IoU thresholds are kept, so this takes a fraction of
the time and memory of `match_table`. The matching is the same code, and the numbers are the same to
the last bit. What else is wanted (curves, confusion, errors) needs the table.
"""
