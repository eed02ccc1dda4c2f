"""Options that several verbs share."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("option", ["--out", "--config", "--resume"])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_path_is_refused_and_is_not_the_current_folder(cli_here, tmp_path, option, empty):
    words = () if option == "--resume" else ("numpy_mlp", "data=xor", "epochs=0")
    done = cli_here("run", *words, option, empty, cwd=tmp_path)
    assert done.returncode == 2
    assert option in done.stderr
    assert "expected a path, got an empty text" in done.stderr
    assert list(tmp_path.iterdir()) == []
