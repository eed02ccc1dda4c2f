"""Questions, answers and numbers, against gensim and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from word_samples import as_gensim, related_vectors

from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import DataInfo
from nntasks.plugins.embeddings.data import QuestionFileOptions, QuestionFiles
from nntasks.plugins.embeddings.metric import QuestionMetric, build
from nntasks.plugins.embeddings.question_answering import Answer, QuestionAnswerer, answer
from nntasks.plugins.embeddings.questions import (
    Pair,
    QuestionSplit,
    analogies,
    parse_id,
    question_info,
    read_analogies,
    read_pairs,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.testing import check_metric, check_plugin, check_split

# It calls what it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")


ROWS = [
    (f"left{a}", f"right{a}", f"left{b}", f"right{b}")
    for a in range(12)
    for b in range(12)
    if a != b
]


@pytest.fixture(scope="module")
def vectors():
    return related_vectors()


@pytest.fixture
def files(tmp_path):
    """Files of questions, some of them with words that have no vector."""
    lines = [": sides", *map(" ".join, ROWS), ": gram1-more", "left1 right1 nobody right2"]
    lines += [" ".join(row) for row in ROWS[:9]]
    (tmp_path / "questions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pairs = [f"left{n}\tright{(n * 5) % 7}\t{(n * 7) % 5 / 2}" for n in range(12)]
    pairs = ["# a comment", *pairs, "left1\tnobody\t3"]
    (tmp_path / "my pairs.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("restrict", [20, 30_000])
def test_analogies_count_as_gensim_counts_them(vectors, files, restrict):
    pytest.importorskip("gensim")
    path = files / "questions.txt"
    _, sections = as_gensim(vectors).evaluate_word_analogies(path, restrict_vocab=restrict)
    questions = read_analogies(path)
    right = right_by_id(questions, answer(vectors, questions, restrict=restrict))
    for section in sections[:-1]:
        ours = [ok for name, ok in right.items() if parse_id(name)[1] == section["section"]]
        assert sum(ours) == len(section["correct"])
        assert len(ours) == len(section["correct"]) + len(section["incorrect"])
    assert 0 < sum(right.values()) < len(right)


def right_by_id(questions, answers):
    said = zip(questions, answers, strict=True)
    return {q.id: a.word.upper() == q.d.upper() for q, a in said if a.covered}


def test_cosmul_predicts_what_gensim_finds_nearest(vectors):
    """gensim's evaluation knows 3CosAdd alone, so it is asked question by question."""
    pytest.importorskip("gensim")
    theirs, spelt = as_gensim(vectors), {word.upper(): word for word in reversed(vectors.words)}
    questions = analogies("sides", ROWS)
    answers = answer(vectors, questions, method="cosmul")
    for question, said in zip(questions, answers, strict=True):
        a, b, c = (spelt[word.upper()] for word in (question.a, question.b, question.c))
        near = theirs.most_similar_cosmul(positive=[b, c], negative=[a], topn=10)
        other = (word for word, _ in near if word.upper() not in {a.upper(), b.upper(), c.upper()})
        assert said.word == next(other)
    assert answers != answer(vectors, questions)


def test_pairs_count_as_gensim_counts_them(vectors, files):
    pytest.importorskip("gensim")
    _, theirs, oov = as_gensim(vectors).evaluate_word_pairs(files / "my pairs.tsv")
    numbers = numbers_of(vectors, read_pairs(files / "my pairs.tsv"))
    assert numbers["my_pairs"] == pytest.approx(theirs[0], abs=1e-12)
    assert 1 - numbers["my_pairs_covered"] == pytest.approx(oov / 100, abs=1e-12)


