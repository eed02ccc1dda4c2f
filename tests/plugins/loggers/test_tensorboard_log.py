"""TensorBoard's own reader finds what a run wrote, and no step twice after a resumption."""

from __future__ import annotations

import json
import math

import pytest

from nntasks import runner
from nntasks.errors import Interrupted
from nntasks.runner.handle import Run

KEYS = {"data": "xor", "data.points": 64, "hidden_sizes": "4", "epochs": 3, "log": "tensorboard"}


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """Return the folder of a run that was stopped at step 2 and resumed from step 1."""
    out, calls = tmp_path_factory.mktemp("resumed"), []
    save_if_due = Run.save_if_due

    def stop_before_the_second(self, seconds, save):
        calls.append(1)
        if len(calls) == 2:
            raise Interrupted("stopped by the test")
        save_if_due(self, 0, save)

    def draw(folder, *_):
        from PIL import Image

        Image.new("RGB", (5, 4), "red").save(folder.path / "figures" / "curves.png")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.report.run_report.write_report", draw)
        patch.setattr(Run, "save_if_due", stop_before_the_second)
        with pytest.raises(Interrupted):
            runner.start("numpy_mlp", [KEYS], out=out, quiet=True)
        return runner.resume(out / "numpy_mlp" / "latest", quiet=True).folder


@pytest.fixture(scope="module")
def read(resumed):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(resumed / "tensorboard"), {"scalars": 0, "tensors": 0})
    return found.Reload()


def test_every_row_is_there_once(resumed, read):
    rows = [json.loads(line) for line in (resumed / "metrics.jsonl").read_text().splitlines()]
    expected = {}
    for row in rows:
        for name in row.keys() - {"split", "step", "epoch"}:
            expected.setdefault(f"{row['split']}/{name}", []).append((row["step"], row[name]))
    tags = [tag for tag in read.Tags()["scalars"] if not tag.startswith("test/")]
    assert set(tags) == set(expected)
    for tag in tags:
        found = [(event.step, event.value) for event in read.Scalars(tag)]
        assert [step for step, _ in found] == [step for step, _ in expected[tag]] == [1, 2, 3]
        for (_, ours), (_, theirs) in zip(found, expected[tag], strict=True):
            assert math.isclose(ours, theirs, rel_tol=1e-6)  # event files hold float32


def test_the_metrics_are_there_as_scalars_and_for_the_hyperparameters(resumed, read):
    metrics = json.loads((resumed / "summary.json").read_text())["metrics"]
    for name, value in metrics.items():
        (event,) = read.Scalars(f"test/{name}")
        assert event.step == 3
        assert math.isclose(event.value, value, rel_tol=1e-6)
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    content = read.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    keys = HParamsPluginData.FromString(content).session_start_info.hparams
    assert keys["epochs"].number_value == 3
    assert keys["data"].string_value == "xor"


def test_the_configuration_and_the_pictures_are_there_once(read):
    (event,) = read.Tensors("configuration/text_summary")
    assert "| data.points | 64 |" in event.tensor_proto.string_val[0].decode()
    (image,) = read.Images("figures/curves")
    assert (image.step, image.width, image.height) == (3, 5, 4)


def test_the_run_is_whole_beside_it(resumed):
    from nntasks import verify

    assert verify(resumed).passed
