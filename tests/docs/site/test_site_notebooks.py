"""The notebooks of the docs run; what a result, its progress and Ctrl-C are in a real notebook."""

from __future__ import annotations

import base64
import io
import os
import signal
import threading
import time

import pytest
from command_line import ROOT
from PIL import Image

from docs.site import notebooks

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

OWN = sorted((ROOT / "docs" / "notebooks").glob("*.md"))


@pytest.fixture(autouse=True)
def _package(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture(scope="module")
def outputs():
    """Return the outputs of the notebook on the API by the first line of the cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        made = notebooks.executed(notebooks.worked(ROOT / "docs/notebooks/python-api.md"))
    return {
        cell["source"].split("\n")[0]: cell["outputs"]
        for cell in made["cells"]
        if cell["cell_type"] == "code"
    }


def test_every_page_in_the_folder_is_a_notebook():
    assert OWN
    assert set(OWN) <= set(notebooks.sources())


@pytest.mark.slow
class TestTheNotebookOnTheApi:
    def test_a_result_shows_itself_and_its_bars_are_gone(self, outputs):
        *bars, result = outputs['result = nt.run("unet_segment", epochs=3)']
        assert bars  # one for training at least
        assert {bar["data"]["text/plain"] for bar in bars} == {""}
        page = result["data"]["text/html"]
        assert "dice" in page
        assert 'report.html">report</a>' in page
        assert "data:image/" in page

    def test_a_figure_is_a_picture(self, outputs):
        (figure,) = outputs['result.figures["training_curves"]']
        picture = Image.open(io.BytesIO(base64.b64decode(figure["data"]["image/png"])))
        assert min(picture.size) > 300

    @pytest.mark.parametrize(
        "line",
        [
            "result.items",
            'found = result.predict("data/segmentation/images/cells.png")',
            'nt.explain(result, "data/segmentation/images/cells.png", pixel=(64, 64))',
            "again = nt.evaluate(result, threshold=0.6)",
            "ablation = nt.ablate(",
            'nt.runs.tag(result, "first")',
            "nt.runs.prune(",
        ],
    )
    def test_what_is_shown_is_html_of_bounded_length(self, outputs, line):
        (shown,) = (found for first, found in outputs.items() if first.startswith(line))
        page = shown[-1]["data"]["text/html"]
        assert 100 < len(page) < 200_000

    def test_nothing_but_the_mistake_is_printed(self, outputs):
        printed = {line: o for line, found in outputs.items() for o in found if "text" in o}
        assert set(printed) == {"try:"}
        assert "Did you mean 'epochs'" in printed["try:"]["text"]

    def test_a_run_is_verified(self, outputs):
        (verdict,) = outputs['loaded = nt.load("runs/unet_segment/latest")']
        assert "the same to the last bit" in verdict["data"]["text/plain"]


def interrupt_after_an_epoch(client, folder):
    """Press Ctrl-C once the first row of metrics is written."""
    for _ in range(600):
        files = list(folder.glob("runs/numpy_mlp/2*/metrics.jsonl"))
        if files and files[0].stat().st_size:
            os.kill(client.km.provisioner.pid, signal.SIGINT)
            return
        time.sleep(0.1)


@pytest.mark.slow
def test_ctrl_c_in_a_cell_leaves_a_checkpoint_and_the_kernel(tmp_path):
    cells = [
        "import nntasks as nt",
        "nt.run('numpy_mlp', epochs=100_000)",
        "1 + 1",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(
        book,
        timeout=120,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.km = client.create_kernel_manager()
    with client.setup_kernel():
        client.execute_cell(book.cells[0], 0)
        waiting = threading.Thread(target=interrupt_after_an_epoch, args=(client, tmp_path))
        waiting.start()
        with pytest.raises(nbclient.exceptions.CellExecutionError) as ended:
            client.execute_cell(book.cells[1], 1)
        assert ended.value.ename == "Interrupted"
        assert "continue with --resume" in ended.value.evalue
        assert list(tmp_path.glob("runs/numpy_mlp/2*/checkpoints/*/*"))
        waiting.join()
        after = client.execute_cell(book.cells[2], 2)
    assert after.outputs[0]["data"]["text/plain"] == "2"
