"""The programs that mAP is compared with; each is absent where it is not installed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Dataset = dict[str, Any]
Rows = list[dict[str, Any]]
Call = Callable[[], np.ndarray]


def quiet(*text: Any, **_: Any) -> None:
    """Print nothing."""


def pycocotools(truth: Dataset | str, found: Rows | str) -> Call:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(truth if isinstance(truth, str) else None)
        if not isinstance(truth, str):
            coco.dataset = truth
            coco.createIndex()
        results = coco.loadRes(found)
    return lambda: _three_steps(COCOeval(coco, results, "bbox"))


def faster_coco_eval(truth: Dataset | str, found: Rows | str) -> Call:
    from faster_coco_eval import COCO, COCOeval_faster

    coco = COCO(truth, print_function=quiet)
    results = coco.loadRes(found)
    options: dict[str, Any] = {"extra_calc": False, "print_function": quiet}
    return lambda: _three_steps(COCOeval_faster(coco, results, "bbox", **options))


def hotcoco(truth: Dataset | str, found: Rows | str) -> Call:
    from hotcoco import COCO, COCOeval

    coco = COCO(truth)
    results = coco.load_res(found)
    return lambda: _three_steps(COCOeval(coco, results, "bbox"))


def ultrafast_pycocotools(truth: Dataset | str, found: Rows | str) -> Call:
    from ultrafast_pycocotools import COCO, COCOeval

    coco = COCO(truth, verbose=False)
    results = coco.loadRes(found)
    return lambda: _three_steps(COCOeval(coco, results, "bbox"))


def vernier(truth: Dataset | str, found: Rows | str) -> Call:
    import json
    from pathlib import Path

    from vernier.instance import Bbox, CocoDataset, Evaluator

    def content(given: Any) -> bytes:
        if isinstance(given, str):
            return Path(given).read_bytes()
        return json.dumps(given).encode()

    dataset, rows = CocoDataset.from_json(content(truth)), content(found)
    evaluator = Evaluator(iou=Bbox(), parity_mode="strict")
    return lambda: np.asarray(evaluator.evaluate(dataset, rows).stats)


def _three_steps(evaluation: Any) -> np.ndarray:
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return np.asarray(evaluation.stats)[:12]


PEERS: Mapping[str, Callable[[Any, Any], Call]] = {
    "hotcoco": hotcoco,
    "ultrafast-pycocotools": ultrafast_pycocotools,
    "vernier": vernier,
    "faster-coco-eval": faster_coco_eval,
    "pycocotools": pycocotools,
}
