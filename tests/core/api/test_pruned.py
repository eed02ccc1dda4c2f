"""What a removal of runs says of itself."""

from __future__ import annotations

import pytest

from nntasks.api.pruned import Pruned


class Found:
    def __init__(self, *runs, kept=()):
        self.content = {
            "runs": [{"run": name, "size": 1500} for name in runs],
            "size": 1500 * len(runs),
            "kept": dict(kept),
        }

    def to_dict(self):
        return self.content


@pytest.mark.parametrize(
    ("found", "removed", "line"),
    [
        (
            Found("a", "b", kept={"tagged": 2, "best": 1}),
            False,
            "would remove 2 runs, 3 kB; kept: 2 tagged, 1 best; yes=True removes them",
        ),
        (Found("a"), True, "removed 1 run, 1.5 kB; kept: none of those"),
        (Found(), False, "would remove 0 runs, 0 B; kept: none of those"),
    ],
)
def test_one_line(found, removed, line):
    assert repr(Pruned(found, removed)) == line


def test_rows_and_numbers():
    done = Pruned(Found("a", kept={"latest": 1}), True)
    assert list(done.runs) == [{"run": "a", "size": 1500}]
    assert (done.size, done.kept, done.removed) == (1500, {"latest": 1}, True)


def test_a_page_has_a_table_only_of_runs():
    assert "would be removed" in Pruned(Found("a"), False)._repr_html_()
    assert "<table>" not in Pruned(Found(), False)._repr_html_()
