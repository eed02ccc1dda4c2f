"""`grade`: check a student's functions against the references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nntasks.cli.options import USER_PATH, json_flag, print_json
from nntasks.errors import UsageError


@click.command("grade")
@click.argument("file", type=USER_PATH, required=False)
@click.option("--assignment", metavar="N", help="Grade all exercises of an assignment.")
@click.option("--list", "show", is_flag=True, help="Show the exercises with their signatures.")
@click.option("--seed", type=click.IntRange(0), help="Repeat the inputs of an earlier grading.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=20.0,
    show_default=True,
    help="Limit of CPU time for the file and for each exercise, in seconds.",
)
@click.option(
    "--memory",
    type=click.FloatRange(0.25),
    default=2.0,
    show_default=True,
    help="Memory for the student's data, in GiB.",
)
@click.option("--junit", type=USER_PATH, metavar="FILE", help="Write JUnit XML.")
@json_flag
def grade_verb(
    file: Path | None,
    assignment: str | None,
    show: bool,
    seed: int | None,
    seconds: float,
    memory: float,
    junit: Path | None,
    as_json: bool,
) -> int:
    """Grade the functions in a student's FILE (.py or .ipynb).

    \b
    nntasks grade --list
    nntasks grade homework.py
    nntasks grade homework.ipynb --assignment 3 --json
    nntasks grade homework.py --junit grades.xml

    Checks shapes, values on inputs from a hidden seed, gradients against numerical differences,
    ties, empty inputs and speed. Without --assignment, all exercises that FILE defines are graded.
    The student's code runs in its own process, in an empty folder, with limits on time and memory
    and without network; the last line says how the network was blocked. The limits stop accidents,
    not attacks: use a container for files that you do not trust. The exit code is 4 if a check
    failed.
    """
    from nntasks.grading.grades import all_exercises, grade_file
    from nntasks.registry import discover

    if show:
        _print_exercises(all_exercises(discover(), assignment))
        return 0
    if file is None:
        raise UsageError("expected a FILE to grade; nntasks grade --list shows the exercises")
    from nntasks.grading.limits import Limits

    grades = grade_file(file, Limits(seconds, memory), assignment=assignment, seed=seed)
    if junit is not None:
        from nntasks.grading.junit import to_junit
        from nntasks.storage.atomic_write import write_text

        write_text(junit, to_junit(grades), "choose another file with --junit")
    if as_json:
        print_json(grades.to_dict())
    else:
        _print(grades)
    return 0 if grades.points == grades.most else 4


def _print_exercises(exercises: Any) -> None:
    from nntasks.grading.signatures import signatures

    before = None
    for name, exercise in exercises.items():
        if exercise.assignment != before:
            click.echo(f"assignment {exercise.assignment}")
            before = exercise.assignment
        points = sum(check.points for check in exercise.checks())
        summary, *lines = signatures(name, exercise.reference)
        click.echo(f"  {name} ({points} points): {summary}")
        for line in lines:
            click.echo(f"    {line}")


def _print(grades: Any) -> None:
    from nntasks.report.formatting import clean

    for note in grades.notes:
        click.echo(clean(note), err=True)
    for grade in grades.grades:
        click.echo(f"{grade.name} (assignment {grade.assignment}): {grade.points} of {grade.most}")
        for problem in grade.problems:
            click.echo(f"  {clean(problem)}")
    click.echo(f"{grades.points} of {grades.most} points; --seed {grades.seed} repeats the inputs")
    click.echo(f"network: {grades.network}")
