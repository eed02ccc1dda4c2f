"""`verify` of whole runs, of damaged ones, and of runs whose data or environment changed."""

from __future__ import annotations

import json
import shutil

import pytest
from PIL import Image

from nntasks import runner
from nntasks.errors import UsageError
from nntasks.storage import checksums
from nntasks.verification import Stretch, verify

KEYS = {"data": "xor", "data.points": 64, "hidden_sizes": "4", "epochs": 3, "checkpoint_seconds": 0}
WEIGHTS = "checkpoints/final/model.safetensors"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a finished run, without figures and page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.report.run_report.write_report", lambda *_: None)
        out = tmp_path_factory.mktemp("runs")
        return runner.start("numpy_mlp", [KEYS], out=out, quiet=True).folder


@pytest.fixture
def run(finished, tmp_path):
    """Return a copy of the finished run, to be damaged."""
    return shutil.copytree(finished, tmp_path / finished.name)


def change(path, edit):
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")


def change_json(path, edit):
    value = json.loads(path.read_text(encoding="utf-8"))
    edit(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def without_checksums(run):
    (run / checksums.NAME).unlink()
    return run


def content(run):
    return {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_a_run_is_the_same_to_the_last_bit_and_stays_so(run):
    before = content(run)
    found = verify(run)
    assert found.verdict().startswith("the same to the last bit: ")
    assert found.passed
    assert found.environment == []
    assert found.notes == []
    assert found.numbers.count > 5
    assert content(run) == before


def test_a_copy_under_another_name_is_the_same(run):
    found = verify(run.rename(run.with_name("paper-baseline")))
    assert found.verdict().startswith("the same to the last bit: ")


def test_the_folder_of_another_run_is_not_its_place(run):
    other = run.rename(run.with_name("20200101-000000-abcdef"))
    assert not verify(other).passed


def test_a_flipped_byte_in_the_weights_is_named(run):
    flipped = bytearray((run / WEIGHTS).read_bytes())
    flipped[len(flipped) // 2] ^= 1
    (run / WEIGHTS).write_bytes(flipped)
    found = verify(run)
    assert not found.passed
    expected = "different: checkpoints/final: the checksum of model.safetensors differs"
    assert found.verdict() == expected


@pytest.mark.parametrize("with_checksums", [True, False])
def test_a_changed_number_is_named_with_both_values(run, with_checksums):
    if not with_checksums:
        without_checksums(run)
    change_json(run / "summary.json", lambda summary: summary["metrics"].update(accuracy=0.123))
    found = verify(run)
    assert not found.passed
    assert found.numbers.first.startswith("metrics.accuracy was 0.123, is 0.")
    assert (found.changed == ["the checksum of summary.json differs"]) == with_checksums
    assert "metrics.accuracy was 0.123" in found.verdict()


def test_a_cut_history_is_named_with_its_rows(run):
    change(run / "metrics.jsonl", lambda text: "".join(text.splitlines(keepends=True)[:-2]))
    rows = len((run / WEIGHTS).with_name("metrics.jsonl").read_text().splitlines())
    assert f"different: metrics.jsonl has {rows - 2} of {rows} rows" in verify(run).verdict()


def test_a_line_that_was_cut_in_two_is_damage(run):
    change(run / "metrics.jsonl", lambda text: text[:-20])
    assert "metrics.jsonl is damaged" in verify(run).verdict()


@pytest.mark.parametrize("name", ["summary.json", "items.csv", "environment.json", "metrics.jsonl"])
def test_a_missing_file_is_named(run, name):
    (run / name).unlink()
    found = verify(run)
    assert not found.passed
    assert f"{name} is missing" in found.damage[0] or f"{name} has 0 of" in found.damage[0]


def test_a_changed_row_of_the_items_is_named(run):
    change(without_checksums(run) / "items.csv", lambda text: text.replace("0.", "1.", 1))
    assert verify(run).verdict() == "different: items.csv: line 2 has changed"


def test_a_file_that_says_nothing_about_numbers_is_named_by_its_checksum(run):
    change(run / "config.yaml", lambda text: text + "# a remark\n")
    assert verify(run).verdict() == "different: the checksum of config.yaml differs"


def test_changed_data_are_named(run):
    change(without_checksums(run) / "config.yaml", lambda text: text.replace("64", "65"))
    found = verify(run)
    assert not found.passed
    assert found.verdict().startswith("different: the data have changed: train had ")


def test_a_changed_file_of_the_data_is_noticed(tmp_path):
    for name in ("dark", "light"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(10):
            shade = 20 * number + (name == "light")
            Image.new("RGB", (8, 8), (shade,) * 3).save(tmp_path / "data" / name / f"{number}.png")
    keys = {
        "data": "class_folders",
        "data.path": tmp_path / "data",
        "epochs": 1,
        "hidden_sizes": "4",
    }
    run = runner.start("numpy_mlp", [keys], out=tmp_path / "runs", quiet=True).folder
    assert verify(run).passed
    Image.new("RGB", (8, 8), (255, 0, 0)).save(tmp_path / "data" / "dark" / "3.png")
    found = verify(run, stretch=Stretch())
    assert not found.passed
    assert found.verdict().startswith("different: the data have changed: ")
    assert "but their content or order changed" in found.verdict()
    assert found.replay is None


def test_an_unfinished_run_is_told(run):
    for name in ("summary.json", "items.csv"):
        (run / name).unlink()
    assert verify(run).verdict().startswith("different: the run is not finished; continue it with")


def test_a_run_of_an_earlier_version_says_so(run):
    without_checksums(run)
    for place in (run, *(run / "checkpoints").iterdir()):
        (place / "hashes.jsonl").unlink(missing_ok=True)
        if place != run:
            checksums.write(place)
    change_json(run / "environment.json", lambda stored: stored.pop("settings"))
    found = verify(run)
    assert found.passed
    (note,) = found.notes
    assert note.startswith("made by an earlier version: there are no hashes")


def test_another_processor_is_a_reason_for_small_differences_alone(run):
    without_checksums(run)

    def elsewhere(stored):
        stored["devices"]["cpu"] = "A Processor"

    change_json(run / "environment.json", elsewhere)
    assert verify(run).verdict().startswith("the same to the last bit")

    def other(summary):
        summary["metrics"]["nll"] += 2e-4

    change_json(run / "summary.json", other)
    found = verify(run)
    assert found.passed
    assert found.verdict().startswith("numbers within ")
    assert " on another processor: " in found.verdict()
    assert found.verdict().endswith(" for A Processor")
    strict = verify(run, tolerance=1e-5)
    assert not strict.passed
    assert strict.verdict().startswith("different: metrics.nll was ")


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is not a run"):
        verify(tmp_path)


def test_the_verb_prints_one_line_and_exits_with_four(run, cli_here):
    done = cli_here("verify", run)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert done.stdout.startswith("the same to the last bit")
    assert "data: the same" in done.stderr
    (run / "items.csv").unlink()
    done = cli_here("verify", run)
    assert (done.returncode, done.stdout.count("\n")) == (4, 1)
    assert done.stdout.startswith("different: items.csv is missing")
    done = cli_here("verify", run, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, found["passed"]) == (4, "", False)
    assert found["damage"][0] == "items.csv is missing"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--steps", "3"], "expected --replay"),
        (["--replay", "--from", "3"], "--from"),
        (["--accident", "--replay"], "remove --replay"),
        (["--accident"], "no black_box"),
        (["--replay", "--steps", "1", "--from", "77"], "the step of a checkpoint"),
    ],
)
def test_words_that_make_no_sense_are_refused_in_one_line(run, cli_here, words, message):
    done = cli_here("verify", run, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]
