"""Where files of the repository lie in the docs site, and links between them."""

from __future__ import annotations

import pytest
from command_line import ROOT

from docs.site.places import outside_pages, path_of, place_of, with_addresses
from docs.site.places import with_links_of_the_site as linked


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("README.md", "overview.md"),
        ("docs/python.md", "python.md"),
        ("docs/images/report.webp", "images/report.webp"),
        ("docs/decisions", "decisions/index.md"),
        ("docs/notebooks/python-api.md", "notebooks/python-api.ipynb"),
        ("plugins/unet_segment/README.md", "tasks/unet_segment.md"),
        ("plugins/unet_segment/residual.png", "tasks/unet_segment-residual.png"),
        ("plugins/classification", None),
        ("core/api/calls.py", None),
        ("docs/site/places.py", None),
    ],
)
def test_a_file_has_one_place_or_none(path, place):
    assert place_of(path) == place


def test_the_page_of_every_task_is_there_and_leads_back():
    pages = outside_pages()
    for readme in ROOT.glob("plugins/*/README.md"):
        path = readme.relative_to(ROOT).as_posix()
        assert path_of(pages[path]) == path


def test_links_are_those_of_the_site():
    lines = [
        ("[a](../../docs/ops.md#nms), [`b`](residual.png)", "[a](../ops.md#nms), [`b`](P.png)"),
        ("![c](residual.png), [d](../classification)", "![c](P.png), d"),
        ("[e](#here), [f](https://example.org/x.md)", "[e](#here), [f](https://example.org/x.md)"),
        ("```sh", "```sh"),
        ("[a](../../docs/ops.md)", "[a](../../docs/ops.md)"),
        ("```", "```"),
        ("[g](../../README.md)", "[g](../overview.md)"),
    ]
    text = "\n".join(line for line, _ in lines)
    expected = "\n".join(line for _, line in lines).replace("P.png", "unet_segment-residual.png")
    assert linked(text, "plugins/unet_segment/README.md", "tasks/unet_segment.md") == expected


def test_links_of_a_notebook_are_addresses():
    text = "[a](../python.md#runs), [b](https://example.org/b.md), [c](../decisions)"
    place = "notebooks/python-api.md"
    assert with_addresses(text, f"docs/{place}", place) == (
        "[a](../../python/#runs), [b](https://example.org/b.md), [c](../../decisions/)"
    )
