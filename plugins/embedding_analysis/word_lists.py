"""Small WEAT tests for any English vectors.

The words are some of those of A. Caliskan et al. 2017: flowers and insects of test 1, career and
family of test 6. First names are rare in many texts, so the second test uses the male
and female terms of test 7 instead.
"""

from __future__ import annotations

from nntasks.plugins.embedding_analysis.measures.association import WeatTest

_FLOWERS = "aster clover hyacinth marigold poppy azalea crocus iris orchid rose lilac tulip"
_INSECTS = "ant caterpillar flea locust spider bedbug centipede fly maggot tarantula bee cockroach"
_PLEASANT = "caress freedom health love peace cheer friend heaven loyal pleasure diamond gentle"
_UNPLEASANT = "abuse crash filth murder sickness accident death grief poison stink assault disaster"
_CAREER = "executive management professional corporation salary office business career"
_FAMILY = "home parents children family cousins marriage wedding relatives"
_MALE = "male man boy brother he him his son"
_FEMALE = "female woman girl sister she her hers daughter"

BUILT_IN = (
    WeatTest(
        "flowers, insects : pleasant, unpleasant",
        *(words.split() for words in (_FLOWERS, _INSECTS, _PLEASANT, _UNPLEASANT)),
    ),
    WeatTest(
        "career, family : male, female",
        *(words.split() for words in (_CAREER, _FAMILY, _MALE, _FEMALE)),
    ),
)
