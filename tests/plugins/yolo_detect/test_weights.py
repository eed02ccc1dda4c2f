"""Weights from elsewhere: what is read, what is refused, and with which words."""

from __future__ import annotations

import json
import pickle

import pytest
import torch
from safetensors.torch import save_file

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.network import SIZES, YoloV5
from nntasks.plugins.yolo_detect.weights import load_weights, network_for, network_with_classes
from nntasks.seeding import Seeds


@pytest.fixture
def state():
    torch.manual_seed(0)
    return YoloV5(3, *SIZES["yolov5p"]).state_dict()


def written(path, state):
    save_file({key: value.contiguous() for key, value in state.items()}, str(path))
    return path


class TestReading:
    def test_the_public_weights_are_yolov5n_with_their_class_names(self, public_weights):
        loaded = load_weights(public_weights)
        assert (loaded.architecture.size, loaded.architecture.classes) == ("yolov5n", 80)
        assert loaded.class_names[0] == "person"
        assert loaded.class_names[79] == "toothbrush"
        assert sum(p.numel() for p in network_for(loaded).parameters()) == 1_872_157

    @pytest.mark.parametrize("size", SIZES)
    def test_the_size_is_told_by_the_shapes(self, tmp_path, size):
        torch.manual_seed(0)
        state = YoloV5(2, *SIZES[size]).half().state_dict()
        loaded = load_weights(written(tmp_path / "w.safetensors", state))
        assert (loaded.architecture.size, loaded.architecture.classes) == (size, 2)
        assert loaded.state["model.0.conv.weight"].dtype == torch.float32

    def test_every_number_arrives(self, tmp_path, state):
        network = network_for(load_weights(written(tmp_path / "w.safetensors", state)))
        for key, value in network.state_dict().items():
            assert torch.equal(value, state[key]), key

    @pytest.mark.parametrize(
        "wrap",
        [
            lambda state: state,
            lambda state: {"state_dict": state, "epoch": 3},
            lambda state: {"model": state},
            lambda state: {f"module.{key}": value for key, value in state.items()},
        ],
    )
    def test_a_state_dict_in_a_pt_file_comes_through(self, tmp_path, state, wrap):
        torch.save(wrap(state), tmp_path / "w.pt")
        loaded = load_weights(tmp_path / "w.pt")
        assert torch.equal(loaded.state["model.0.conv.weight"], state["model.0.conv.weight"])

    def test_anchors_and_counters_may_be_absent(self, tmp_path, state):
        kept = {k: v for k, v in state.items() if not k.endswith(("anchors", "tracked"))}
        loaded = load_weights(written(tmp_path / "w.safetensors", kept))
        assert torch.equal(loaded.state["model.24.anchors"], state["model.24.anchors"])


class TestNames:
    def test_names_beside_the_file_win(self, tmp_path, state):
        path = written(tmp_path / "w.safetensors", state)
        assert load_weights(path).class_names == ("class 0", "class 1", "class 2")
        (tmp_path / "w.json").write_text(json.dumps({"names": {"0": "a", "2": "c", "1": "b"}}))
        assert load_weights(path).class_names == ("a", "b", "c")

    def test_names_inside_a_pt_file(self, tmp_path, state):
        torch.save({"state_dict": state, "names": ["x", "y", "z"]}, tmp_path / "w.pt")
        assert load_weights(tmp_path / "w.pt").class_names == ("x", "y", "z")

    def test_eighty_classes_without_names_are_those_of_coco(self, tmp_path):
        state = YoloV5(80, *SIZES["yolov5p"]).state_dict()
        names = load_weights(written(tmp_path / "w.safetensors", state)).class_names
        assert names[11] == "stop sign"
        assert len(set(names)) == 80

    def test_too_few_names_are_refused(self, tmp_path, state):
        path = written(tmp_path / "w.safetensors", state)
        (tmp_path / "w.json").write_text(json.dumps({"names": ["a"]}))
        with pytest.raises(UsageError, match="expected 3 class names, got 1"):
            load_weights(path)


class Program:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return (print, ("this must not run",))


class TestRefusal:
    def test_a_pickled_program_is_not_run(self, tmp_path, capfd):
        torch.save({"model": Program()}, tmp_path / "w.pt")
        with pytest.raises(UsageError, match="pickled program, which could run any code"):
            load_weights(tmp_path / "w.pt")
        (tmp_path / "old.pt").write_bytes(pickle.dumps(Program()))
        with pytest.raises(UsageError):
            load_weights(tmp_path / "old.pt")
        assert "must not run" not in capfd.readouterr().out

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("w.safetensors", b"no tensors", "not a readable safetensors file"),
            ("w.pt", b"no tensors", "not a PyTorch file"),
            ("w.onnx", b"", "expected a .safetensors, .pt or .pth file"),
        ],
    )
    def test_no_file_of_weights(self, tmp_path, name, content, message):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=message) as caught:
            load_weights(tmp_path / name)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda s: s.pop("model.9.cv2.conv.weight"), "it has no model.9.cv2.conv.weight"),
            (
                lambda s: s.pop("model.3.bn.weight"),
                r"expected model.3.bn.weight .*, which is missing",
            ),
            (lambda s: s.update({"model.33.x": torch.ones(1)}), "four levels of the P6"),
            (lambda s: s.update({"model.0.conv.bias": torch.ones(8)}), "fused away"),
            (
                lambda s: s.update({"model.25.x": torch.ones(1)}),
                "got model.25.x, which this model does not have",
            ),
            (
                lambda s: s.update({"model.0.conv.weight": torch.ones(16, 3, 6, 6)}),
                r"expected model.0.conv.weight \(8, 3, 6, 6\), got \(16, 3, 6, 6\)",
            ),
            (lambda s: s["model.3.bn.weight"].fill_(float("nan")), "NaN or infinite"),
        ],
    )
    def test_weights_of_another_network_say_what_differs(self, tmp_path, state, change, message):
        change(state)
        with pytest.raises(UsageError, match=message):
            load_weights(written(tmp_path / "w.safetensors", state))


class TestOtherClasses:
    def test_only_the_head_is_begun_anew(self, tmp_path, state):
        loaded = load_weights(written(tmp_path / "w.safetensors", state))
        network = network_with_classes(loaded, 7, Seeds(1))
        assert network.class_count == 7
        for key, value in network.state_dict().items():
            if not key.startswith("model.24.m."):
                assert torch.equal(value, state[key]), key
