"""Scoring boxes of every format: equal numbers, named faults, tables and notes."""

from __future__ import annotations

import json

import pytest
from boxes_in_formats import FOUND, TRUTH, coco, pictures, results, table, voc, yolo
from score_problems import PROBLEMS, problem

from nntasks.errors import UsageError
from nntasks.scoring import score

CLOSE = 1e-9


@pytest.fixture
def numbers(tmp_path):
    """Numbers of the boxes by COCO's formats."""
    return score("yolo_detect", coco(tmp_path), results(tmp_path)).found[0].conventions


def flat(conventions):
    return {(a, b): value for a, part in conventions.items() for b, value in part.items()}


FORMATS = {
    "coco": coco,
    "yolo": lambda at: yolo(at / "labels" / "val", TRUTH, at / "images" / "val"),
    "voc": lambda at: voc(at / "annotations", TRUTH),
    "csv": lambda at: table(at / "truth.csv", TRUTH),
}
FOUND_FORMATS = {
    "coco": results,
    "plain": lambda at: results(at, "plain.json"),
    "yolo": lambda at: yolo(at / "found", FOUND),
    "voc": lambda at: voc(at / "found", FOUND),
    "csv": lambda at: table(at / "found.csv", FOUND),
}


# COCO results name images and classes by numbers, which only COCO's truth has; the CSV states no
# sizes, which YOLO text needs.
FITTING = [
    (truth, found)
    for truth in FORMATS
    for found in FOUND_FORMATS
    if truth == "coco" or (found not in ("coco", "plain") and (truth, found) != ("csv", "yolo"))
]


@pytest.mark.parametrize(("truth", "found"), FITTING)
def test_every_format_gives_the_same_numbers(tmp_path, numbers, truth, found):
    made = score("yolo_detect", FORMATS[truth](tmp_path), FOUND_FORMATS[found](tmp_path))
    assert flat(made.found[0].conventions) == pytest.approx(flat(numbers), abs=CLOSE, nan_ok=True)


def test_sizes_come_from_pictures_where_the_truth_has_none(tmp_path, numbers):
    options = {"images": str(pictures(tmp_path / "photos"))}
    truth, found = table(tmp_path / "truth.csv", TRUTH), yolo(tmp_path / "found", FOUND)
    made = score("yolo_detect", truth, found, options=options)
    assert flat(made.found[0].conventions) == pytest.approx(flat(numbers), abs=CLOSE, nan_ok=True)


def test_dictionaries_are_taken_like_files(tmp_path, numbers):
    truth = json.loads(coco(tmp_path).read_text())
    found = json.loads(results(tmp_path, "plain.json").read_text())
    made = score("yolo_detect", truth, {"mine": found})
    assert made.found[0].name == "mine"
    assert flat(made.found[0].conventions) == pytest.approx(flat(numbers), abs=0, nan_ok=True)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_json_of_the_verb_has_the_figures_of_the_programs(cli_here, real_data, tmp_path, name):
    truth, found, figures = problem(real_data, name)
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    (tmp_path / "found.json").write_text(json.dumps(found))
    done = cli_here(
        "score", "yolo_detect", "truth=truth.json", "found=found.json", "--json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["found"]
    assert list(one) == ["name", "conventions", "intervals", "tide"]
    assert set(one["tide"]) == set(figures["tide"])
    coco_numbers = [-1 if v is None else v for v in one["conventions"]["pycocotools"].values()]
    assert coco_numbers == pytest.approx(figures["pycocotools"], abs=1e-12, rel=0)
    assert one["tide"] == pytest.approx(figures["tide"], abs=1e-6, rel=0)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("bbox", [1, 2, 3], "row 1: expected 4 numbers (x, y, width, height) as 'bbox', got 3"),
        ("bbox", [1, 2, -3, 4], "row 1: expected a width and height of 0 or more, got -3 and 4"),
        ("bbox", [1, 2, float("nan"), 4], "row 1: expected finite numbers as 'bbox', got nan"),
        ("score", 1.5, "row 1: expected a number in 0..1 as 'score', got 1.5"),
        ("score", None, "row 1: expected the key 'score', got null"),
        ("image_id", 99, "row 1: image_id 99 is not in the truth"),
        ("image_id", [1], "row 1: image_id [1] is not in the truth"),
        ("category_id", 4, "row 1: category_id 4 is not in the truth"),
    ],
)
def test_a_faulty_result_is_named(tmp_path, field, value, said):
    rows = json.loads(results(tmp_path, "plain.json").read_text())
    rows[1][field] = value
    (tmp_path / "plain.json").write_text(json.dumps(rows))
    with pytest.raises(UsageError) as error:
        score("yolo_detect", coco(tmp_path), tmp_path / "plain.json")
    assert str(error.value) == f"{tmp_path / 'plain.json'}: {said}"


