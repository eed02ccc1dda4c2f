"""The network before its first step: what its first filters answer to."""

from __future__ import annotations

import torch

from plugins.yolo_detect.network import SIZES, YoloV5


def _first_filters(size: str) -> torch.Tensor:
    torch.manual_seed(0)
    return YoloV5(10, *SIZES[size]).state_dict()["model.0.conv.weight"]


def test_a_plain_ground_of_any_colour_leaves_no_trace() -> None:
    filters = _first_filters("yolov5n")
    for colour in ((0.1, 0.1, 0.1), (0.9, 0.9, 0.9), (0.8, 0.1, 0.3)):
        ground = torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, 32, 32)
        answer = torch.nn.functional.conv2d(ground, filters, stride=2)
        torch.testing.assert_close(answer, torch.zeros_like(answer), rtol=0, atol=1e-5)


def test_edges_do_and_filters_differ() -> None:
    filters = _first_filters("yolov5n")
    edge = torch.zeros(1, 3, 32, 32)
    edge[..., 16:] = 1
    answers = torch.nn.functional.conv2d(edge, filters, stride=2)[0, :, 5].abs().amax(dim=1)
    assert (answers > 0.02).all()
    assert len(answers.unique()) == len(filters)


def test_filters_keep_the_spread_they_were_drawn_with() -> None:
    drawn = 1 / (3 * 3 * 6 * 6) ** 0.5  # uniform within +-1 / sqrt(fan-in)
    for size in ("yolov5p", "yolov5n", "yolov5s"):
        torch.testing.assert_close(
            _first_filters(size).std(), torch.tensor(drawn), rtol=0.1, atol=0
        )
