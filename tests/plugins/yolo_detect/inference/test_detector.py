"""From photographs to boxes: what the public code finds, one by one and many at a time."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from nntasks.errors import UsageError
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.inference.detector import Detected, Detector
from nntasks.plugins.yolo_detect.network import YoloV5
from nntasks.plugins.yolo_detect.samples import Detections


@pytest.fixture(scope="module")
def small():
    """Return a function that makes a detector of an untrained network, which finds much."""
    torch.manual_seed(0)
    network = YoloV5(3, 0.33, 0.125)

    def make(backend="auto", **limits):
        keys = {"confidence": 0.0, "iou": 0.5, "max_detections": 20, **limits}
        return Detector(network, image_size=64, backend=backend, **keys)

    return make


@pytest.fixture
def files(tmp_path):
    """Return nine pictures of several shapes."""
    rng = np.random.default_rng(0)
    paths = []
    for number in range(9):
        shape = (30 + 11 * number, 100 - 7 * number, 3)
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(paths[-1])
    return paths


def assert_equal(ours, theirs):
    np.testing.assert_array_equal(ours.labels, theirs.labels)
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours.boxes, theirs.boxes, rtol=0, atol=1e-2)


class TestPublicWeights:
    @pytest.mark.parametrize("backend", ["eager", "auto"])
    def test_finds_what_the_public_code_finds(self, backend, public_model, real_data, reference):
        detector = Detector(
            public_model.module,
            image_size=640,
            confidence=0.25,
            iou=0.45,
            max_detections=300,
            backend=backend,
        )
        sources = [real_data / image["file"] for image in reference["images"]]
        for image, result in zip(reference["images"], detector.detect_all(sources), strict=True):
            theirs = image["detect_conf0.25_iou0.45"]
            assert len(theirs) > 0
            assert result.found.labels.tolist() == [box["cls"] for box in theirs]
            scores, boxes = zip(*((box["score"], box["box"]) for box in theirs), strict=True)
            np.testing.assert_allclose(result.found.scores, scores, rtol=0, atol=1e-3)
            np.testing.assert_allclose(result.found.boxes, boxes, rtol=0, atol=0.5)

    def test_of_a_model_takes_its_configuration(self, public_model, real_data, reference):
        config = public_model.config.model_copy(update={"confidence": 0.6, "backend": "eager"})
        detector = Detector.of(public_model, config)
        assert detector.backend.name == "eager"
        image = reference["images"][0]
        found = detector.detect(real_data / image["file"])
        theirs = [box for box in image["detect_conf0.25_iou0.45"] if box["score"] > 0.6]
        assert found.labels.tolist() == [box["cls"] for box in theirs]


class TestThreads:
    @pytest.mark.parametrize("name", ["onednn", "channels_last", "onnxruntime", "openvino"])
    def test_torch_has_one_thread_beside_a_backend_with_its_own(self, small, files, name):
        detector = small("channels_last")
        object.__setattr__(detector.backend, "name", name)
        compute, seen = detector.backend.compute, []

        def noting(images):
            seen.append(torch.get_num_threads())
            return compute(images)

        object.__setattr__(detector.backend, "compute", noting)
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(2)
            detector.detect(files[0])
            list(detector.detect_all(files[:1]))
            assert torch.get_num_threads() == 2
        finally:
            torch.set_num_threads(before)
        assert seen == ([1, 1] if name in ("onnxruntime", "openvino") else [2, 2])


class TestMany:
    def test_a_file_and_its_pixels_are_one(self, small, files):
        detector = small()
        assert len(detector.detect(files[0]).scores) == 20
        assert_equal(detector.detect(read_image(files[0])), detector.detect(files[0]))

    @pytest.mark.parametrize("workers", [None, 1, 3, 20])
    @pytest.mark.parametrize("in_turn", [False, True])
    def test_in_the_order_given_and_as_one_by_one(self, small, files, workers, in_turn):
        detector = small()
        one_by_one = [detector.detect(file) for file in files]
        callers = set()
        if in_turn:
            object.__setattr__(detector.backend, "concurrent", False)
        compute = detector.backend.compute

        def noting(images):
            callers.add(threading.get_ident())
            return compute(images)

        object.__setattr__(detector.backend, "compute", noting)
        results = list(detector.detect_all(files, workers=workers))
        assert all(isinstance(result, Detected) for result in results)
        for file, result, expected in zip(files, results, one_by_one, strict=True):
            np.testing.assert_array_equal(result.image, read_image(file))
            assert_equal(result.found, expected)
        assert (callers == {threading.get_ident()}) == in_turn

    def test_a_bad_file_stops_no_other(self, small, files):
        files[4].write_bytes(b"no picture")
        results = list(small().detect_all(files))
        errors = [result for result in results if isinstance(result, UsageError)]
        assert len(errors) == 1
        assert results.index(errors[0]) == 4
        assert str(files[4]) in str(errors[0])
        assert all(isinstance(r.found, Detections) for r in results if isinstance(r, Detected))

    def test_reads_only_a_few_ahead(self, small, files):
        asked = []

        def endless():
            while True:
                asked.append(files[len(asked) % len(files)])
                yield asked[-1]

        results = small().detect_all(endless(), workers=2)
        assert asked == []
        for _ in range(3):
            next(results)
        assert len(asked) == 7
        results.close()
        assert len(asked) == 7

    def test_the_number_of_threads_is_as_before(self, small, files):
        before = torch.get_num_threads()
        results = small().detect_all(files, workers=3)
        next(results)
        results.close()
        assert torch.get_num_threads() == before

    @pytest.mark.parametrize("concurrent", [False, True])
    def test_a_single_one_is_computed_by_the_caller(self, small, files, monkeypatch, concurrent):
        detector = small()
        object.__setattr__(detector.backend, "concurrent", concurrent)
        expected = detector.detect(files[0])
        monkeypatch.setattr("nntasks.plugins.yolo_detect.inference.detector._workers", None)
        (result,) = detector.detect_all(files[:1])
        assert_equal(result.found, expected)
        files[0].write_bytes(b"no picture")
        (result,) = detector.detect_all(files[:1])
        assert isinstance(result, UsageError)

    def test_nothing_gives_nothing(self, small):
        assert list(small().detect_all([])) == []

    def test_no_workers_are_refused(self, small, files):
        with pytest.raises(ValueError, match="at least one worker, got 0"):
            list(small().detect_all(files, workers=0))


def test_a_missing_file_is_named(small, tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.jpg"):
        small().detect(tmp_path / "nothing.jpg")


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((0, 5, 3), "uint8"), ((5, 5), "uint8"), ((5, 5, 4), "uint8"), ((5, 5, 3), "float32")],
)
def test_an_array_that_is_no_image_is_one_line(small, shape, dtype):
    with pytest.raises(UsageError, match=r"expected an image \(H, W, 3\) of uint8") as caught:
        small().detect(np.zeros(shape, dtype))
    assert str(caught.value).endswith(f"got {shape} of {dtype}")


def test_limits_hold(small, files):
    assert len(small(max_detections=3).detect(files[0]).scores) == 3
    assert len(small(confidence=0.99).detect(files[0]).scores) == 0
