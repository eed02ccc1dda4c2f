"""`predict`: apply a trained model to files."""

from __future__ import annotations

from pathlib import Path

import click

from nntasks.cli.options import USER_PATH, json_flag, print_json


@click.command("predict")
@click.argument("target", metavar="RUN|TASK")
@click.argument("words", nargs=-1, required=True, metavar="SOURCE... [KEY=VALUE]...")
@click.option("--weights", type=USER_PATH, help="Weights file or run; required with TASK.")
@click.option("--out", type=USER_PATH, default=Path("predictions"), help="Output folder.")
@json_flag
def predict_verb(
    target: str, words: tuple[str, ...], weights: Path | None, out: Path, as_json: bool
) -> None:
    """Apply a model to files, folders or patterns; write pictures, predictions.json and .csv.

    \b
    nntasks predict runs/yolo_detect/latest photo.jpg
    nntasks predict yolo_detect --weights yolov5n.safetensors photos/ "more/*.png"
    nntasks predict yolo_detect --weights yolov5n.safetensors photos/ confidence=0.4
    """
    from nntasks.report.formatting import clean, how_many
    from nntasks.runner import prediction

    sources, keys = split_words(words)
    task, model = prediction.open_model(target, weights, [keys])
    written = prediction.predict(task, model, sources, out)
    if as_json:
        print_json({"records": written.records, "files": [str(file) for file in written.files]})
        return
    click.echo(
        f"{how_many(len(written.records), 'record')} from {how_many(written.sources, 'file')}"
    )
    for file in written.files:
        click.echo(clean(str(file).replace("\n", "\\n")))


def split_words(words: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """Separate sources from `key=value` arguments; an existing file with `=` is a source."""
    sources, keys = [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals and not Path(word).exists() and key.replace(".", "_").isidentifier():
            keys[key] = value
        else:
            sources.append(word)
    return sources, keys
