"""`evaluate`: evaluate a finished run again."""

from __future__ import annotations

from pathlib import Path

import click

from nntasks.cli.options import (
    USER_PATH,
    all_flag,
    json_flag,
    keys_argument,
    overrides,
    print_json,
    print_result,
    seed_and_device,
)


@click.command("evaluate")
@click.argument("run", type=USER_PATH)
@keys_argument
@seed_and_device
@json_flag
@all_flag
def evaluate_verb(
    run: Path,
    keys: tuple[str, ...],
    seed: str | None,
    device: str | None,
    as_json: bool,
    everything: bool,
) -> None:
    """Evaluate the weights of RUN again, with changed keys, as a new run.

    \b
    nntasks evaluate runs/yolo_detect/latest
    nntasks evaluate runs/yolo_detect/latest iou=0.5 data.test_scenes=500
    """
    from nntasks import runner

    result = runner.evaluate_run(run, [overrides(keys, seed=seed, device=device)], quiet=as_json)
    if as_json:
        print_json(result.summary)
    else:
        print_result(result, everything)
