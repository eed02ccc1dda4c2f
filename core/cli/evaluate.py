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
from nntasks.errors import UsageError


@click.command("evaluate")
@click.argument("run", type=USER_PATH)
@keys_argument
@seed_and_device
@click.option(
    "--shard", metavar="I/N", help="Evaluate part I of N, 1/N to N/N, and write its state to --out."
)
@click.option(
    "--out",
    type=USER_PATH,
    metavar="FILE",
    help="File to write the shard to; by default in the current folder.",
)
@click.option(
    "--merge", is_flag=True, help="Merge shards: the arguments are the files of all of them."
)
@json_flag
@all_flag
def evaluate_verb(
    run: Path,
    keys: tuple[str, ...],
    seed: str | None,
    device: str | None,
    shard: str | None,
    out: Path | None,
    merge: bool,
    as_json: bool,
    everything: bool,
) -> None:
    """Evaluate the weights of RUN again, with changed keys, as a new run.

    \b
    nntasks evaluate runs/yolo_detect/latest
    nntasks evaluate runs/yolo_detect/latest iou=0.5 data.test=500
    nntasks evaluate runs/yolo_detect/latest --shard 1/4          then 2/4, ...; on any machine
    nntasks evaluate runs/yolo_detect/latest --merge shard-*.safetensors
    """
    from nntasks import runner

    _check_words(shard, out, merge, seed or device)
    if merge:
        files = [Path(word).expanduser() for word in keys]
        result = runner.merge_shards(run, files, quiet=as_json)
    elif shard:
        layers = [overrides(keys, seed=seed, device=device)]
        part = runner.Shard.read(shard)
        file = runner.evaluate_shard(run, layers, part, out or part.file, quiet=as_json)
        _print_shard(file, as_json)
        return
    else:
        layers = [overrides(keys, seed=seed, device=device)]
        result = runner.evaluate_run(run, layers, quiet=as_json)
    if as_json:
        print_json(result.summary)
    else:
        print_result(result, everything)


def _check_words(shard: str | None, out: Path | None, merge: bool, given: str | None) -> None:
    if merge and (shard or given):
        raise UsageError("--merge takes the keys from the shards; give files alone")
    if out and not shard:
        raise UsageError("--out names the file of a shard; give --shard I/N as well")


def _print_shard(file: Path, as_json: bool) -> None:
    if as_json:
        print_json({"shard": str(file)})
    else:
        click.echo(f"shard: {file}")
