"""The same counts in the words of other libraries: what they would say, and why it differs."""

from __future__ import annotations

from core.report.content import Table as ReportTable
from plugins.unet_segment.evaluation.counts import Table, numbers

# (library and call, our name, why)
_ROWS = (
    ("segmentation_models_pytorch, reduction=micro or macro", "iou", "dice",
     "all pixels of all pictures in one; with one class macro is the same"),
    ("segmentation_models_pytorch, reduction=micro-imagewise", "iou_image_empty1",
     "dice_image_empty1", "a mean over pictures; one without object and without alarm counts as 1"),
    ("segmentation_models_pytorch, -imagewise, zero_division=0", "iou_image_empty0",
     "dice_image_empty0", "the same, such a picture counts as 0"),
    ("torchmetrics, BinaryJaccardIndex, BinaryF1Score", "iou", "dice",
     "all pixels of all pictures; a probability of exactly the threshold is not called"),
    ("torchmetrics, MulticlassJaccardIndex(2), MulticlassF1Score(2)", "iou_macro", "dice_macro",
     "the mean of object and background: the background is large and easy"),
    ("scikit-learn, jaccard_score, f1_score", "iou", "dice", "average=binary, all pixels in one"),
    ("scikit-learn, average=macro", "iou_macro", "dice_macro", "the mean of object and background"),
    ("scikit-learn, average=samples, zero_division=0", "iou_image_empty0", "dice_image_empty0",
     "a mean over pictures of one size, given as rows"),
)  # fmt: skip


def conventions(table: Table) -> ReportTable:
    """Return IoU and Dice as each library would give them for these masks."""
    found = numbers(table)
    rows = [(call, found[iou], found[dice], why) for call, iou, dice, why in _ROWS]
    return ReportTable(
        "conventions", "The same masks, by convention", ("library", "IoU", "Dice", "what it is"),
        rows, "All from one table of counts; tests compare them with the libraries themselves.",
    )  # fmt: skip
