"""Word vectors of a file against questions of a file."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.scoring import score

VECTORS = "4 2\nking 1 0\nqueen 0.9 0.4\nman 0 1\nwoman -0.2 1\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vectors.txt").write_text(VECTORS)
    (tmp_path / "pairs.tsv").write_text("king\tqueen\t9\nking\tman\t2\nman\twoman\t8\nking\tx\t1\n")
    (tmp_path / "analogies.txt").write_text(": family\nking queen man woman\n")
    return tmp_path


def test_pairs_and_analogies(folder):
    (one,) = score("embedding_analysis", folder / "pairs.tsv", folder / "vectors.txt").found
    assert one.conventions["gensim"]["pairs_covered"] == 0.75
    assert one.conventions["gensim"]["pairs"] == pytest.approx(0.5)
    (one,) = score("embedding_analysis", folder / "analogies.txt", folder / "vectors.txt").found
    assert one.conventions["gensim"]["analogies_covered"] == 1
    low, high = one.intervals["gensim"]["analogies"]
    assert 0 <= low < high <= 1


def test_several_files_make_columns(cli_here, folder):
    (folder / "others.txt").write_text(VECTORS.replace("0.9", "0.1"))
    words = ("truth=pairs.tsv", "found=vectors.txt", "found=others.txt")
    done = cli_here("score", "embedding_analysis", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    heading = done.stdout.split("\n")[1]
    assert "vectors" in heading
    assert "others" in heading


def test_what_is_no_vector_file_is_refused(folder):
    with pytest.raises(UsageError):
        score("embedding_analysis", folder / "pairs.tsv", folder / "pairs.tsv")
