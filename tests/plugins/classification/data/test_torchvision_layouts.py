"""The table of torchvision's data sets against torchvision."""

from __future__ import annotations

import inspect
import typing

import pytest

from nntasks.plugins.classification.data.torchvision_layouts import LAYOUTS, Name

datasets = pytest.importorskip("torchvision.datasets")


def test_every_name_has_a_layout():
    assert set(typing.get_args(Name)) == set(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_torchvision_takes_the_arguments_of_every_part(layout):
    known = inspect.signature(getattr(datasets, layout.kind)).parameters
    assert "train" in layout.parts
    assert all(set(arguments) | {"download"} <= set(known) for arguments in layout.parts.values())
    assert layout.files
    assert layout.source.startswith("http")
