"""The scorer of `yolo_detect`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from nntasks.config import Names, Options
from nntasks.datasets.faults import Faults
from nntasks.errors import MissingError, UsageError, did_you_mean
from nntasks.interfaces.scoring import FoundScores, Scorer, Scores
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.slices import read_slices
from nntasks.plugins.yolo_detect.scoring.columns import FoundBox, Truth, order_of, problem
from nntasks.plugins.yolo_detect.scoring.confidence import Resampled
from nntasks.plugins.yolo_detect.scoring.error_tables import Errors
from nntasks.plugins.yolo_detect.scoring.found_files import coco_results, read_found
from nntasks.plugins.yolo_detect.scoring.pages import page
from nntasks.plugins.yolo_detect.scoring.plain_coco import plain_problems
from nntasks.plugins.yolo_detect.scoring.recognition import is_run
from nntasks.plugins.yolo_detect.scoring.tables import notes, tables
from nntasks.plugins.yolo_detect.scoring.truth_files import coco_truth, read_truth

if TYPE_CHECKING:
    from nntasks.plugins.yolo_detect.scoring.run_folders import ScoredRun

_GIVEN = Path("argument")


class ScoreConfig(Options):
    """Options of `score yolo_detect`; paths are relative to the current folder."""

    images: Path | None = Field(
        None, description="folder of the pictures; YOLO text needs their sizes"
    )
    names: Path | None = Field(
        None, description="names of YOLO's classes: one per line, or a data set's YAML file"
    )
    conventions: Names = Field(
        tuple(PROGRAMS), description=f"conventions to compute, of {', '.join(PROGRAMS)}"
    )
    why: Names = Field(
        (),
        description="explain the difference between two conventions: A:B, or B against pycocotools",
    )
    slices: Path | None = Field(
        None,
        description="CSV with a row for each image; page and JSON have the numbers by its columns",
    )
    tide: bool = Field(True, description="whether to break down the errors (TIDE)")
    errors: bool = Field(
        False,
        description="whether the JSON says where the errors lie, as the page does; takes a second",
    )
    resamples: int = Field(
        0,
        ge=0,
        le=100_000,
        description="resamples of the images for 95 % intervals of every number and for the "
        "comparison of several found=; 1000 is usual, 0 for none",
    )


class DetectionScorer(Scorer):
    """Every convention's numbers for boxes from files or in COCO's format."""

    Config = ScoreConfig
    inputs = "COCO JSON, YOLO text, VOC XML, CSV or the folder of a run"
    own_truth = True

    config: ScoreConfig

    def score(self, task: str, truth: Any, found: Mapping[str, Any]) -> Scores:
        """Read everything, then compute; see `Scorer.score`.

        Besides paths, a truth can be a COCO dictionary, and predictions a list of COCO results.
        """
        self._check_names()
        self._check_files()
        known, groups, problems = self._read(task, truth, found)
        errors = {name: Errors(one, groups, known.images) for name, one in problems.items()}
        numbers = {name: self._numbers(one) for name, one in problems.items()}
        resampled = self._resampled(problems, next(iter(numbers.values())), known)
        scored = [
            self._scored(name, one, numbers[name], resampled, errors[name])
            for name, one in problems.items()
        ]
        more = resampled.tables() if resampled else []
        return Scores(
            task,
            scored,
            [*tables(scored, problems, self.config.why), *more],
            notes(problems, self.config.why, bool(self.config.resamples)),
            [
                page(name, case, known, self.config.images, errors[name], resampled)
                for name, case in problems.items()
            ],
        )

    def _read(
        self, task: str, truth: Any, found: Mapping[str, Any]
    ) -> tuple[Truth, dict[str, list[str]], dict[str, Problem]]:
        """Return the truth, its slices and what is scored; raises UsageError with all faults."""
        # Plain files give no names of images, which pictures and slices are found by.
        by_name = self.config.images or self.config.slices
        plain = None if by_name else plain_problems(truth, found)
        if plain is not None:
            return Truth([], {}, [], str(truth)), {}, plain
        faults, runs = Faults(), _runs(task, [truth, *found.values()])
        known = runs[truth.resolve()].truth if is_run(truth) else self._truth(truth, faults)
        faults.refuse()
        groups = self._groups(known)
        boxes: dict[str, Any] = {}
        for name, one in found.items():
            if is_run(one):
                runs[one.resolve()].check(known, faults)
            else:
                boxes[name] = self._found(name, one, known, faults)
        faults.refuse()
        for name in found.keys() - boxes.keys():
            boxes[name] = runs[found[name].resolve()].found(known)  # takes longest, so last
        return known, groups, {name: problem(known, boxes[name]) for name in found}

    def _groups(self, truth: Truth) -> dict[str, list[str]]:
        """Return the columns of the slices file, a value for each image of a problem."""
        if self.config.slices is None:
            return {}
        columns = read_slices(self.config.slices, truth.place_of_text, len(truth.images))
        order = order_of(truth.images)
        return {name: [values[place] for place in order] for name, values in columns.items()}

    def _check_files(self) -> None:
        """Check that the files and folders of the options are there."""
        kinds = {"images": "folder", "names": "file", "slices": "file"}
        for key, kind in kinds.items():
            path = getattr(self.config, key)
            if path is None:
                continue
            if not path.exists():
                raise MissingError(f"{key}: there is no {kind} {path}")
            if path.is_dir() != (kind == "folder"):
                got = "folder" if kind == "file" else "file"
                raise UsageError(f"{key}: expected a {kind}, got the {got} {path}")

    def _check_names(self) -> None:
        if not self.config.conventions:
            raise UsageError(
                f"conventions: expected at least one of {', '.join(PROGRAMS)}, got none"
            )
        ends = [end for pair in self.config.why for end in pair.split(":")]
        for name in (*self.config.conventions, *ends):
            if name not in PROGRAMS:
                hint = did_you_mean(name, PROGRAMS) or f" Known: {', '.join(PROGRAMS)}."
                raise UsageError(f"unknown convention {name!r}.{hint}")

    def _truth(self, truth: Any, faults: Faults) -> Truth:
        if isinstance(truth, Path):
            return read_truth(truth, self.config.images, self.config.names, faults)
        return coco_truth(_GIVEN, truth, faults)

    def _found(self, name: str, found: Any, truth: Truth, faults: Faults) -> list[FoundBox]:
        if isinstance(found, Path):
            return read_found(found, truth, self.config.images, self.config.names, faults)
        return coco_results(Path(name), found, truth, faults)

    def _numbers(self, case: Problem) -> dict[str, dict[str, float]]:
        return {one: PROGRAMS[one].compute(case) for one in self.config.conventions}

    def _resampled(
        self,
        problems: Mapping[str, Problem],
        numbers: Mapping[str, Mapping[str, float]],
        truth: Truth,
    ) -> Resampled | None:
        if not self.config.resamples:
            return None
        names = {convention: list(found) for convention, found in numbers.items()}
        return Resampled(problems, names, self.config.resamples, truth.images)

    def _scored(
        self,
        name: str,
        case: Problem,
        numbers: Mapping[str, Mapping[str, float]],
        resampled: Resampled | None,
        errors: Errors,
    ) -> FoundScores:
        intervals = resampled.intervals(name) if resampled else {}
        details = {"tide": _tide(case) if self.config.tide else {}}
        more = resampled.details(name) if resampled else {}
        late = errors.rows if self.config.errors or self.config.slices else dict
        return FoundScores(name, numbers, intervals, details | more, late)


def _runs(task: str, given: Sequence[Any]) -> dict[Path, ScoredRun]:
    """Return the runs among truth and predictions, each opened once, before anything is read."""
    paths = {path.resolve(): path for path in given if is_run(path)}
    if not paths:
        return {}
    # Imported here, as it loads torch, which files of boxes do without.
    from nntasks.plugins.yolo_detect.scoring.run_folders import ScoredRun

    return {place: ScoredRun(path, task) for place, path in paths.items()}


def _tide(case: Problem) -> dict[str, float]:
    from nntasks.plugins.yolo_detect.evaluation.tide import detection_errors

    return detection_errors(case.records).gains()
