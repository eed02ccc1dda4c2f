"""What a student is given: signatures, and a frame with gaps."""

from __future__ import annotations

from nntasks.grading.signatures import frame, signatures
from nntasks.plugins.course.answers.convolutional import Convolution
from nntasks.plugins.course.answers.layers import Linear
from nntasks.plugins.course.answers.segmentation import dice


def test_signatures():
    assert signatures("Convolution", Convolution)[1:] == [
        "Convolution.__init__(weight, bias, stride=1, padding=0)",
        "Convolution.forward(x)",
        "Convolution.backward(gradient)",
    ]
    assert signatures("dice", dice)[1:] == ["dice(predicted, truth)"]


def test_what_an_object_has_to_hold_is_said():
    assert "`backward` sets `weight_gradient` and `bias_gradient`." in signatures("L", Linear)[0]


def test_a_frame_has_docstrings_and_gaps_and_no_code():
    made = frame(Convolution)
    assert made.count("raise NotImplementedError('your code')") == 3
    assert "_taps" not in made
    assert "einsum" not in made
    assert "the filter is not flipped" in made
