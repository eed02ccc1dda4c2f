"""The corpus reader: encodes texts of any size as word numbers and caches the result.

`encode(paths, folder)` counts and numbers the words of texts. It returns an `EncodedCorpus`: words,
counts, and the text as numbers, memory-mapped from files in `folder`. The same call again opens
these files. It needs only NumPy; torch is not imported.
"""

from nntasks.plugins.word2vec.corpus.encode import encode
from nntasks.plugins.word2vec.corpus.encoded import EncodedCorpus
from nntasks.plugins.word2vec.corpus.options import CorpusOptions

__all__ = ["CorpusOptions", "EncodedCorpus", "encode"]
