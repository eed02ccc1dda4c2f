"""The text of an explanation says what its values are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nntasks.plugins.unet_segment.explanation.pixels import Boundary
from nntasks.plugins.unet_segment.explanation.result import (
    METHOD,
    EffectiveField,
    Explanation,
    Field,
    Level,
)

FIELD = Field(9, 9, 0, 3, 8, 11)
TOLD = Explanation(
    file="a.png",
    width=32,
    height=24,
    pixel=(4, 7),
    original_width=32,
    original_height=24,
    original_pixel=(4, 7),
    chosen="given",
    probability=0.75,
    mirrored=None,
    threshold=0.5,
    predicted="object",
    truth="background",
    error=0.75,
    predicted_boundary=Boundary(6, 7, 2.0),
    true_boundary=None,
    neighbours=((None, 0.25), (0.5, 0.75)),
    logit=1.0986,
    plain_logit=-2.0,
    levels=(
        Level("skip 1", 1, 16, 3.0, 2.5, (2, 6), (5, 9), ((4, 7, 1.5),), FIELD),
        Level("lowest", 2, 32, 0.1, 0.2, (1, 3), (2, 4), ((2, 3, 0.1),), FIELD),
    ),
    method=METHOD,
    steps=32,
    residual=-0.0014,
    field=FIELD,
    effective_field=EffectiveField(16, 4.0, 0.0455),
    tile=None,
    figure=None,
)


def test_everything_is_told():
    text = str(TOLD)
    for line in (
        "a.png, pixel 4,7 of 32 x 24\n",
        "object: probability 0.75, threshold 0.5\n",
        "background: error 0.75\n",
        "predicted: 2.00 pixels away, at 6,7\n",
        "true: none\n",
        "    -  0.250\n",
        "1.0986 = -2.0000 of a plain picture +3.1000 of 2 levels -0.0014 residual\n",
        f"{METHOD}, 32 steps\n",
        "skip 1       1        16   +3.0000   +2.5000  9 x 9 pixels\n",
        "in theory 9 x 9 pixels, here from 0,3 to 8,11\n",
        "effective 4.0 x 4.0: 16 pixels with 4.55% of the largest gradient",
    ):
        assert line in text
    assert "figure" not in text
    assert "tile" not in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"chosen": "largest error"}, "of 32 x 24: the pixel with the largest error"),
        ({"chosen": "least certain"}, "of 32 x 24: the least certain pixel"),
        (
            {"original_width": 64, "original_pixel": (9, 7)},
            "pixel 4,7 of 32 x 24 (9,7 of 64 x 24)",
        ),
        ({"mirrored": 0.7}, "the mean of 0.8 here and 0.7 in the mirror image"),
        ({"truth": "not counted", "error": None}, "truth       not counted\n"),
        ({"truth": None, "error": None}, "unknown; give mask=FILE"),
        ({"field": Field(None, None, 0, 0, 31, 23)}, "in theory the whole picture"),
        ({"tile": 16}, "the network reads 16 x 16 pixels at once"),
        ({"figure": "why.png"}, "figure      why.png"),
    ],
)
def test_what_is_special_is_told(changes, line):
    assert line in str(replace(TOLD, **changes))


def test_json_holds_every_field():
    values = json.loads(json.dumps(TOLD.to_dict()))
    assert values["levels"][0]["strongest"] == [[4, 7, 1.5]]
    assert values["predicted_boundary"] == {"x": 6, "y": 7, "distance": 2.0}
    assert set(values) == set(TOLD.__dataclass_fields__)
