"""Training of a detector: anchors, assignment of targets, augmentation, loss."""