def test_all_faults_are_counted_and_the_first_twenty_named(tmp_path):
    rows = json.loads(results(tmp_path, "plain.json").read_text()) * 10
    for row in rows:
        row["score"] = "high"
    (tmp_path / "plain.json").write_text(json.dumps(rows))
    with pytest.raises(UsageError, match=r"^50 faults in the data, the first 20: ") as error:
        score("yolo_detect", coco(tmp_path), tmp_path / "plain.json")
    assert str(error.value).count("'score', got 'high'") == 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "0 0.5 0.5 0.2 0.2",
            "a.txt, line 1: expected 6 numbers (class cx cy w h confidence), got 5; a ",
        ),
        (
            "0 0.5 0.5 0.2 0.2 7",
            "a.txt, line 1: expected a confidence in 0..1 as sixth number, got 7",
        ),
        ("5 0.5 0.5 0.2 0.2 0.7", "a.txt, line 1: class 5 is out of range"),
    ],
)
def test_a_faulty_line_of_yolo_text_is_named(tmp_path, text, said):
    found = yolo(tmp_path / "found", FOUND)
    (found / "a.txt").write_text(text)
    with pytest.raises(UsageError) as error:
        score("yolo_detect", coco(tmp_path), found)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "image,class\na,cat\n",
            "expected the columns image, class, score, x, y, width, height (or x1",
        ),
        (
            "image,class,score,x1,y1,x2,y2\na,cow,0.5,0,0,1,1\n",
            "row 2: class 'cow' is not in the truth",
        ),
        (
            "image,class,score,x1,y1,x2,y2\nz,cat,0.5,0,0,1,1\n",
            "row 2: image 'z' is not in the truth",
        ),
        (
            "image,class,score,x1,y1,x2,y2\na,cat,0.5,0,0,-1,1\n",
            "row 2: expected x1 <= x2 and y1 <= y2",
        ),
        (
            "image,class,score,x1,y1,x2,y2\na,cat,0.5,0,0,,1\n",
            "row 2: expected a finite number under 'x2'",
        ),
        (
            "image,class,score,x1,y1,x2,y2\n,cat,0.5,0,0,1,1\n",
            "row 2: expected a name or id under 'image'",
        ),
    ],
)
def test_a_faulty_row_of_a_csv_is_named(tmp_path, text, said):
    (tmp_path / "found.csv").write_text(text)
    with pytest.raises(UsageError) as error:
        score("yolo_detect", coco(tmp_path), tmp_path / "found.csv")
    assert said in str(error.value)


def test_a_faulty_xml_is_named(tmp_path):
    found = voc(tmp_path / "found", FOUND)
    (found / "a.xml").write_text("<annotation><object></annotation>")
    text = (found / "b.xml").read_text()
    (found / "b.xml").write_text(text.replace("<score>0.7</score>", ""))
    with pytest.raises(UsageError) as error:
        score("yolo_detect", coco(tmp_path), found)
    assert "a.xml: is not XML: mismatched tag" in str(error.value)
    assert "b.xml: object 1: expected a number under 'score', found none" in str(error.value)


