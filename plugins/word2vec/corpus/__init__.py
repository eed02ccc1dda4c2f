"""Text to numbers: a reader that streams texts of any size and keeps what it made of them.

`encode(paths, folder)` counts and numbers the words of texts, and returns an `EncodedCorpus`:
words, counts, and the text as numbers, memory-mapped from files in `folder`. The same call again
opens these files. Needs NumPy alone; torch is not imported.
"""

from nntasks.plugins.word2vec.corpus.encode import encode
from nntasks.plugins.word2vec.corpus.encoded import EncodedCorpus

__all__ = ["EncodedCorpus", "encode"]
