"""`score`: every convention's numbers for predictions of any program."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nntasks.cli.options import USER_PATH, json_flag, print_json, task_argument
from nntasks.errors import UsageError


@click.command("score")
@task_argument
@click.argument(
    "words", nargs=-1, required=True, metavar="[truth=PATH] found=PATH... [KEY=VALUE]..."
)
@click.option(
    "--why",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="A B",
    help="Explain why the numbers of A and B differ.",
)
@click.option(
    "--out",
    type=USER_PATH,
    help="Folder for results.json and an HTML page; by default nothing is written.",
)
@json_flag
def score_verb(
    task: str,
    words: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Score any program's predictions: every convention's numbers, and why they differ.

    \b
    nntasks score yolo_detect truth=instances_val2017.json found=results.json
    nntasks score yolo_detect truth=labels/ found=ours.json found=theirs/ images=photos/ --out o
    nntasks score yolo_detect found=runs/yolo_detect/latest
    nntasks score yolo_detect truth=a.json found=b.json --why pycocotools ultralytics
    nntasks score unet_segment truth=masks/ found=predicted/
    nntasks score cnn_classify truth=labels.csv found=probabilities.csv
    nntasks score embedding_analysis truth=wordsim353.tsv found=vectors.bin

    Formats are recognised by their content, and all faulty rows are reported before anything is
    computed. Give found= several times to compare. docs/score.md has the formats and conventions.
    """
    from nntasks.report.score_page import refuse_file, write_score
    from nntasks.scoring import score

    truth, found, options = split_words(words)
    if pairs:
        options["why"] = ",".join(":".join(pair) for pair in pairs)
    if out is not None:
        refuse_file(out)
    scores = score(task, truth, found, options=options)
    written = write_score(scores, out, sys.argv[1:]) if out is not None else []
    if as_json:
        print_json(scores.to_dict())
        return
    from nntasks.report.terminal import print_table

    for table in scores.tables:
        print_table(table)
    for note in scores.notes:
        click.echo(note)
    for file in written:
        click.echo(f"{'results' if file.suffix == '.json' else 'report'}: {file}")


def split_words(words: tuple[str, ...]) -> tuple[str | None, list[str], dict[str, str]]:
    """Separate truth, found and options; raises UsageError without found, or with two truths."""
    truths, found, options = [], [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(
                f"expected truth=PATH, found=PATH or key=value, got {word!r}; for example "
                f"found={word}"
            )
        if key == "truth":
            truths.append(value)
        elif key == "found":
            found.append(value)
        else:
            options[key] = value
    if len(truths) > 1:
        raise UsageError(f"expected truth=PATH once, got it {len(truths)} times")
    if not found:
        raise UsageError("expected found=PATH with predictions, got none")
    return (truths[0] if truths else None), found, options
