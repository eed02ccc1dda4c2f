"""Questions about the words of `word_samples.related_vectors`, some without a vector."""

from __future__ import annotations

from pathlib import Path

ROWS = [
    (f"left{a}", f"right{a}", f"left{b}", f"right{b}")
    for a in range(12)
    for b in range(12)
    if a != b
]


def question_files(folder: Path) -> Path:
    """Write questions.txt and "my pairs.tsv" into a folder and return it."""
    lines = [": sides", *map(" ".join, ROWS), ": gram1-more", "left1 right1 nobody right2"]
    lines += [" ".join(row) for row in ROWS[:9]]
    (folder / "questions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pairs = [f"left{n}\tright{(n * 5) % 7}\t{(n * 7) % 5 / 2}" for n in range(12)]
    pairs = ["# a comment", *pairs, "left1\tnobody\t3"]
    (folder / "my pairs.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    return folder
