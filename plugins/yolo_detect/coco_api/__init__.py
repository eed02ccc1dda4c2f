"""pycocotools' classes for boxes, on our evaluator: swap the import in existing code.

    from nntasks.plugins.yolo_detect.coco_api import COCO, COCOeval

Methods, attributes and results are those of pycocotools 2.0.11 with `iouType="bbox"`. Masks,
keypoints, pictures and downloads are refused by name. One thing differs: an annotation with the id
0 is matched like any other.
"""

from nntasks.plugins.yolo_detect.coco_api.coco import COCO
from nntasks.plugins.yolo_detect.coco_api.cocoeval import COCOeval, Params

__all__ = ["COCO", "COCOeval", "Params"]