def test_real_questions_count_as_gensim_counts_them(real_data, tmp_path):
    """On vectors at random, in which relations are planted for a few sections."""
    pytest.importorskip("gensim")
    path = real_data / "embedding_eval" / "questions-words.txt"
    questions = read_analogies(path)
    assert len(questions) == 19_544
    words = list(dict.fromkeys(w.lower() for q in questions for w in (q.b, q.a, q.d, q.c)))
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(len(words), 16)).astype(np.float32)
    shifts = {section: rng.normal(size=16) * 2 for section in {q.section for q in questions}}
    place = {word: n for n, word in enumerate(words)}
    for q in questions:
        matrix[place[q.b.lower()]] = matrix[place[q.a.lower()]] + shifts[q.section]
    vectors = KeyedVectors.of(words, matrix)
    few = questions[::8]
    lines = [line for q in few for line in (f": {q.section}", f"{q.a} {q.b} {q.c} {q.d}")]
    cut = tmp_path / "questions.txt"
    cut.write_text("\n".join(lines) + "\n", encoding="utf-8")
    numbers = numbers_of(vectors, few, restrict=700)
    theirs = as_gensim(vectors).evaluate_word_analogies(cut, restrict_vocab=700)[1][-1]
    covered = len(theirs["correct"]) + len(theirs["incorrect"])
    assert numbers["analogies_covered"] == covered / len(few)
    assert numbers["analogies"] == len(theirs["correct"]) / covered
    assert 0.05 < numbers["analogies"] < 0.95


def numbers_of(vectors, questions, **options):
    split = QuestionSplit(questions)
    metric = build(None, question_info(questions))
    batch = split.batch(range(len(split)))
    metric.update(answer(vectors, batch.inputs, **options), batch.targets, batch.ids)
    return metric.compute()


def test_answers_do_not_depend_on_the_batch(vectors):
    questions = analogies("sides", ROWS)
    respondent = QuestionAnswerer(vectors)
    single = [respondent.answer([question])[0] for question in questions]
    assert single == respondent.answer(questions)


def test_words_without_a_vector_get_no_answer(vectors):
    questions = [
        *analogies("sides", [("left0", "right0", "left1", "nobody")]),
        Pair("mine", "left0", "nobody", 1.0, "pair/mine/1"),
        Pair("mine", "left0", "LEFT0", 1.0, "pair/mine/2"),
    ]
    said = answer(vectors, questions)
    assert said[:2] == [Answer(), Answer()]
    assert said[2].cosine == pytest.approx(1)
    assert answer(vectors, []) == []


def test_a_zero_vector_has_the_cosine_zero():
    vectors = KeyedVectors.of(["a", "b"], np.array([[0, 0], [1, 1]], np.float32))
    assert answer(vectors, [Pair("p", "a", "b", 1.0, "pair/p/1")])[0].cosine == 0


def test_the_metric_keeps_its_contract(vectors, files):
    questions = [*read_analogies(files / "questions.txt"), *read_pairs(files / "my pairs.tsv")]
    split = QuestionSplit(questions)
    check_split(split)
    respondent = QuestionAnswerer(vectors)
    batches = []
    for start in range(0, len(split), 37):
        batch = split.batch(range(start, min(start + 37, len(split))))
        batches.append((respondent.answer(batch.inputs), batch.targets, batch.ids))
    metric = build(None, question_info(questions))
    check_metric(metric, batches)
    for batch in batches:
        metric.update(*batch)
    assert list(metric.compute()) == [
        "analogies",
        "analogies_semantic",
        "analogies_syntactic",
        "analogies_covered",
        "my_pairs",
        "my_pairs_covered",
    ]
    assert metric.compute()["analogies_covered"] == (len(ROWS) + 9) / (len(ROWS) + 10)


def test_the_metric_without_answers_has_no_number():
    numbers = QuestionMetric(["s"], ["p"]).compute()
    assert all(np.isnan(number) for number in numbers.values())
    assert build(None, DataInfo()).compute() == {}


