"""The network before its first step: what its first filters answer to."""

from __future__ import annotations

import torch

from nntasks.plugins.yolo_detect.network import SIZES, YoloV5, edge_filters


def _first_filters(size: str) -> torch.Tensor:
    torch.manual_seed(0)
    return YoloV5(10, *SIZES[size]).state_dict()["model.0.conv.weight"]


def test_a_plain_ground_of_any_colour_leaves_no_trace() -> None:
    filters = _first_filters("yolov5n")
    for colour in ((0.1, 0.1, 0.1), (0.9, 0.9, 0.9), (0.8, 0.1, 0.3)):
        ground = torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, 32, 32)
        answer = torch.nn.functional.conv2d(ground, filters, stride=2)
        torch.testing.assert_close(answer, torch.zeros_like(answer), rtol=0, atol=1e-5)


def test_every_filter_has_its_opposite_contrast() -> None:
    for count in (8, 16, 80):
        bank = edge_filters(count, 6).flatten(1)
        assert bank.shape == (count, 36)
        torch.testing.assert_close(bank.norm(dim=1), torch.ones(count))
        alike = bank @ bank.T
        assert (alike.amin(dim=1) < -0.999).all()
        assert (alike - 2 * torch.eye(count)).amax() < 0.999  # none comes twice


def test_filters_differ_and_keep_the_spread_they_were_drawn_with() -> None:
    drawn = 1 / (3 * 3 * 6 * 6) ** 0.5  # uniform within +-1 / sqrt(fan-in)
    for size in ("yolov5p", "yolov5n", "yolov5s"):
        filters = _first_filters(size)
        torch.testing.assert_close(filters.std(), torch.tensor(drawn), rtol=0.1, atol=0)
        assert torch.pdist(filters.flatten(1)).min() > 0.1
