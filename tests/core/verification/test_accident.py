"""The black box of a run whose loss was not finite, and its accident repeated."""

from __future__ import annotations

import csv
import json

import pytest

from nntasks import runner
from nntasks.errors import Diverged
from nntasks.verification import replay_accident

# Each step multiplies the weights by 1 - lr * weight_decay = -99.
LARGE = {"lr": 100, "weight_decay": 1, "schedule": "constant", "epochs": 100}
NUMPY = {"data": "xor", "data.points": 64, "hidden_sizes": "16,16", "batch_norm": False, **LARGE}
TOY = {"clip": 0, "optimizer": "sgd", **LARGE}
WORDS = {"lr": 10, "lr_final": 1, "window": 50, "subsample": 0, "epochs": 1, "dim": 8}


def broken(task, keys, out, capsys):
    """Return the folder of a run that diverges, and its message."""
    with pytest.raises(Diverged) as caught:
        runner.start(task, [keys], out=out, quiet=True)
    (run,) = (path for path in (out / task).iterdir() if path.name != "latest")
    return run, str(caught.value)


CASES = {
    "numpy": ("numpy_mlp", NUMPY),
    "torch": ("toy", TOY),
    "words": pytest.param("word2vec", WORDS, marks=pytest.mark.slow),
}


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(("task", "keys"), CASES.values(), ids=CASES.keys())
def test_the_black_box_names_what_went_first_and_repeats_it(task, keys, tmp_path, capsys):
    run, message = broken(task, keys, tmp_path, capsys)
    accident = json.loads((run / "black_box" / "accident.json").read_text())
    assert message.startswith(accident["what"])
    assert f"black box: {run / 'black_box'}" in message
    assert f"nntasks verify {run} --accident" in message
    assert accident["first"]["place"] in message
    assert "unknown" not in accident["first"]["place"]
    assert accident["first"]["operation"]
    assert accident["indices"]
    with (run / "black_box" / "steps.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["step"] == str(accident["step"])
    assert 0 < len(rows) <= 100
    assert all(float(row["loss"]) > 0 for row in rows[:-1])  # those before the accident
    repeated = replay_accident(run, say=lambda line: None)
    assert repeated.passed
    assert repeated.verdict().startswith(f"the same accident at step {accident['step']} (")
    assert accident["first"]["operation"] in repeated.verdict()


def test_the_samples_of_the_batch_are_named(tmp_path, capsys, toy):
    run, _ = broken("toy", TOY, tmp_path, capsys)
    accident = json.loads((run / "black_box" / "accident.json").read_text())
    assert accident["ids"] == [f"p{index}" for index in accident["indices"]]


def test_an_accident_that_does_not_repeat_is_told(tmp_path, capsys, cli_here):
    run, _ = broken("numpy_mlp", NUMPY, tmp_path, capsys)
    file = run / "black_box" / "accident.json"
    accident = json.loads(file.read_text())
    file.write_text(json.dumps({**accident, "step": accident["step"] - 1}))
    done = cli_here("verify", run, "--accident")
    assert done.returncode == 4
    assert done.stdout.startswith(f"different: repeated, step {accident['step'] - 1} (")
    file.write_text(json.dumps(accident))
    done = cli_here("verify", run, "--accident", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["repeated"]["first"] == accident["first"]
