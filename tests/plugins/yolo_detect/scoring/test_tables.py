"""What is printed: a row for each set of predictions and convention, and notes."""

from __future__ import annotations

from detection_oracle import OBJECTS, ROWS, coco_dataset, coco_results
from problems_of_scores import example

from nntasks.interfaces.scoring import FoundScores
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.scoring.tables import notes, tables


def scored(name, case, programs, tide):
    numbers = {program: PROGRAMS[program].compute(case) for program in programs}
    return FoundScores(name, numbers, details={"tide": tide})


def test_rows_go_by_predictions_and_convention():
    case = example()
    programs = ("pycocotools", "voc_2010", "ultralytics")
    found = [scored(name, case, programs, {"Cls": 1.5, "Loc": 0.0}) for name in ("a", "b")]
    conventions, coco, tide = tables(found, {"a": case, "b": case}, [])
    assert [row[:2] for row in conventions.rows] == [(n, p) for n in "ab" for p in programs]
    by_program = {row[1]: row[2:] for row in conventions.rows}
    assert by_program["voc_2010"] == (0.25, None, None, None, None)
    numbers = found[0].conventions
    assert by_program["pycocotools"][:2] == (
        numbers["pycocotools"]["map50"],
        numbers["pycocotools"]["map50_95"],
    )
    assert by_program["ultralytics"][2:] == tuple(
        numbers["ultralytics"][key] for key in ("precision", "recall", "f1")
    )
    assert coco.columns == ("number", "a", "b")
    assert {row[0]: row[1] for row in coco.rows} == numbers["pycocotools"]
    assert tide.rows == [("a", 1.5, 0.0), ("b", 1.5, 0.0)]
    assert tide.columns == ("found", "Cls", "Loc")


def test_tables_without_their_numbers_are_left_out():
    case = example()
    made = tables([scored("a", case, ["voc_2010"], {})], {"a": case}, [])
    assert [table.name for table in made] == ["conventions"]


def test_predictions_without_errors_of_a_kind_leave_its_cell_empty():
    case = example()
    found = [scored("a", case, ["voc_2010"], {}), scored("b", case, ["voc_2010"], {"Cls": 2.0})]
    assert tables(found, {}, [])[-1].rows == [("a", None), ("b", 2.0)]


def test_a_table_of_reasons_for_each_pair_and_set():
    case = example()
    found = [scored(name, case, ["voc_2010"], {}) for name in ("a", "b")]
    pairs = ["voc_2007:voc_2010", "ultralytics"]
    made = tables(found, {"a": case, "b": case}, pairs)[1:]
    assert [table.title for table in made] == [
        "a: why voc_2010 differs from voc_2007",
        "b: why voc_2010 differs from voc_2007",
        "a: why ultralytics differs from pycocotools",
        "b: why ultralytics differs from pycocotools",
    ]


def test_notes_count_and_offer_what_was_not_asked_for():
    crowd = (2, 1, [200.0, 0.0, 50.0, 50.0], True, 2500.0)
    case = example(coco_dataset([1, 2], [1, 2], [*OBJECTS, crowd]), coco_results(ROWS))
    said = notes({"mine": case}, [], has_intervals=False)
    assert said[0] == "2 images, 3 objects, 1 crowd region"
    assert any(line.startswith("mine: 1 crowd region: detections inside are") for line in said)
    assert [line.split()[0] for line in said[-2:]] == ["--why", "resamples=1000"]
    asked = notes({"mine": case}, ["ultralytics"], has_intervals=True)
    assert asked == said[:-2]
    assert notes({}, [], has_intervals=False) == []
