"""Keys are named as they are typed."""

from __future__ import annotations

from nntasks.plugins.unet_segment.data.mask_keys import MaskKeys


def test_with_and_without_a_prefix():
    assert MaskKeys().typed("threshold", 128) == "data.threshold=128"
    assert MaskKeys(prefix="").typed("object") == "object"
