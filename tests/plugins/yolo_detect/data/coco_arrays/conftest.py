"""Both implementations of the reader."""

from __future__ import annotations

import pytest

from nntasks import ops
from nntasks.plugins.yolo_detect.data.coco_arrays.engine import READER


@pytest.fixture(params=["python", "native"])
def engine(request):
    if request.param == "native" and READER.compiled() is None:
        pytest.skip("the reader of COCO files is not compiled")
    with ops.use("python" if request.param == "python" else "auto"):
        yield request.param
