"""`verify`: check a run again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nntasks.cli.options import USER_PATH, print_json
from nntasks.errors import UsageError
from nntasks.machine.joining import place


@click.command("verify")
@click.argument("run", type=USER_PATH)
@click.option("--replay", is_flag=True, help="Train again, and compare bit by bit.")
@click.option("--steps", type=click.IntRange(1), help="With --replay: repeat only this many steps.")
@click.option(
    "--from",
    "start",
    type=click.IntRange(0),
    help="With --steps: the step of the checkpoint to start from; by default the oldest kept.",
)
@click.option(
    "--accident",
    is_flag=True,
    help="Repeat the failure in black_box/ from the last checkpoint, checking each operation.",
)
@click.option(
    "--within",
    type=click.FloatRange(0),
    default=1e-3,
    show_default=True,
    help="Largest accepted difference of a number in another environment; relative above 1.",
)
@click.option("--json", "as_json", is_flag=True, help="Print only the findings, as JSON.")
def verify_verb(
    run: Path,
    replay: bool,
    steps: int | None,
    start: int | None,
    accident: bool,
    within: float,
    as_json: bool,
) -> int:
    """Recheck the run in the folder RUN: files, data, environment and numbers.

    \b
    nntasks verify runs/yolo_detect/latest                 numbers from the stored weights
    nntasks verify runs/yolo_detect/latest --replay        the whole training again
    nntasks verify RUN --replay --steps 50 --from 120      50 steps from a checkpoint
    nntasks verify RUN --accident                          why the loss was not finite

    Prints one line: "the same to the last bit: ...", "numbers within 3e-4 on another processor:
    AVX2 for AVX-512", or "different: ..." with what differs first: a file, a number, or a step
    and a tensor. The exit code is then 0, 0 or 4. RUN itself is not changed.
    """
    from nntasks import verification

    _check_words(replay, steps, start, accident)
    where = place()
    if replay and where.size == 1 and (processes := verification.processes(run)) > 1:
        from nntasks.cli.launch import launch

        return launch(processes, click.get_current_context().obj, run)

    def say(line: str) -> None:
        if not as_json:
            click.echo(line, err=True)

    found: Any
    if accident:
        found = verification.replay_accident(run, say=say, quiet=as_json)
    else:
        stretch = verification.Stretch(steps, start) if replay else None
        found = verification.verify(run, stretch=stretch, tolerance=within, say=say, quiet=as_json)
    if place().rank == 0:
        if as_json:
            print_json(found.to_dict())
        else:
            sys.stdout.write(f"{found.verdict()}\n")
    return 0 if found.passed else 4


def _check_words(replay: bool, steps: int | None, start: int | None, accident: bool) -> None:
    if accident and (replay or steps is not None or start is not None):
        raise UsageError("--accident chooses the steps itself; remove --replay, --steps and --from")
    if steps is not None and not replay:
        raise UsageError("--steps: expected --replay, too")
    if start is not None and steps is None:
        raise UsageError("--from: expected --replay --steps N, too")
