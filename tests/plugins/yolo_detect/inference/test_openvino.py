"""OpenVINO's settings, and what it computes of images in any memory."""

from __future__ import annotations

import os

import pytest
import torch

from nntasks.errors import MissingError
from nntasks.plugins.yolo_detect.inference import openvino
from nntasks.plugins.yolo_detect.inference.fusing import fused_for_bytes
from nntasks.plugins.yolo_detect.network import YoloV5

SIZE = 64


@pytest.mark.parametrize(
    ("threads", "cores", "bound"),
    [(2, 2, True), (4, 2, True), (2, 8, False), (1, 2, False), (1, 1, False)],
)
def test_threads_are_bound_to_cores_only_where_it_has_all(monkeypatch, threads, cores, bound):
    monkeypatch.setattr(openvino, "allowed_cores", lambda: cores)
    settings = openvino._settings("f32", threads)
    assert settings["ENABLE_CPU_PINNING"] is bound
    assert settings["INFERENCE_NUM_THREADS"] == threads
    assert settings["INFERENCE_PRECISION_HINT"] == "f32"


@pytest.mark.slow
def test_results_stay_and_the_caller_keeps_its_cores():
    torch.manual_seed(0)
    network = YoloV5(3, 0.33, 0.125)
    ready = fused_for_bytes(network)
    try:
        compute = openvino.opened(ready, SIZE)
    except MissingError as error:
        pytest.skip(str(error))
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    images = torch.randint(0, 256, (3, 3, SIZE, SIZE), dtype=torch.uint8)
    with torch.no_grad():
        expected = [ready.features(one[None].float()) for one in images]
    found = [compute(one[None]) for one in images]  # none overwrites another
    for ours, theirs in zip(found, expected, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-4)
    if before is not None:
        assert os.sched_getaffinity(0) == before
