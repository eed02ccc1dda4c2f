"""COCO files as arrays: instances and results, read in a fraction of a second.

The fast way is for plain files: ids are whole numbers, boxes are lists of four numbers, every key
comes once. Whatever else a file holds, the functions return None, and the careful readers
(`coco_format`, `coco_rows`) read it or say which row is wrong.
"""

from nntasks.plugins.yolo_detect.data.coco_arrays.arrays import InstanceArrays, ResultArrays
from nntasks.plugins.yolo_detect.data.coco_arrays.reading import (
    flat_records,
    read_instances,
    read_results,
)

__all__ = ["InstanceArrays", "ResultArrays", "flat_records", "read_instances", "read_results"]
