"""The encoded corpus on the disk: reuse, damage, interruption, memory."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from command_line import ROOT

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus import CorpusOptions, EncodedCorpus, encode
from nntasks.plugins.word2vec.corpus.encoded import DATA

TEXT = "ein zwei drei vier\nzwei drei vier\n" * 20


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def said():
    return []


def again(text, tmp_path, said, **options):
    said.clear()
    return encode(text, tmp_path / "out", CorpusOptions(**options), say=said.append)


def test_the_same_text_is_read_once(text, tmp_path, said):
    first = again(text, tmp_path, said)
    assert said[0].startswith("encoded 140 words")
    second = again(text, tmp_path, said)
    assert said[0].startswith("opened")
    assert first.fingerprint == second.fingerprint
    np.testing.assert_array_equal(first.tokens, EncodedCorpus.open(tmp_path / "out").tokens)


def test_another_text_or_option_is_read_anew(text, tmp_path, said):
    again(text, tmp_path, said)
    again(text, tmp_path, said, max_vocabulary=2)
    assert [line.split()[0] for line in said] == ["the", "encoded"]
    text.write_text(TEXT.replace("ein", "elf"))  # of the same size
    os.utime(text, ns=(0, 0))
    assert "elf" in again(text, tmp_path, said).words
    text.write_text(TEXT.replace("ein", "uno"))
    os.utime(text, ns=(0, 0))  # nor does the clock tell
    assert "uno" in again(text, tmp_path, said).words


@pytest.mark.parametrize("name", [*DATA, "corpus.json"])
def test_a_file_cut_short_is_told_and_made_again(text, tmp_path, said, name):
    again(text, tmp_path, said)
    path = tmp_path / "out" / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match=r"damaged|cannot be read"):
        EncodedCorpus.open(tmp_path / "out")
    again(text, tmp_path, said)
    assert said[0].endswith("encoding again")
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("name", "numbers", "message"),
    [
        ("tokens.npy", np.full(140, 4, np.int32), "a number of no word"),
        ("tokens.npy", np.full(140, -1, np.int32), "a number of no word"),
        ("tokens.npy", np.zeros(140, np.int32), "as often as"),
        ("tokens.npy", np.zeros(70, np.int64), r"tokens\.npy"),
        ("counts.npy", np.array([60, 60, 60, 20]), "in sum"),
        ("sentences.npy", np.r_[0, np.zeros(39, int), 140], "an end before its beginning"),
        ("sentences.npy", np.arange(41), "as last number"),
    ],
)
def test_numbers_that_cannot_be_are_told(text, tmp_path, said, name, numbers, message):
    corpus = again(text, tmp_path, said)
    assert (len(corpus), len(corpus.words), len(corpus.sentences)) == (140, 4, 41)
    np.save(tmp_path / "out" / name, numbers)
    with pytest.raises(UsageError, match=f"damaged .*{message}"):
        EncodedCorpus.open(tmp_path / "out")


def test_what_was_killed_leaves_nothing_that_looks_whole(text, tmp_path, said):
    code = (
        "import os, sys\n"
        "import nntasks.plugins.word2vec.corpus.encode\n"
        "module = sys.modules['nntasks.plugins.word2vec.corpus.encode']\n"
        "module._publish = lambda *_: os._exit(9)\n"
        f"module.encode({str(text)!r}, {str(tmp_path / 'out')!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 9
    with pytest.raises(UsageError, match="there is no"):
        EncodedCorpus.open(tmp_path / "out")
    again(text, tmp_path, said)
    assert sorted(os.listdir(tmp_path / "out")) == sorted(["corpus.json", *DATA])


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux")
def test_memory_does_not_grow_with_the_text(tmp_path):
    """Peak memory of a text of 32 MB, against that of one of 9 MB with the same words."""
    words = np.random.default_rng(0).integers(0, 20_000, 300_000)
    part = " ".join(map(str, words)).encode() + b" "
    code = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from nntasks.plugins.word2vec.corpus import encode\n"
        "encode(sys.argv[1], sys.argv[2], threads=2)\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    peaks = []
    for times in (5, 17):  # with 5 all buffers are full
        path = tmp_path / f"{times}.txt"
        path.write_bytes(part * times)
        command = [sys.executable, "-c", code, str(path), str(tmp_path / f"out{times}")]
        environment = {**os.environ, "NNTASKS_OPS": "auto"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        peaks.append(1024 * int(done.stdout))
    assert peaks[1] - peaks[0] < 12e6  # 23 MB more of text
