"""Scripts and notebooks of students: what is run of them, and what is refused."""

from __future__ import annotations

import json

import pytest

from nntasks.errors import MissingError, UsageError
from nntasks.grading.student_file import read_student_file


def notebook(folder, *cells, kind="code"):
    made = [{"cell_type": kind, "source": code.splitlines(keepends=True)} for code in cells]
    path = folder / "homework.ipynb"
    path.write_text(json.dumps({"cells": made, "nbformat": 4}))
    return path


def test_a_script_is_run_as_a_whole(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = print(1)\n\ndef nms(): ...\n\nclass Linear: ...\n")
    found = read_student_file(path)
    assert found.names == {"nms", "Linear"}
    assert [piece.code for piece in found.pieces] == [path.read_text()]


def test_of_a_notebook_only_definitions_are_run_and_lines_keep_their_numbers(tmp_path):
    path = notebook(
        tmp_path,
        "%matplotlib inline\nimport numpy as np\nresult = train(epochs=100)\nEPS = 1e-5",
        "!pip install x\n@decorated\ndef nms(boxes):\n    return boxes\nnms(3)",
        "%%bash\nls",
        "plt.plot([1])",
    )
    found = read_student_file(path)
    assert [piece.label for piece in found.pieces] == ["code cell 1", "code cell 2"]
    assert found.pieces[0].code == "\nimport numpy as np\n\nEPS = 1e-5"
    assert found.pieces[1].code == "\n@decorated\ndef nms(boxes):\n    return boxes\n"
    assert found.names == {"nms"}


def test_a_cell_that_is_no_python_is_left_out_and_named(tmp_path):
    found = read_student_file(notebook(tmp_path, "def a(:", "def b(): ..."))
    assert found.names == {"b"}
    (note,) = found.notes
    assert note.startswith("code cell 1 is left out, as it is not valid Python: ")
    assert note.endswith("(line 1)")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "", "expected a .py or an .ipynb file, got .txt"),
        ("a.py", "def f(:", "it is not valid Python: "),
        ("a.py", "x = '\0'", "it is not valid Python: "),
        ("a.ipynb", "{", "expected a notebook of format 4"),
        ("a.ipynb", '{"worksheets": []}', "expected a notebook of format 4"),
        ("a.ipynb", '{"cells": [3]}', "expected a notebook of format 4"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, name, text, told):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_student_file(path)
    assert str(error.value).startswith(f"{path}: {told}")
    assert "\n" not in str(error.value)


def test_a_text_of_another_encoding_and_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"# \xff")
    with pytest.raises(UsageError, match="expected a text in UTF-8"):
        read_student_file(path)
    with pytest.raises(MissingError, match="there is no file"):
        read_student_file(tmp_path / "b.py")
