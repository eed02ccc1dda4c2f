"""Classifiers of scikit-learn: its own checks, pipelines, searches, pickles, third parties."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import threading

import numpy as np
import pytest
import torch
from command_line import ROOT
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.utils.estimator_checks import check_estimator

from nntasks.errors import RunFailed, UsageError
from nntasks.estimators import NNTasksClassifier

SMALL = {"epochs": 30, "batch_size": 32, "hidden_sizes": (16,), "lr": 0.02, "dropout": 0.0}
# What does not apply; docs/scikit-learn.md has the reasons.
NOT_APPLICABLE = {"check_array_api_input": "needs SCIPY_ARRAY_API; arrays are those of NumPy"}


def digits(count):
    x, y = load_digits(return_X_y=True)
    return x[:count] / 16, np.array(list("abcdefghij"))[y[:count]]


@pytest.fixture(scope="module")
def picture_classifier():
    x, y = digits(200)
    found = NNTasksClassifier("cnn_classify", picture_shape=(8, 8), epochs=6)
    return found.fit(x, y)


def outcomes(estimator):
    """Return the checks of scikit-learn that did not pass, with the reason."""
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert len(results) > 40
    return {r["check_name"]: repr(r["exception"]) for r in results if r["status"] != "passed"}


def test_scikit_learns_own_checks():
    # In double precision, as predictions of other batches must agree within 1e-7.
    found = outcomes(NNTasksClassifier("numpy_mlp", dtype="float64", **SMALL))
    assert {name: why for name, why in found.items() if name not in NOT_APPLICABLE} == {}


class AsPicture(FunctionTransformer):
    """Draws a row of up to 144 numbers in 0..1 as a picture of 12 x 12 pixels, in stripes."""

    def __init__(self):
        super().__init__(self.drawn)

    @staticmethod
    def drawn(x):
        repeats = -(-144 // x.shape[1])
        return np.repeat(x, repeats, axis=1)[:, :144]


@pytest.mark.slow
def test_scikit_learns_own_checks_of_pictures():
    keys = {"model": "lenet5", "epochs": 20, "batch_size": 16, "lr": 0.05, "device": "cpu"}
    network = NNTasksClassifier("cnn_classify", picture_shape=(12, 12), **keys)
    found = outcomes(make_pipeline(MinMaxScaler(clip=True), AsPicture(), network))
    of_pipelines = outcomes(
        make_pipeline(MinMaxScaler(clip=True), AsPicture(), LogisticRegression())
    )
    assert found.keys() == of_pipelines.keys()  # what any pipeline fails


class TestFit:
    def test_it_learns_and_gives_labels_back(self, picture_classifier):
        x, y = digits(300)
        assert picture_classifier.score(x[200:], y[200:]) > 0.6  # six seeds: 0.89 to 0.94
        assert picture_classifier.classes_.tolist() == list("abcdefghij")
        assert set(picture_classifier.predict(x[:9])) <= set("abcdefghij")
        shares = picture_classifier.predict_proba(x[:9])
        assert shares.shape == (9, 10)
        assert np.allclose(shares.sum(axis=1), 1, atol=1e-12)
        assert picture_classifier.history_[-1]["epoch"] == 6

    def test_pictures_and_rows_are_the_same(self, picture_classifier):
        x, y = digits(200)
        pictures = np.rint(x * 255).astype(np.uint8).reshape(-1, 8, 8)
        other = clone(picture_classifier).set_params(picture_shape=None).fit(pictures, y)
        assert np.array_equal(other.predict_proba(pictures), picture_classifier.predict_proba(x))

    def test_nothing_global_changes_and_no_file_is_left(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        (tmp_path / "temporary").mkdir()
        np.random.seed(3)  # noqa: NPY002 - the state that must not change
        torch.manual_seed(3)
        before = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
        threads = torch.get_num_threads(), threading.active_count()
        x, y = digits(60)
        NNTasksClassifier("cnn_classify", picture_shape=(8, 8), epochs=1).fit(x, y).predict(x)
        assert np.array_equal(before[0], np.random.get_state()[1])  # noqa: NPY002
        assert torch.equal(before[1], torch.get_rng_state())
        assert threads == (torch.get_num_threads(), threading.active_count())
        left = [path.name for path in tmp_path.rglob("*") if "torch" not in path.name]
        assert left == ["temporary"]

    def test_the_same_seed_gives_the_same_numbers(self):
        x, y = digits(100)
        first, second, third = (
            NNTasksClassifier("numpy_mlp", epochs=2, seed=seed).fit(x, y).predict_proba(x)
            for seed in (0, 0, 1)
        )
        assert np.array_equal(first, second)
        assert not np.array_equal(first, third)

    def test_samples_held_out_are_measured(self):
        x, y = digits(100)
        found = NNTasksClassifier("numpy_mlp", epochs=2, validation_fraction=0.2).fit(x, y)
        measured = [row for row in found.history_ if row["split"] == "validation"]
        assert len(measured) == 2
        assert "accuracy" in measured[0]


class TestTools:
    def test_clone_and_parameters(self):
        first = NNTasksClassifier("numpy_mlp", epochs=2, hidden_sizes=(8,))
        second = clone(first).set_params(lr=0.5, task="cnn_classify")
        assert first.get_params()["epochs"] == second.get_params()["epochs"] == 2
        assert "lr" not in first.get_params()
        assert second.get_params()["lr"] == 0.5
        assert repr(first) == "NNTasksClassifier(epochs=2, hidden_sizes=(8,), task='numpy_mlp')"

    def test_grid_search_in_a_pipeline(self):
        x, y = digits(150)
        network = NNTasksClassifier("numpy_mlp", epochs=3, hidden_sizes=(32,))
        grid = {"nntasksclassifier__epochs": np.array([1, 15]), "nntasksclassifier__lr": [0.02]}
        found = GridSearchCV(make_pipeline(MinMaxScaler(), network), grid, cv=2).fit(x, y)
        assert found.best_params_["nntasksclassifier__epochs"] == 15
        assert found.best_score_ > 0.5
        assert found.best_estimator_[-1].get_params()["lr"] == 0.02

    def test_cross_validation_beside_another_classifier(self):
        x, y = digits(300)
        ours = NNTasksClassifier("numpy_mlp", epochs=20, hidden_sizes=(64,))
        scores = [cross_val_score(one, x, y, cv=3).mean() for one in (ours, LogisticRegression())]
        assert min(scores) > 0.7  # ours with five seeds: 0.85 to 0.90; chance is 0.1

    @pytest.mark.parametrize("task", ["numpy_mlp", "cnn_classify"])
    def test_a_pickle_holds_the_weights(self, task, tmp_path):
        x, y = digits(60)
        found = NNTasksClassifier(task, picture_shape=(8, 8), epochs=1).fit(x, y)
        np.savez(tmp_path / "expected.npz", x=x, shares=found.predict_proba(x))
        (tmp_path / "model.pickle").write_bytes(pickle.dumps(found))
        code = (
            "import pickle, sys, numpy as np\n"
            "kept = np.load(sys.argv[1] + '/expected.npz')\n"
            "found = pickle.load(open(sys.argv[1] + '/model.pickle', 'rb'))\n"
            "assert np.allclose(found.predict_proba(kept['x']), kept['shares'], atol=1e-6)\n"
            "print(found.classes_[0], len(found.history_) > 0)"
        )
        command = [sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.stdout, done.stderr) == ("a True\n", "")


class TestThirdParties:
    def test_a_model_for_a_built_in_task(self, monkeypatch, tmp_path):
        installed = tmp_path / "nntasks_dots-1.0.dist-info"
        installed.mkdir()
        (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: nntasks_dots\nVersion: 1")
        (installed / "entry_points.txt").write_text("[nntasks]\nnntasks_dots = nntasks_dots\n")
        for folder in (tmp_path, ROOT / "tests" / "third_party"):
            monkeypatch.syspath_prepend(str(folder))
        rng = np.random.default_rng(0)
        pictures = rng.integers(0, 60, (200, 12, 12), dtype=np.uint8)
        row, column = rng.integers(0, 12, (2, 200))
        pictures[np.arange(200), row, column] = 255
        quarter = 2 * (row >= 6) + (column >= 6)
        options = {"model_options": {"channels": 4}, "epochs": 20, "lr": 0.1}
        found = NNTasksClassifier("cnn_classify", model="dot_net", **options)
        assert found.fit(pictures, quarter).score(pictures, quarter) > 0.8  # chance is 0.25

    def test_a_task_of_its_own(self, toy, monkeypatch):
        from nntasks_toy import task as toy_task

        from nntasks import DataInfo, Splits

        def splits_of(self, inputs, targets, classes):
            part = toy_task.Points(inputs.astype(np.float32), targets, self.context.seeds)
            return Splits(part, part, part, DataInfo(tuple(classes), inputs.shape[1:]))

        def predict(self, batch):
            with torch.no_grad():
                return list(self.module.eval()(batch.inputs).softmax(1).numpy())

        x, y = np.random.default_rng(0).normal(size=(90, 2)), np.arange(90) % 2
        x += 3 * y[:, None]
        with pytest.raises(UsageError, match="task 'toy' takes no data in memory"):
            NNTasksClassifier("toy", epochs=5).fit(x, y)
        monkeypatch.setattr(toy_task.Toy, "splits_of", splits_of, raising=False)
        found = NNTasksClassifier("toy", epochs=20, batch_size=16, lr=0.05).fit(x, y)
        with pytest.raises(UsageError, match="task 'toy' predicts no class probabilities"):
            found.predict(x)
        monkeypatch.setattr(toy_task.Perceptron, "predict", predict)
        assert found.score(x, y) > 0.9


@pytest.mark.parametrize(
    ("keys", "shape", "error", "message"),
    [
        ({"epohs": 3}, (20, 4), UsageError, "epohs"),
        ({"data": "digits"}, (20, 4), UsageError, "data: an estimator has no such key"),
        ({"data_options": {}}, (20, 4), UsageError, "data_options: an estimator has no such key"),
        ({"validation_fraction": 1}, (20, 4), UsageError, r"expected a number in \[0, 1\), got 1"),
        ({"task": "cnn_classify"}, (20, 64), UsageError, r"picture_shape=\(H, W\) gives rows"),
        (
            {"task": "cnn_classify", "picture_shape": (3, 3)},
            (20, 8),
            UsageError,
            r"expected \(3, 3\) to have the 8 numbers of a row, it has 9",
        ),
        ({"task": "cnn_classify"}, (20, 8, 8), UsageError, r"expected floats in 0\.\.1"),
        ({"task": "word2vec"}, (20, 4), UsageError, "task 'word2vec' takes no data in memory"),
        ({"task": "nothing"}, (20, 4), UsageError, "nothing"),
        (
            {"optimizer": "sgd", "lr": 100, "batch_norm": False, "momentum": 0.99},
            (200, 4),
            RunFailed,
            "try a lower lr$",
        ),
    ],
)
def test_wrong_input_is_one_line(keys, shape, error, message):
    x = 40 * np.random.default_rng(0).normal(size=shape)
    with pytest.raises(error, match=message) as caught:
        NNTasksClassifier(**{"task": "numpy_mlp", **keys}).fit(x, np.arange(len(x)) % 2)
    assert "\n" not in str(caught.value)


def test_samples_of_another_shape_are_refused(picture_classifier):
    with pytest.raises(ValueError, match="X has 60 features"):
        picture_classifier.predict(np.zeros((2, 60)))
