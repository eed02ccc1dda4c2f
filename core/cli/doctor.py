"""`doctor`: check this installation."""

from __future__ import annotations

from typing import Any

import click

from nntasks import contracts
from nntasks.cli.options import print_json
from nntasks.errors import NNTasksError
from nntasks.registry import Registry, discover


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor_verb(as_json: bool) -> int:
    """Check versions, devices, kernels, data sets and plugins on this machine.

    Verifies that the compiled kernels agree with their Python references. Exit code 4: a kernel
    disagrees; 5: a plugin is quarantined.
    """
    registry = discover()
    findings = _examine(registry)
    if as_json:
        print_json(findings)
    else:
        _print(findings)
    if not all(check["equal"] for check in findings["kernel_checks"]):
        return 4
    return 5 if registry.quarantined else 0


def _examine(registry: Registry) -> dict[str, Any]:
    import torch  # noqa: F401 - the environment describes torch only if it is loaded

    from nntasks.datasets import DataStore
    from nntasks.kernel_checks.agreement import check_agreement
    from nntasks.machine import environment

    store = DataStore.from_environment()
    return {
        **environment.describe(registry),
        "kernel_checks": [vars(check) for check in check_agreement()],
        "data_roots": [str(root) for root in store.roots],
        "data": _datasets(registry, store),
    }


def _datasets(registry: Registry, store: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in registry.entries("datasets"):
        try:
            dataset = contracts.dataset_class(registry, entry.name)
        except NNTasksError as error:
            found[entry.name] = str(error)
            continue
        (state,) = store.summary({entry.name: dataset})
        place = f" in {state.folder}" if state.folder else ""
        found[entry.name] = f"{state.status}{place}"
    return found


def _print(findings: dict[str, Any]) -> None:
    _section("versions", {k: findings[k] for k in ("nntasks", "python", "platform", "git")})
    _section("packages", findings["packages"])
    _section("devices", findings["devices"])
    click.echo(f"\nkernels: {findings['kernels']}")
    for check in findings["kernel_checks"]:
        verdict = "equals its reference" if check["equal"] else "DIFFERS from its reference"
        click.echo(f"  {check['op']:<17} {verdict} (largest difference {check['difference']:.1g})")
    if not findings["kernel_checks"]:
        click.echo("  all ops use their Python references: same results, but slower")
    click.echo(f"\ndata sets, searched in {', '.join(findings['data_roots'])}")
    _section("", findings["data"])
    _section(
        "plugins",
        {
            name: f"{found['origin']}, "
            + (f"QUARANTINED: {found['quarantined']}" if found["quarantined"] else "ready")
            for name, found in findings["plugins"].items()
        },
    )


def _section(title: str, rows: dict[str, Any]) -> None:
    if title:
        click.echo(f"\n{title}")
    width = max(map(len, rows), default=0)
    for name, value in rows.items():
        shown = ", ".join(map(str, value)) or "none" if isinstance(value, list) else value
        click.echo(f"  {name:<{width}}  {shown}")