def test_truth_and_found_are_not_mixed_up(tmp_path):
    with pytest.raises(UsageError, match=r"expected a truth, got results .* found="):
        score("yolo_detect", results(tmp_path), results(tmp_path))
    with pytest.raises(UsageError, match=r"expected detections with scores, got annotations"):
        score("yolo_detect", coco(tmp_path), coco(tmp_path))


def test_labels_without_pictures_say_what_to_give(tmp_path):
    with pytest.raises(UsageError, match=r"give the folder of the pictures as images=FOLDER"):
        score("yolo_detect", yolo(tmp_path / "truth", TRUTH), results(tmp_path))


def test_unknown_conventions_are_refused(tmp_path):
    for options in ({"conventions": "coco"}, {"why": "pycocotools:ultralytic"}):
        with pytest.raises(UsageError, match="unknown convention"):
            score("yolo_detect", coco(tmp_path), results(tmp_path), options=options)


def test_tables_and_the_reasons_of_a_difference(cli_here, tmp_path):
    words = ("score", "yolo_detect", f"truth={coco(tmp_path)}", f"found={results(tmp_path)}")
    done = cli_here(*words, "--why", "pycocotools", "voc_2010")
    assert done.returncode == 0, done.stderr
    for heading in ("mAP by each convention", "The twelve numbers", "Errors: the gain in AP"):
        assert heading in done.stdout
    assert "results: why voc_2010 differs from pycocotools" in done.stdout
    assert "voc_2010: in all" in done.stdout
    assert "3 images, 4 objects, 0 crowd regions" in done.stdout


def test_intervals_and_the_comparison_of_two_files(cli_here, tmp_path):
    rows = json.loads(results(tmp_path, "plain.json").read_text())
    for row in rows:
        row["bbox"][0] += 15
    (tmp_path / "worse.json").write_text(json.dumps(rows))
    coco(tmp_path)
    words = ("truth=truth.json", "found=plain.json", "found=worse.json", "resamples=200")
    done = cli_here("score", "yolo_detect", *words, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    plain, worse = json.loads(done.stdout)["found"]
    for one in (plain, worse):
        assert list(one["intervals"]) == list(one["conventions"])
        for name, numbers in one["conventions"].items():
            assert list(one["intervals"][name]) == list(numbers)
            for number, value in numbers.items():
                low, high = one["intervals"][name][number]
                assert low is None or value is None or low <= value <= high, (name, number)
        ultralytics = one["classes"]["ultralytics"]["cat"]
        assert set(ultralytics) == {"map50", "map50_95", "precision", "recall", "f1"}
        assert set(ultralytics["map50"]) == {"value", "low", "high"}
        assert list(one["calibration"]) == ["d_ece", "d_ece_position"]
        assert one["calibration"]["d_ece"]["value"] > 0
    assert "differences" not in plain
    assert worse["compared_with"] == "plain"
    moved = worse["differences"]["voc_2007"]["map50"]
    values = [one["conventions"]["voc_2007"]["map50"] for one in (plain, worse)]
    assert moved["difference"] == pytest.approx(values[1] - values[0], abs=1e-12)
    assert 0 < moved["p"] <= 1
    assert set(worse["class_differences"]["pycocotools"]["cat"]) == {"map50_95", "map50"}
    done = cli_here("score", "yolo_detect", *words, cwd=tmp_path)
    for convention in ("pycocotools", "ultralytics", "yolov5", "voc_2010", "torchmetrics"):
        assert f"{convention}: 95 % intervals, by the bootstrap over images" in done.stdout
        assert f"{convention}: differences on the same resamples" in done.stdout
    assert "worse - plain" in done.stdout
    assert "resamples=1000" not in done.stdout


def test_the_table_of_predict_is_read(tmp_path):
    lines = ["file,box,label,class,score,x1,y1,x2,y2", "photos/a.png,0,0,cat,0.9,10,10,60,60"]
    (tmp_path / "predictions.csv").write_text("\n".join(lines))
    made = score("yolo_detect", coco(tmp_path), tmp_path / "predictions.csv")
    assert made.found[0].conventions["pycocotools"]["ar100"] > 0
