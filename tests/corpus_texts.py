"""Texts on disk for the corpus reader, and the results that Python's own methods give."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from nntasks.plugins.word2vec.corpus.encoded import DATA


def expected(texts, *, errors="strict", lowercase=False, lines=True, min_count=1):
    """Return words, counts, sentences and words read, as Python's own methods have them."""
    sentences = []
    for data in texts:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors)
        text = text.lower() if lowercase else text
        sentences += [line.split() for line in (text.split("\n") if lines else [text])]
    counts = Counter(word for sentence in sentences for word in sentence)
    kept = [word for word, count in counts.items() if count >= min_count]
    words = sorted(kept, key=lambda word: (-counts[word], word.encode()))
    known = set(words)
    left = [[word for word in sentence if word in known] for sentence in sentences]
    return words, [counts[w] for w in words], [s for s in left if s], sum(counts.values())


def seen(corpus):
    """Return the same of an encoded corpus."""
    ends = corpus.sentences.tolist()
    sentences = [
        [corpus.words[number] for number in corpus.tokens[a:b].tolist()] for a, b in pairwise(ends)
    ]
    return corpus.words, corpus.counts.tolist(), sentences, corpus.read


def written(folder, *texts):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text)
    return paths


def files(folder):
    return {name: (folder / name).read_bytes() for name in (*DATA, "corpus.json")}
