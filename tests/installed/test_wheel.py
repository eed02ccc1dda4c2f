"""What the wheel holds, and its use beside a project with a `core/` and a `random.py`."""

from __future__ import annotations

import csv
import email
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from command_line import ROOT, TOY
from own_project import imported

QUICK = ("epochs=1", "data.points=64")
SHIPPED = (".css", ".html", ".jinja", ".js", ".png", ".py", ".yaml")


@pytest.fixture(scope="session")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def use(installed, script, cwd):
    """Run a script by the Python that has the wheel."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(installed), str(script)],
        cwd=cwd,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )


def call(installed, words, cwd, *, plugins=TOY, module=False, **environment):
    """Run the command line of the installed wheel."""
    script = installed.with_name("nntasks")
    command = [str(installed), "-m", "nntasks"] if module else [str(script)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [*command, *words],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(plugins), "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class TestContents:
    def test_one_top_level_name(self, names):
        top = {name.partition("/")[0] for name in names}
        assert {name for name in top if not name.endswith(".dist-info")} == {"nntasks"}

    def test_every_file_that_a_package_has_is_there(self, names):
        for folder, package in (("core", "nntasks"), ("plugins", "nntasks/plugins")):
            for path in sorted((ROOT / folder).rglob("*")):
                inside = path.relative_to(ROOT / folder).as_posix()
                if path.suffix in SHIPPED and not (folder == "core" and "plugins" in path.parts):
                    assert f"{package}/{inside}" in names
        assert "nntasks/py.typed" in names
        assert "nntasks/report/uplot/LICENSE" in names

    def test_the_notebooks_of_the_course_are_there(self, names):
        sources = [path.name for path in (ROOT / "docs" / "course").glob("[0-9]*.md")]
        assert len(sources) == 6
        assert [n for n in sources if f"nntasks/plugins/course/pages/{n}" not in names] == []

    def test_the_compiled_parts_are_there_and_no_tests(self, names):
        assert "nntasks/ops/_native.so" in names
        for module in (
            "word2vec/corpus/_corpus.",
            "yolo_detect/data/coco_arrays/_coco_json.",
            "yolo_detect/evaluation/coco_evaluator/_coco_evaluator.",
            "yolo_detect/evaluation/confidence_curves/_confidence_curves.",
        ):
            assert any(name.startswith(f"nntasks/plugins/{module}") for name in names)
        assert not [name for name in names if "test_" in name or "/tests/" in name]

    def test_readmes_have_their_pictures(self, wheel, names):
        with zipfile.ZipFile(wheel) as archive:
            pages = {n: archive.read(n).decode() for n in names if n.endswith("README.md")}
        pictures = [
            (PurePosixPath(name).parent / target).as_posix()
            for name, page in pages.items()
            for target in re.findall(r"!\[[^\]]*\]\((?!http)([^)]+)\)", page)
        ]
        assert pictures
        assert set(pictures) <= set(names)

    def test_the_description_has_no_dead_links(self, wheel, names):
        (name,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        with zipfile.ZipFile(wheel) as archive:
            told = email.message_from_bytes(archive.read(name))
        assert re.findall(r"\]\((?!https?://|#)[^)]*\)", told.get_payload()) == []
        text = (ROOT / "core" / "__init__.py").read_text()
        assert f'__version__ = "{told["Version"]}"' in text


class TestUse:
    def test_no_core_and_no_plugins_are_installed(self, installed, project):
        (record,) = installed.parents[1].glob("lib/python*/site-packages/nntasks-*/RECORD")
        with record.open(newline="") as file:
            tops = {row[0].partition("/")[0] for row in csv.reader(file)}
        assert {name for name in tops if not name.endswith(".dist-info")} == {"nntasks", ".."}
        assert (record.parent / "top_level.txt").read_text().split() == ["nntasks"]

    def test_a_script_imports_the_package_and_its_kernels(self, installed, project):
        script = project / "scripts" / "use.py"
        script.parent.mkdir()
        script.write_text(
            "import nntasks, torch\n"
            "from nntasks import Entry, hookimpl, run\n"
            "from nntasks.ops import nms, active\n"
            "boxes = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 6, 6]])\n"
            "print(nntasks.__file__)\n"
            "print(active(), nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5).tolist())\n"
        )
        done = use(installed, script, project)
        assert done.returncode == 0, done.stderr
        place, kernels = done.stdout.splitlines()
        assert Path(place).is_relative_to(installed.parents[1])
        assert kernels == "native [1, 2]"

    @pytest.mark.parametrize(
        ("words", "module"),
        [
            (("list",), False),
            (("list",), True),
            (("doctor",), False),  # with the proofs of the kernels; cibuildwheel's test-command
            (("run", "numpy_mlp", "epochs=1", "--json"), False),
            (("ablate", "toy", "width=4,8", *QUICK, "--json"), True),
            (("run", "toy", *QUICK, "--nproc", "2", "--json"), False),
        ],
    )
    def test_the_command_line_beside_files_of_the_same_names(
        self, installed, project, words, module
    ):
        done = call(installed, words, project, module=module)
        assert imported(project) == []
        assert done.returncode == 0, done.stderr
        if "--json" in words:
            assert json.loads(done.stdout)
        else:
            shown = {"list": r"^yolo_detect +YOLOv5", "doctor": r"^kernels: native"}
            assert re.search(shown[words[0]], done.stdout, re.MULTILINE)

    def test_a_notebook_is_copied(self, installed, project):
        done = call(installed, ("course", "3", "--form", "exercise", "--no-start"), project)
        assert done.returncode == 0, done.stderr
        made = json.loads((project / "3-object-detection-exercise.ipynb").read_text())
        assert "def nms(" in json.dumps(made)

    def test_a_corpus_reader_of_another_python_is_told_and_the_reference_reads(
        self, installed, project
    ):
        (reader,) = installed.parents[1].glob("lib/*/site-packages/nntasks/plugins/**/_corpus.*")
        other = reader.with_name("_corpus.cpython-39-x86_64-linux-gnu.so")
        script = project / "scripts" / "read.py"
        script.parent.mkdir()
        script.write_text(
            "from nntasks.plugins.word2vec.corpus import CorpusOptions, encode\n"
            "encode('text.txt', 'out', CorpusOptions(min_count=1))\n"
        )
        (project / "text.txt").write_text("one two one two")
        reader.rename(other)
        try:
            done = use(installed, script, project)
        finally:
            other.rename(reader)
        assert done.returncode == 0, done.stderr
        (line,) = done.stderr.splitlines()
        assert "is for another Python" in line