@pytest.mark.parametrize("wrong", [("analogy/other/1", Answer(word="x")), ("analogy/s/1", "x")])
def test_the_metric_refuses_what_is_no_answer_to_its_questions(wrong):
    with pytest.raises(PluginError):
        QuestionMetric(["s"]).update([wrong[1]], ["d"], [wrong[0]])


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_analogies, "a b c d e\n", "line 1: expected four words or `: section`"),
        (read_analogies, ": s\na b c\n", "line 2: expected four words or `: section`, got 'a b c'"),
        (read_analogies, ": s\n", "holds no analogies"),
        (read_pairs, "a\tb\n", "line 1: expected two words and a score"),
        (read_pairs, "a\tb\tnan\n", "line 1: expected two words and a score"),
        (read_pairs, "# nothing\n", "holds no pairs"),
    ],
)
def test_wrong_files_of_questions_name_the_line(tmp_path, reader, text, message):
    path = tmp_path / "q.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        reader(path)


def test_questions_of_ones_own(files):
    options = QuestionFileOptions(
        analogies=files / "questions.txt", pairs=f"{files / 'my pairs.tsv'}"
    )
    splits = QuestionFiles(options, None).load(None)
    assert splits.info.details == {"sections": ["sides", "gram1-more"], "sets": ["my_pairs"]}
    assert splits.train is None
    assert len(splits.test) == len(ROWS) + 10 + 13
    with pytest.raises(UsageError, match=r"data\.analogies=FILE"):
        QuestionFiles(QuestionFileOptions(), None).load(None)
    with pytest.raises(UsageError, match="cannot read questions from"):
        read_pairs(files / "none.tsv")


def test_two_questions_of_one_id_are_refused():
    with pytest.raises(UsageError, match="'analogy/s/1'"):
        QuestionSplit(analogies("s", ROWS[:2]) + analogies("s", ROWS[:1]))


def test_the_plugin_is_healthy():
    check_plugin("embeddings")


PUBLISHED = {
    "WordSim-353": "Word 1,Word 2,Human (mean)\nlove,sex,6.77\ntiger,cat,7.35\n",
    "WordSim-353, tabs": "Word 1\tWord 2\tHuman (mean)\nlove\tsex\t6.77\ntiger\tcat\t7.35\n",
    "SimLex-999": "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\tconcQ\tAssoc(USF)\tSimAssoc333"
    "\tSD(SimLex)\nlove\tsex\tN\t6.77\t2.7\t2.8\t2\t7.2\t1\t0.4\ntiger\tcat\tN\t7.35\t2.6\t2\t2\t7\t1\t0.7\n",
    "SimVerb": "love\tsex\tV\t6.77\tSYNONYMS\ntiger\tcat\tV\t7.35\tNONE\n",
    "RareWords": "love\tsex\t6.77\t6\t7\t6\ntiger\tcat\t7.35\t8\t7\t7\n",
    "RG-65": "love;sex;6.77\ntiger;cat;7.35\n",
    "MEN": "love sex 6.77\ntiger cat 7.35\n",
    "quoted": '"Word 1","Word 2","Score"\n"love","sex","6.77"\n"tiger","cat","7.35"\n',
    "a mark and comments": "\ufeff# a list\nlove\tsex\t6.77\n\ntiger\tcat\t7.35\n",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_lists_of_pairs_as_their_authors_publish_them(tmp_path, name):
    (tmp_path / "list.csv").write_text(PUBLISHED[name], encoding="utf-8")
    found = read_pairs(tmp_path / "list.csv")
    assert [(p.first, p.second, p.score) for p in found] == [
        ("love", "sex", 6.77),
        ("tiger", "cat", 7.35),
    ]


@pytest.mark.parametrize("text", ["a\tb\tx\nc\td\t1\n", "word1\tword2\tscore\n", "a,b\n"])
def test_a_first_line_that_is_no_pair_is_not_passed_over(tmp_path, text):
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(UsageError, match="line 1: expected two words and a score"):
        read_pairs(tmp_path / "list.txt")


def test_analogies_without_sections_belong_to_one_named_as_the_file(tmp_path):
    (tmp_path / "capitals.txt").write_text("a b c d\na,b,e,f\n: other\ng\th\ti\tj\n")
    found = read_analogies(tmp_path / "capitals.txt")
    assert [question.section for question in found] == ["capitals", "capitals", "other"]
    assert found[1].d == "f"
