"""Whole runs: several sets with a user's files, the default, explain, and what goes wrong."""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest
from word_samples import related_vectors

import nntasks
from nntasks.errors import MissingError, UsageError
from nntasks.plugins.embedding_analysis.config import AnalysisConfig
from nntasks.plugins.embedding_analysis.explanation import ExplainOptions
from nntasks.plugins.embedding_analysis.maps.layouts import layouts, tsne_library
from nntasks.plugins.embedding_analysis.model import read_sets
from nntasks.plugins.embedding_analysis.word_lists import BUILT_IN
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.runner import prediction
from nntasks.testing import check_options, check_plugin

QUICK = {"resamples": 100, "permutations": 100, "neighbours": 4}
CHOSEN = "</script>"  # a word that would end the page's data, were it not masked


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three files of vectors of which two hold the same, and files of everything that is asked."""
    folder = tmp_path_factory.mktemp("files")
    plain = related_vectors(noise=0.3)
    words = [*plain.words[:-1], CHOSEN]
    counts = np.arange(len(words), 0, -1) * 10
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(24, 24)))[0]
    first = KeyedVectors.of(words, plain.matrix, counts, plain.matrix[:, ::-1].copy())
    write_vectors(first, folder / "first.safetensors")
    write_vectors(KeyedVectors.of(words, plain.matrix @ turn), folder / "turned.bin")
    noise = np.random.default_rng(6).normal(size=(len(words) - 1, 24))
    write_vectors(KeyedVectors.of(words[1:], noise), folder / "noise.txt")
    rows = [f"LEFT{n} right{n} LEFT{n + 1} right{n + 1}" for n in range(11)]
    texts = {
        "analogies.txt": [": sides", *rows],
        "pairs.tsv": [f"LEFT{n}\tright{n % 5}\t{n % 5}" for n in range(12)],
        "groups.txt": ["left: LEFT1 LEFT2 LEFT3 LEFT4", "right: right1 right2 right3 nobody"],
        "outliers.txt": ["left: LEFT1 LEFT2 LEFT3 LEFT4 | right1 other1 nobody"],
        "weat.txt": [
            "x: LEFT1 LEFT2 LEFT3",
            "y: right1 right2 right3",
            "a: LEFT4 LEFT5",
            "b: right4 right5",
        ],
        "text.txt": ["LEFT1 meets other1 " * 6, "LEFT2 meets other1 and other2 " * 8],
    }
    for name, lines in texts.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def vectors_of(files, *names):
    return ",".join(str(files / name) for name in names)


@pytest.fixture(scope="module")
def whole(files, tmp_path_factory):
    """A run over all that can be given."""
    options = {"analogies": files / "analogies.txt", "pairs": str(files / "pairs.tsv")}
    return nntasks.run(
        "embedding_analysis",
        out=tmp_path_factory.mktemp("runs"),
        vectors=vectors_of(files, "first.safetensors", "turned.bin", "noise.txt"),
        data="question_files",
        data_options=options,
        groups=files / "groups.txt",
        outliers=files / "outliers.txt",
        weat=files / "weat.txt",
        **QUICK,
    )


def table(result, name):
    return result.tables[name]


def test_numbers_and_tables_of_a_run(whole):
    metrics = whole.summary["metrics"]
    assert metrics["analogies_covered"] == 1
    (analogies,) = table(whole, "analogies")
    assert analogies["3CosAdd"] == metrics["analogies"] > 0.5
    (pairs,) = table(whole, "pairs")
    assert pairs["2.5 %"] <= pairs["Spearman"] == metrics["pairs"] <= pairs["97.5 %"]
    (outliers,) = table(whole, "outliers")
    assert (outliers["tests"], outliers["without vectors"]) == (2, 1)
    (weat,) = table(whole, "associations")
    assert weat["effect"] > 1
    assert weat["permutations"] == "all partitions"
    names = [row["vectors"] for row in table(whole, "geometry")]
    assert names == ["first.safetensors", "turned.bin", "noise.txt"]
    assert [row["word"] for row in table(whole, "neighbours")] == ["LEFT1", "right1"]


def test_turned_vectors_agree_and_noise_does_not(whole):
    rows = table(whole, "stability")
    turned = [r for r in rows if r["vectors"] == "first.safetensors and turned.bin"]
    noise = [r for r in rows if r["vectors"] == "first.safetensors and noise.txt"]
    assert all(row["shared neighbours"] == pytest.approx(1) for row in turned)
    assert np.mean([row["shared neighbours"] for row in noise]) < 0.3


def data_of(page):
    return json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.S).group(1))


def test_the_files_of_a_run(whole):
    names = {path.stem for path in (whole.folder / "figures").iterdir()}
    drawn = {"map_pca", "map_tsne", "analogies", "pairs", "frequency", "variance", "stability"}
    assert drawn <= names
    assert not (whole.folder / "checkpoints" / "final").exists()  # vectors are not copied
    items = (whole.folder / "items.csv").read_text(encoding="utf-8").splitlines()
    assert len(items) == 1 + 11 + 12
    data = data_of((whole.folder / "map.html").read_text(encoding="utf-8"))
    assert data["groups"] == ["left", "right"]
    assert [layout["name"] for layout in data["layouts"]] == ["PCA", "t-SNE"]
    first, turned, _ = (np.array(places) for places in data["layouts"][0]["sets"])
    np.testing.assert_allclose(first, turned, atol=2e-4)  # Procrustes turned it back
    assert data["counts"][0] == 530


def test_a_run_can_be_evaluated_and_explained_again(whole, files):
    again = nntasks.evaluate(whole, maps="pca", words=f"right1,{CHOSEN}")
    assert again.summary["metrics"] == whole.summary["metrics"]
    assert [row["word"] for row in table(again, "neighbours")] == ["right1", CHOSEN]
    page = (again.folder / "map.html").read_text(encoding="utf-8")
    assert data_of(page)["words"][:2] == ["right1", CHOSEN]
    said = prediction.explain(str(again.folder), None, "LEFT1", {"other": "right1"})
    assert said.count == 530
    assert said.source == "product with the output vectors"
    check_explanation(said, files)


def check_explanation(said, files):
    from nntasks.plugins.embeddings.vector_files import read_vectors

    vectors = read_vectors(files / "first.safetensors")
    assert said.neighbours == vectors.most_similar("LEFT1", topn=10)
    scores = vectors.output @ vectors["LEFT1"]
    assert said.contexts[0] == (vectors.words[scores.argmax()], pytest.approx(scores.max()))
    near = said.closeness
    assert near.cosine == pytest.approx(vectors.similarity("LEFT1", "right1"), abs=1e-6)
    total = sum(value for _, value in near.directions) + near.rest
    assert total == pytest.approx(near.cosine, abs=1e-5)
    ranked = [word for word, _ in vectors.most_similar("LEFT1", topn=len(vectors))]
    assert near.ranks[0] == ranked.index("right1") + 1
    twenty = [{w for w, _ in vectors.most_similar(word, topn=10)} for word in ("LEFT1", "right1")]
    assert twenty[0] & twenty[1] <= set(near.shared)
    assert "LEFT1 and right1: cosine" in str(said)
    json.dumps(said.to_dict())


def test_contexts_are_counted_in_a_text_where_one_is_named(files):
    words = {"vectors": str(files / "turned.bin"), "text": str(files / "text.txt")}
    said = prediction.explain("embedding_analysis", None, "LEFT1", words)
    # 58 words, among them 6 times LEFT1 and 14 times other1; other2 is never near.
    (first, value), *_ = said.contexts
    line = ["LEFT1", "meets", "other1"] * 6
    around = [
        line[place + step]
        for place in range(0, 18, 3)
        for step in range(-5, 6)
        if step and 0 <= place + step < 18
    ]
    expected = {
        w: np.log(around.count(w) * 58 / (len(around) * n))
        for w, n in (("LEFT1", 6), ("other1", 14))
    }
    assert said.contexts == [
        (w, pytest.approx(v)) for w, v in sorted(expected.items(), key=lambda p: -p[1])
    ]
    assert (first, value) == said.contexts[0]
    bare = prediction.explain("embedding_analysis", None, "LEFT1", {"vectors": words["vectors"]})
    assert bare.contexts == []
    assert "text=FILE" in bare.source
    assert bare.count is None


def test_the_default_trains_and_analyses_the_generated_corpus(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    small = {"sentences": 2000}
    result = nntasks.run(
        "embedding_analysis", out=tmp_path / "runs", data_options=small, maps="pca", **QUICK
    )
    assert result.summary["metrics"]["analogies_covered"] == 1
    data = data_of((result.folder / "map.html").read_text(encoding="utf-8"))
    assert len(data["words"]) == 144
    assert data["counts"][0] > 0
    said = prediction.explain(str(result.folder), None, "king", {})
    assert said.source == "product with the output vectors"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"data": "embedding_eval"}, None),
        ({"data": "no_questions"}, "give vectors=RUN or vectors=FILE"),
        ({"vectors": "nothing.bin"}, "found nothing at nothing.bin"),
        ({"vectors": "FIRST,nothing.bin"}, "found nothing at nothing.bin"),
        ({"vectors": "FIRST", "words": "LEFT"}, "'LEFT' is none of the 54 words"),
        ({"vectors": "FIRST", "maps": "som"}, "expected layouts among pca, tsne, umap"),
        ({"vectors": "FIRST", "groups": "nothing.txt"}, "cannot read groups of words"),
        ({"weat": "nothing.txt"}, "cannot read groups of words"),
        ({"dictionary": "nothing.txt"}, "dictionary: expected two sets of vectors"),
    ],
)
def test_mistakes_are_one_line_and_leave_no_report(tmp_path, files, monkeypatch, keys, message):
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    keys = {
        key: value.replace("FIRST", str(files / "first.safetensors")) for key, value in keys.items()
    }
    error = UsageError if message else MissingError
    with pytest.raises(error, match=message) as caught:
        nntasks.run("embedding_analysis", out=tmp_path / "runs", **{"maps": "pca", **QUICK, **keys})
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("runs/**/report.html"))


def test_the_command_line_says_what_is_wrong_and_exits_with_two(cli, files, tmp_path):
    broken = tmp_path / "broken.bin"
    broken.write_bytes((files / "turned.bin").read_bytes()[:-10])
    done = cli("run", "embedding_analysis", f"vectors={broken}", "--out", tmp_path / "runs")
    assert done.returncode == 2
    assert "ends early: expected 54 words" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_single_set_without_questions_and_two_dimensions(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(5, 2))
    write_vectors(KeyedVectors.of(list("abcde"), matrix), tmp_path / "v.vec")
    result = nntasks.run(
        "embedding_analysis",
        out=tmp_path,
        vectors=str(tmp_path / "v.vec"),
        data="no_questions",
        **QUICK,
    )
    assert result.summary["metrics"] == {}
    assert set(result.tables) == {"neighbours", "geometry", "frequency"}


def test_of_large_files_the_most_frequent_words_are_looked_at(files):
    config = AnalysisConfig(vectors=[str(files / "turned.bin")], data="no_questions", vocabulary=20)
    model = read_sets(config, [files / "turned.bin"])
    assert model.vectors.words == related_vectors().words[:20]


def test_numbers_of_a_binary_file_are_counted_where_they_lie(files):
    config = AnalysisConfig(vectors=[str(files / "turned.bin")], data="no_questions")
    model = read_sets(config, [files / "turned.bin"])
    assert model.parameter_count() == related_vectors().matrix.size


def test_umap_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingError, match="pip install umap-learn"):
        layouts("umap", {"a": np.eye(4)}, 0)


@pytest.mark.parametrize("library", ["openTSNE", "scikit-learn"])
def test_tsne_keeps_clusters_apart_whichever_library_lays_it_out(monkeypatch, library):
    if library == "openTSNE":
        pytest.importorskip("openTSNE")
    else:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert tsne_library() == library
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(8)[:3], 15, axis=0)
    points = {name: centres + 0.05 * rng.normal(size=centres.shape) for name in "ab"}
    found = layouts("tsne", points, 0)
    for places in found.values():
        middles = places.reshape(3, 15, 2).mean(axis=1)
        far = np.linalg.norm(places[:, None] - middles[None], axis=2)
        assert (far.argmin(axis=1) == np.repeat(range(3), 15)).all()
    apart = np.linalg.norm(found["a"] - found["b"], axis=1).mean()
    assert apart < 0.5 * np.linalg.norm(found["a"] - found["a"].mean(axis=0), axis=1).mean()
    if library == "openTSNE":
        assert np.array_equal(layouts("tsne", points, 0)["a"], found["a"])


def test_word_lists_are_whole():
    for test in BUILT_IN:
        groups = (test.x, test.y, test.a, test.b)
        assert len(set().union(*groups)) == sum(map(len, groups))
        assert min(map(len, groups)) >= 8


def test_the_plugin_keeps_its_contracts():
    check_plugin("embedding_analysis")
    check_options(AnalysisConfig)
    check_options(ExplainOptions)
