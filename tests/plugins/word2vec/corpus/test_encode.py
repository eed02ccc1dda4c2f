"""Encoding a text: reuse of what is there, damage, interruption, memory."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from command_line import ROOT

from nntasks.errors import RunFailed, UsageError
from nntasks.plugins.word2vec.corpus import CorpusOptions, EncodedCorpus, encode
from nntasks.plugins.word2vec.corpus.encode import fingerprint
from nntasks.plugins.word2vec.corpus.encoded import DATA
from nntasks.plugins.word2vec.corpus.sources import find

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


class TestFingerprint:
    def test_equal_texts_and_options_have_one(self, text):
        first = fingerprint(find(text), CorpusOptions())
        assert first == fingerprint(find(str(text)), CorpusOptions(min_count=5))

    @pytest.mark.parametrize("keys", [{"min_count": 4}, {"lowercase": True}, {"phrases": 1}])
    def test_any_option_changes_it(self, text, keys):
        sources = find(text)
        assert fingerprint(sources, CorpusOptions(**keys)) != fingerprint(sources, CorpusOptions())

    def test_the_order_of_the_texts_changes_it(self, text, tmp_path):
        (tmp_path / "b.txt").write_text("b")
        sources = find([text, tmp_path / "b.txt"])
        options = CorpusOptions()
        assert fingerprint(sources, options) != fingerprint(sources[::-1], options)


def test_phrases_are_joined_after_words_became_lower_case(tmp_path):
    (tmp_path / "a.txt").write_text("New york\nnew York\nold cat\nnew york\nred dog\n" * 20)
    options = CorpusOptions(lowercase=True, phrases=1, phrase_threshold=0.1)
    corpus = encode(tmp_path / "a.txt", tmp_path / "out", options)
    assert corpus.words[0] == "new_york"
    assert corpus.counts[0] == 60
    assert corpus.tokens[:3].tolist() == [0, 0, corpus.words.index("old_cat")]


def test_the_folder_of_a_killed_process_is_swept(text, tmp_path, said):
    left = tmp_path / "out" / ".encoding-dead"
    left.mkdir(parents=True)
    (left / "tokens.npy").write_bytes(b"half")
    again(text, tmp_path, said)
    assert not left.exists()


def test_a_folder_that_cannot_be_written_is_one_line(text, tmp_path, monkeypatch):
    def full(*arguments, **keys):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(RunFailed, match=r"No space left on device.*choose another") as caught:
        encode(text, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "out").glob(".encoding*"))
