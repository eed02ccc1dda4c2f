"""The generated corpus: what is planted is there, and no word has two meanings."""

from __future__ import annotations

from collections import Counter, defaultdict

from nntasks.plugins.embeddings.questions import Analogy, Pair
from nntasks.plugins.word2vec.data import planted
from nntasks.seeding import Seeds


def test_every_word_has_one_meaning():
    met = planted.meanings()
    others = {word for words in met.values() for word in words}
    assert len(met) == 6 * 12 * 2
    assert not others & set(met)
    assert not set(planted.FREQUENT) & (others | set(met))


def test_words_of_a_pair_share_the_thing_and_words_of_a_role_the_role():
    met = planted.meanings()
    assert set(met["paris"]) & set(met["france"]) == set(met["paris"][: planted.OF_A_THING])
    assert set(met["paris"]) & set(met["kabul"]) == set(met["paris"][planted.OF_A_THING :])
    assert not set(met["paris"]) & set(met["king"])


def test_sentences_hold_what_was_planted():
    around = defaultdict(Counter)
    met = planted.meanings()
    lines = list(planted.sentences(Seeds(3).numpy("planted"), 3000))
    for line in lines:
        words = line.split()
        assert len(words) == 9
        (centre,) = [word for word in words if word in met]
        around[centre].update(word for word in words if word != centre)
    for centre, seen in around.items():
        assert set(seen) <= set(met[centre]) | set(planted.FREQUENT)
    assert lines == list(planted.sentences(Seeds(3).numpy("planted"), 3000))
    assert lines != list(planted.sentences(Seeds(4).numpy("planted"), 3000))


def test_questions_ask_for_it():
    asked = planted.questions()
    analogies = [q for q in asked if isinstance(q, Analogy)]
    pairs = [q for q in asked if isinstance(q, Pair)]
    assert len(analogies) == 6 * 12 * 11
    assert len(pairs) == planted.PAIRS
    assert len({q.id for q in asked}) == len(asked)
    met = planted.meanings()
    for pair in pairs:
        common, either = set(met[pair.first]) & set(met[pair.second]), set(met[pair.first])
        expected = len(common) / len(either | set(met[pair.second]))
        assert pair.score == planted.SCALE * expected
    assert {pair.score for pair in pairs} > {0.0}
