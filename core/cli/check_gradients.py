"""`check-gradients`: verify the gradients of a model."""

from __future__ import annotations

import click

from nntasks.cli.options import json_flag, keys_argument, overrides, print_json, task_argument
from nntasks.errors import CheckFailed, UsageError


@click.command("check-gradients")
@task_argument
@keys_argument
@json_flag
def check_gradients_verb(task: str, keys: tuple[str, ...], as_json: bool) -> None:
    """Compare every gradient of a task's model with central differences, in float64.

    \b
    nntasks check-gradients numpy_mlp
    nntasks check-gradients numpy_mlp model=lenet data=mnist activation=tanh dropout=0.3

    The exit code is 4 if a gradient is wrong.
    """
    from nntasks.interfaces.report_data import Table
    from nntasks.report.terminal import print_table
    from nntasks.runner import make_task

    try:
        checks = list(make_task(task, [overrides(keys)]).check_gradients())
    except NotImplementedError:
        raise UsageError(f"{task} does not support gradient checks") from None
    wrong = [check.name for check in checks if not check.passed]
    if as_json:
        print_json(
            {
                "task": task,
                "passed": not wrong,
                "errors": {check.name: check.error for check in checks},
                "worst": {check.name: list(check.index) for check in checks},
            }
        )
    else:
        rows = [
            (
                check.name,
                f"{check.error:.1e}",
                f"{check.tolerance:.0e}",
                str(list(check.index)) if check.index else "",
                "right" if check.passed else "WRONG",
            )
            for check in checks
        ]
        columns = ("gradient by", "relative error", "tolerance", "worst at", "verdict")
        caption = (
            "The largest difference from (f(x + h) - f(x - h)) / 2h, divided by the largest "
            "gradient."
        )
        print_table(Table("gradients", f"Gradients of {task}", columns, rows, caption))
    if wrong:
        raise CheckFailed(f"{len(wrong)} of {len(checks)} gradients are wrong: {', '.join(wrong)}")
