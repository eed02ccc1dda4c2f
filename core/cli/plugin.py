"""`plugin`: create and check plugins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nntasks.cli.options import json_flag, keys_argument, overrides, print_json
from nntasks.errors import CheckFailed, UsageError, did_you_mean
from nntasks.plugin_kit import KINDS

if TYPE_CHECKING:
    from nntasks.registry import Plugin, Registry
    from nntasks.testing import Finding


@click.group("plugin")
def plugin_verb() -> None:
    """Create plugins, and check plugins against their contract."""


@plugin_verb.command("new")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="Kind of entry.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Parent of the package's folder.",
)
def new(name: str, kind: str, out: Path) -> None:
    """Create a working package with a test, ready to install and modify.

    \b
    nntasks plugin new my_net --kind model
    python -m pip install -e my_net
    nntasks plugin check my_net

    NAME is the name of the package, the plugin and the entry. Existing files are not overwritten.
    """
    from nntasks.plugin_kit import write_package

    folder = write_package(name, kind, out)
    click.echo(f"written: {folder}")
    click.echo(f"next: python -m pip install -e {folder}")
    click.echo(f"then: nntasks plugin check {name}")


@plugin_verb.command("check")
@click.argument("name", required=False)
@keys_argument
@json_flag
def check(name: str | None, keys: tuple[str, ...], as_json: bool) -> None:
    """Check plugin NAME, or all third-party plugins, with one line per check.

    \b
    nntasks plugin check
    nntasks plugin check my_plugin data.points=64
    nntasks plugin check numpy_mlp

    Checks that batches repeat, that models depend on their seeds alone, that states load back with
    tied weights, that metrics obey their laws, that a resumed training equals an uninterrupted one,
    and that two processes equal one. Models, metrics and data sets are tried in the first task that
    they serve; KEY=VALUE configures it. The exit code is 4 if a check failed.
    """
    from nntasks.registry import discover
    from nntasks.testing import examine

    if name is not None and "=" in name:  # keys alone
        keys, name = (name, *keys), None
    registry = discover()
    plugins = _chosen(registry, name)
    if not plugins and not as_json:
        click.echo("only the built-in plugins are installed; name one to check it")
    configured = overrides(keys)
    findings: list[Finding] = []
    for plugin in plugins:
        for finding in examine(plugin, registry, configured):
            findings.append(finding)
            if not as_json:
                click.echo(_line(finding))
                sys.stdout.flush()
    if as_json:
        print_json({"findings": [vars(finding) for finding in findings]})
    failed = [finding for finding in findings if finding.failed]
    if failed:
        first = failed[0]
        raise CheckFailed(
            f"{len(failed)} of {len(findings)} checks failed, first {first.plugin}, "
            f"{first.subject}: {first.check}"
        )


def _chosen(registry: Registry, name: str | None) -> list[Plugin]:
    if name is None:
        return [plugin for plugin in registry.plugins if plugin.origin != "built in"]
    found = registry.labelled
    if name not in found:
        hint = did_you_mean(name, found) or f" Known: {', '.join(found)}."
        raise UsageError(f"no plugin {name!r} is installed.{hint}")
    return [found[name]]


def _line(finding: Finding) -> str:
    verdict = "FAILED" if finding.failed else "ok" if finding.checked else "not checked"
    problem = f": {finding.problem}" if finding.problem else ""
    return f"{verdict:<11}  {finding.plugin}, {finding.subject}: {finding.check}{problem}"
